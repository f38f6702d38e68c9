"""How long until the start page of a whole village has come to rest, against an empty window with a table."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.measures import Measure, Size
from bench.villages import full_village
from tests.notices.cases import carry_case, fill_in_village
from village_core.domain.relief.steps import StepKind


def measure(size: Size, work: Path) -> list[Measure]:
    """A village with people, settings and a running case; on a virtual X screen and offscreen; without Argon2."""
    workspace = full_village(work / "village", size.households)
    fill_in_village(workspace)
    carry_case(workspace, upto=StepKind.NOTICE_POSTED)
    folder, key = workspace.folder, workspace.key.hex()
    workspace.close()
    empty = [sys.executable, "-m", "bench.start_empty"]
    product = [sys.executable, "-m", "bench.start_product", str(folder), "start"]
    from_key = [sys.executable, "-m", "bench.start_product", str(folder), "key"]
    measures = []
    with _screens() as screens:
        for screen, environment in screens.items():
            for command in (product, from_key, empty):
                start_once(command, environment, key)
            products, opened, floors = [], [], []
            for _ in range(size.rounds):
                floors.append(start_once(empty, environment))
                products.append(start_once(product, environment, key))
                opened.append(start_once(from_key, environment, key))
            seconds, key_seconds, floor_seconds = (min(r.seconds for r in runs) for runs in (products, opened, floors))
            work_done, floor_work = (min(run.cpu_seconds for run in runs) for runs in (products, floors))
            memory, floor_memory = (max(run.memory_mb for run in runs) for runs in (products, floors))
            name, empty_name = f"{size.households:,} households, {screen}", "empty window with a table"
            measures += [
                Measure(
                    f"key → settled, {name}", key_seconds, "s", floor=floor_seconds, floor_name=empty_name, bar=2.3
                ),
                Measure(
                    f"process → settled, {name}", seconds, "s", floor=floor_seconds, floor_name=empty_name, bar=2.3
                ),
                Measure("  its work (CPU)", work_done, "s", floor=floor_work, floor_name=empty_name),
                Measure("  its memory (PSS)", memory, "MB", bar=130),
                Measure("  memory of the empty window", floor_memory, "MB"),
            ]
    return measures


@contextmanager
def _screens() -> Iterator[dict[str, dict[str, str]]]:
    """The environments to measure in, by name."""
    plain = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "PYTHONDONTWRITEBYTECODE")}
    offscreen = {"offscreen": plain | {"QT_QPA_PLATFORM": "offscreen"}}
    if shutil.which("Xvfb") is None:
        yield offscreen
        return
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1366x768x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            display = told.readline().strip()
        yield {"Xvfb": plain | {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{display}"}} | offscreen
    finally:
        server.terminate()
        server.wait()


@dataclass(frozen=True)
class _Run:
    """Seconds from the start of the process (or from the key) to rest; all of its work; its memory."""

    seconds: float
    cpu_seconds: float
    memory_mb: float


def start_once(command: list[str], environment: dict[str, str], key: str = "") -> _Run:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.monotonic()
    run = subprocess.run(command, env=environment, input=f"{key}\n", capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(run.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = json.loads(run.stdout)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return _Run(seconds=told["settled"] - (told["since"] or begin), cpu_seconds=cpu, memory_mb=told["memory_mb"])
