"""`python -m tests.fuzz SECONDS [DOOR …]`: try the doors in turn, keep what was found in the corpus.

Where atheris is installed two thirds of the time are its own (`guided`), which follows what each try reaches; it has
no wheel for Windows or macOS, and there the whole time is the mutator's.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.door import CORPUS
from tests.fuzz.doors import DOORS
from tests.fuzz.trying import FindingError, try_door


def fuzz(name: str, seconds: float) -> tuple[int, int]:
    """Tries and findings; each finding is made as small as Hypothesis can and kept."""
    door, end = DOORS[name], time.monotonic() + seconds
    tries = found = 0
    last = b""
    told: set[str] = set()

    while time.monotonic() < end:

        @seed(time.time_ns())
        @settings(
            max_examples=2000,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(door.hostile())
        def many(data: bytes) -> None:
            nonlocal tries, last
            if time.monotonic() > end:
                return
            tries += 1
            try:
                try_door(door, data)
            except FindingError as finding:
                if str(finding) not in told:
                    last = data
                    raise

        try:
            many()
        except FindingError as finding:
            told.add(str(finding))
            found += 1
            path = CORPUS / name / f"found-{hashlib.sha256(last).hexdigest()[:12]}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(last)
            sys.stdout.write(f"{name}: {finding} → {path}\n")
    return tries, found


def fuzz_guided(name: str, seconds: float) -> tuple[int, int, str]:
    """Tries, findings, and how much of our code was reached, by atheris in a process of its own."""
    command = [sys.executable, "-m", "tests.fuzz.guided", name, str(max(int(seconds), 1))]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", cwd=Path(__file__).parents[2])
    found = done.stdout.splitlines()
    for line in found:
        sys.stdout.write(line + "\n")
    tries = re.findall(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    reached = re.findall(r"cov: (\d+)", done.stderr)
    if done.returncode:
        # It was killed, or killed itself: by time, by memory, or by a defect below Python.
        sys.stdout.write(f"{name}: ended with {done.returncode}, see .fuzz\n{done.stderr[-2000:]}\n")
    return int(tries[-1]) if tries else 0, len(found) + bool(done.returncode), reached[-1] if reached else "?"


def main(arguments: list[str]) -> int:
    seconds = float(arguments[0]) if arguments else 60
    names = arguments[1:] or list(DOORS)
    guided = find_spec("atheris") is not None
    if not guided:
        sys.stdout.write("atheris is not installed (it is published for Linux only): tries without its guidance\n")
    findings = 0
    for name in names:
        share = seconds / len(names)
        tries, found = fuzz(name, share / 3 if guided else share)
        told = f"{name:16} {tries:9,} tries"
        if guided:
            more, found_too, reached = fuzz_guided(name, share * 2 / 3)
            found += found_too
            told += f" + {more:9,} guided, {reached} places reached"
        findings += found
        sys.stdout.write(f"{told}, {found} findings\n")
        sys.stdout.flush()
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
