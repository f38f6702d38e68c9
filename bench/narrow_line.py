"""The exchange over a line of 64 kbit/s and half a second there and back, as in a mountain village.

TLS where it does not say otherwise. Measured is the exchange alone, in an open workspace; the county is a process of
its own behind the proxy. To open a TCP connection costs nothing there: on a real line it is half a second more. Nothing
to do is one turn, and with TLS 1.3 one more for the handshake, which its bar of 1.2 s does not count.
"""

from __future__ import annotations

import time
from pathlib import Path

from bench.fault_proxy import FaultProxy, Faults, fault_proxy
from bench.measures import FULL, Measure, Size
from bench.sync_traffic import CERTIFICATES, change_persons, running_county
from bench.villages import empty_village, rows_of_village
from desktop_app.demo.people import write_sheet
from desktop_app.households.service import import_households
from desktop_app.storage.workspace import Workspace
from desktop_app.sync.enrolment import join_county
from desktop_app.sync.loop import exchange

_NARROW, _FOR_A_GLANCE = Faults(rtt=0.5, kbit=64), Faults(rtt=0.02, kbit=6400)


def measure(size: Size, work: Path) -> list[Measure]:
    """A whole village up, and down to a second laptop; 50 changes; nothing. First without TLS, the rest with it."""
    line = _NARROW if size == FULL else _FOR_A_GLANCE
    plain, secured = work / "plain", work / "secured"
    for folder in (plain, secured):
        folder.mkdir()
    return [*_without_tls(plain, line), *_with_tls(size, secured, line)]


def _without_tls(work: Path, line: Faults) -> list[Measure]:
    with running_county(work) as (address, codes), fault_proxy(address, line) as proxy:
        laptop = empty_village(work / "laptop")
        join_county(laptop, url=f"http://127.0.0.1:{proxy.port}", code=codes[0])
        exchange(laptop)
        told = _told("nothing to do, without TLS", laptop, proxy, bar=1.2)
        laptop.close()
    return told


def _with_tls(size: Size, work: Path, line: Faults) -> list[Measure]:
    sheet = work / "village.xlsx"
    rows = rows_of_village(size.households, size.persons)
    write_sheet(sheet, rows)
    a, b = (empty_village(work / name) for name in ("laptop-a", "laptop-b"))
    with running_county(work, tls=True) as (address, codes), fault_proxy(address) as proxy:
        for laptop, code in zip((a, b), codes, strict=True):
            join_county(laptop, url=f"https://127.0.0.1:{proxy.port}", code=code, ca_file=CERTIFICATES / "ca.pem")
        import_households(a, sheet)
        proxy.faults = line
        whole = f"whole village of {size.households:,} households and {len(rows):,} persons"
        measures = [*_told(f"{whole}, up", a, proxy, bar=90), *_told(f"{whole}, down", b, proxy, bar=90)]
        exchange(a)
        measures += _told("nothing to do", a, proxy)
        change_persons(a, size.changed_rows)
        measures += _told(f"{size.changed_rows} changed rows, up", a, proxy, bar=1.8)
        for laptop in (a, b):
            laptop.close()
    return measures


def _told(name: str, laptop: Workspace, proxy: FaultProxy, *, bar: float | None = None) -> list[Measure]:
    proxy.take()
    start = time.perf_counter()
    report = exchange(laptop, total=None)
    seconds = time.perf_counter() - start
    traffic = proxy.take()
    assert report.equal, report
    return [
        Measure(f"64 kbit/s, 500 ms: {name}", seconds, "s", bar=bar),
        Measure("  on the wire", traffic.total / 1000, "kB"),
        Measure("  turns", report.round_trips, ""),
    ]
