"""What an exchange with the county sends over the wire, between real processes and counted by a proxy in between."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from bench.fault_proxy import FaultProxy, Traffic, fault_proxy
from bench.measures import Measure, Size
from bench.villages import PASSPHRASE, SEED, VILLAGE, empty_village, rows_of_village
from desktop_app.bootstrap import open_with_key
from desktop_app.demo.people import phone_number, write_sheet
from desktop_app.storage.key_file import unlock_key
from desktop_app.storage.workspace import KEY_FILE, Workspace
from desktop_app.sync.enrolment import join_county
from village_core.domain.clock import SystemClock
from village_core.records.households import Person

_ROLES = ("报账员", "文书")
CERTIFICATES = Path(__file__).resolve().parent.parent / "tests" / "sync_e2e" / "certificates"
"""Made for tests; a benchmark keeps no secrets."""


def measure(size: Size, work: Path) -> list[Measure]:
    """Laptop A brings a whole village up and laptop B takes it down, then 50 changes the same way, then nothing."""
    sheet = work / "village.xlsx"
    rows = rows_of_village(size.households, size.persons)
    write_sheet(sheet, rows)
    laptops = [empty_village(work / name) for name in ("laptop-a", "laptop-b")]
    with running_county(work) as (address, codes), fault_proxy(address) as proxy:
        for laptop, code in zip(laptops, codes, strict=True):
            join_county(laptop, url=f"http://127.0.0.1:{proxy.port}", code=code)
            laptop.close()
        a, b = (laptop.folder for laptop in laptops)
        _command(a, "import", "households", str(sheet))
        proxy.take()
        whole = f"whole village of {size.households:,} households and {len(rows):,} persons"
        measures = [
            *_told(f"{whole}, up", _sync(a, proxy), bar_kb=700),
            *_told(f"{whole}, down", _sync(b, proxy), bar_kb=500),
        ]
        _sync(a, proxy)
        measures += _told("nothing to do", _sync(a, proxy), bar_kb=0.6, bar_turns=1)
        change_rows(a, size.changed_rows)
        measures += [
            *_told(f"{size.changed_rows} changed rows, up", _sync(a, proxy), bar_kb_up=2.5),
            *_told(f"{size.changed_rows} changed rows, down", _sync(b, proxy)),
        ]
    return measures


def _told(
    name: str,
    exchange: tuple[Traffic, float],
    *,
    bar_kb: float | None = None,
    bar_kb_up: float | None = None,
    bar_turns: int | None = None,
) -> list[Measure]:
    traffic, seconds = exchange
    both = Measure(name, traffic.total / 1000, "kB", bar=bar_kb)
    up = Measure("  of that up", traffic.up / 1000, "kB", bar=bar_kb_up)
    return [
        both,
        up,
        Measure("  turns", traffic.turns, "", bar=bar_turns),
        Measure("  the command `tiangeng sync`, Argon2 included", seconds, "s"),
    ]


def _sync(folder: Path, proxy: FaultProxy) -> tuple[Traffic, float]:
    """One `tiangeng sync` in a process of its own. What the program counted itself must be what the wire carried."""
    start = time.perf_counter()
    told = _command(folder, "sync")
    seconds = time.perf_counter() - start
    traffic = proxy.take()
    assert told["equal"], told
    assert (told["bytes_up"], told["bytes_down"]) == (traffic.up, traffic.down), (told, traffic)
    assert told["round_trips"] == traffic.turns, (told, traffic)
    return traffic, seconds


def _command(folder: Path, *arguments: str) -> dict[str, object]:
    command = [sys.executable, "-m", "desktop_app", "--data", str(folder), "--json", *arguments]
    environment = os.environ | {"TIANGENG_PASSPHRASE": PASSPHRASE}
    answer = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    if answer.returncode:
        raise SystemExit(f"tiangeng {' '.join(arguments)}: {answer.returncode} {answer.stdout}")
    told: dict[str, object] = json.loads(answer.stdout)
    return told


def change_rows(folder: Path, count: int) -> None:
    """`change_persons` in a workspace that nobody has open."""
    workspace = open_with_key(folder, unlock_key(folder / KEY_FILE, PASSPHRASE), clock=SystemClock())
    change_persons(workspace, count)
    workspace.close()


def change_persons(workspace: Workspace, count: int) -> None:
    """A week's work: another phone number and state of health of every so-and-so-many-th person."""
    rng = random.Random(SEED)
    with workspace.unit_of_work(reason="改农户资料") as uow:
        persons = uow.session.scalars(select(Person).where(Person.village == VILLAGE).order_by(Person.number)).all()
        for person in persons[:: max(1, len(persons) // count)][:count]:
            person.phone, person.health = phone_number(rng), rng.choice(("长期慢性病", "患有大病", "残疾"))
        uow.commit()


@contextmanager
def running_county(work: Path, *, tls: bool = False) -> Iterator[tuple[tuple[str, int], list[str]]]:
    """A county server as a process of its own, on SQLite; its address and an enrolment code for each role."""
    county = [sys.executable, "-m", "county_server", "--db", str(work / "county.db")]
    _run(county, "village", "add", VILLAGE, "太平村")
    codes = [json.loads(_run(county, "enrol", VILLAGE, "--role", role, "--json"))["code"] for role in _ROLES]
    certificate = ["--cert", str(CERTIFICATES / "server.pem"), "--key", str(CERTIFICATES / "server.key")] if tls else []
    serve = [*county, "serve", "--listen", "127.0.0.1:0", *certificate]
    server = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        host, port = server.stdout.readline().strip().rpartition("//")[2].split(":")
        yield (host, int(port)), codes
    finally:
        server.terminate()
        server.wait()


def _run(command: list[str], *arguments: str) -> str:
    return subprocess.run([*command, *arguments], stdout=subprocess.PIPE, text=True, check=True).stdout
