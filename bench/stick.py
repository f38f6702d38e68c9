"""What an exchange by USB stick weighs and takes: the file beside what the line would carry of the same batches."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from bench.measures import Measure, Size, timed
from bench.sync_traffic import change_rows
from bench.villages import PASSPHRASE, VILLAGE, empty_village, rows_of_village
from county_server.admin.service import add_village, issue_code
from county_server.auth.enrolment import enrol
from county_server.migrate import open_migrated
from county_server.sync.bundle_answers import write_answer
from county_server.sync.bundles import read_bundle as read_at_county
from desktop_app.bootstrap import open_with_key
from desktop_app.demo.people import write_sheet
from desktop_app.households.service import import_households
from desktop_app.storage.key_file import unlock_key
from desktop_app.storage.workspace import KEY_FILE, Workspace
from desktop_app.sync.bundle import write_bundle
from desktop_app.sync.bundle_reading import read_bundle
from desktop_app.sync.enrolment import join_county
from desktop_app.sync.outbox import freeze_all
from desktop_app.sync.state import find_link
from desktop_app.sync.transport import Line
from village_core.domain.clock import SystemClock
from village_core.exchange.messages import encode

_WHOLE_KB, _CHANGES_KB = 467.582, 2.4
"""A prototype needed 467,582 and 2,246 bytes; age itself varies by 150 bytes from file to file."""


class _Counter(Line):
    """Enrols without a server."""

    def __init__(self, county: Engine) -> None:
        super().__init__("http://127.0.0.1:1")
        self._county = county

    def _turn(self, method: str, path: str, body: bytes, *, ticket: str, **more: object) -> tuple[int, bytes]:
        del method, path, ticket, more
        return 200, encode(enrol(self._county, body, clock=SystemClock()))


def measure(size: Size, work: Path) -> list[Measure]:
    """Laptop A carries a whole village to the county, laptop B fetches it; then 50 changes the same way."""
    clock = SystemClock()
    county = open_migrated(str(work / "county.db"))
    add_village(county, VILLAGE, "太平村", clock=clock)
    a, b = (_laptop(county, work / name, role) for name, role in (("a", "报账员"), ("b", "文书")))
    rows = rows_of_village(size.households, size.persons)
    write_sheet(work / "village.xlsx", rows)
    import_households(a, work / "village.xlsx")
    whole = f"whole village of {size.households:,} households and {len(rows):,} persons"
    full = size.households >= 2_000
    measures = _journey(county, a, work, whole, bar_kb=_WHOLE_KB if full else None)
    measures += _fetch(county, b, work, whole)
    a.close()
    change_rows(a.folder, size.changed_rows)
    a = open_with_key(a.folder, unlock_key(a.folder / KEY_FILE, PASSPHRASE), clock=clock)
    measures += _journey(county, a, work, f"{size.changed_rows} changed rows", bar_kb=_CHANGES_KB if full else None)
    a.close()
    b.close()
    county.dispose()
    return measures


def _journey(county: Engine, laptop: Workspace, work: Path, what: str, *, bar_kb: float | None) -> list[Measure]:
    link = find_link(laptop)
    assert link is not None
    stick = work / f"stick-{len(list(work.iterdir()))}"
    stick.mkdir()
    batches = sum(len(one.content) + len(one.signature) for one in freeze_all(laptop, link)) / 1000
    written = write_bundle(laptop, stick)
    [file] = written.paths
    again = timed(lambda: write_bundle(laptop, stick / "again.vsb"))()
    read = timed(lambda: read_at_county(county, file, clock=SystemClock()))()
    [back] = write_answer(county, link.device, stick, clock=SystemClock())
    settle = timed(lambda: read_bundle(laptop, back.path))()
    return [
        Measure(f"{what}, on a stick", written.bytes / 1000, "kB", bar=bar_kb),
        Measure("  of that the batches, as they go by line", batches, "kB"),
        Measure("  the way back", back.path.stat().st_size / 1000, "kB"),
        Measure("  written, flushed and read back", again, "s"),
        Measure("  read and carried out by the county", read, "s"),
        Measure("  the way back read by the laptop", settle, "s"),
    ]


def _fetch(county: Engine, laptop: Workspace, work: Path, what: str) -> list[Measure]:
    link = find_link(laptop)
    assert link is not None
    stick = work / "fetch"
    stick.mkdir()
    [asking] = write_bundle(laptop, stick).paths
    read_at_county(county, asking, clock=SystemClock())
    [back] = write_answer(county, link.device, stick, clock=SystemClock())
    settle = timed(lambda: read_bundle(laptop, back.path))()
    return [
        Measure(f"{what}, fetched by stick", back.path.stat().st_size / 1000, "kB"),
        Measure("  of that the file that asks", asking.stat().st_size / 1000, "kB"),
        Measure("  read by the laptop", settle, "s"),
    ]


def _laptop(county: Engine, folder: Path, role: str) -> Workspace:
    laptop = empty_village(folder)
    code = issue_code(county, VILLAGE, role=role, clock=SystemClock())
    join_county(laptop, url="http://127.0.0.1:1", code=code, line=_Counter(county))
    return laptop
