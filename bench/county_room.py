"""`python -m bench.county_room`: what a village, its changes and its photos take on the county's disk, and in a dump.

A real PostgreSQL, a real laptop, 2,000 households and 7,000 persons; prints one line for each, in bytes.
"""

from __future__ import annotations

import hashlib
import random
import subprocess
import tempfile
from pathlib import Path

from sqlalchemy import Engine, text

from bench.villages import rows_of_village
from county_server.admin.service import add_village
from county_server.engine import writing
from county_server.migrate import open_migrated
from county_server.sync.chunks import accept_chunks
from county_server.sync.content_room import ContentLimits
from desktop_app.bootstrap import create_workspace
from desktop_app.demo.people import write_sheet
from desktop_app.households.service import import_households
from tests.counties import County
from tests.laptops import Laptop, join
from tests.postgres import find_binaries, running_postgres
from tests.workspaces import PASSPHRASE, VILLAGE
from village_core.domain.clock import SystemClock
from village_core.exchange.chunks import iterate_chunks
from village_core.records.households import Household

_COPIES, _ORIGINALS = 100, 10
_EDITS = 4


def main() -> None:
    """Measure and print."""
    with running_postgres() as server, tempfile.TemporaryDirectory() as folder:
        county = County(f"{server}/room", open_migrated(f"{server}/room"), SystemClock())
        add_village(county.engine, VILLAGE, "太平村", clock=county.clock)
        before = _tell("empty database", _size(county.engine))
        laptop = _village(county, Path(folder))
        laptop.sync()
        full = _tell("a village of 2,000 households and 7,000 persons", _size(county.engine), less=before)
        count = _edit_all(laptop)
        edited = _size(county.engine)
        print(f"{(edited - full) / count:,.0f}  each of {count:,} changed rows, in {_EDITS} exchanges")
        _dump(server, "dump of it")
        for count, size, words in (
            (_COPIES, 20_000, "small copies of 20,000"),
            (_COPIES, 300_000, "larger copies of 300,000"),
            (_ORIGINALS, 3_000_000, "originals of 3,000,000"),
        ):
            kept = _blobs(county.engine)
            _put(county, count, size)
            print(f"{(_blobs(county.engine) - kept) / (count * size):.3f}  of their bytes: {count} {words}")
        _dump(server, "dump with these photos")
        _dump(server, "dump without photos", "--exclude-table-data=blob*")
        county.engine.dispose()


def _village(county: County, folder: Path) -> Laptop:
    workspace = create_workspace(
        folder / "workspace", village=VILLAGE, name="太平村", person="李琼仙", passphrase=PASSPHRASE
    )
    write_sheet(folder / "village.xlsx", rows_of_village(2000, 7000))
    import_households(workspace, folder / "village.xlsx")
    laptop = Laptop(workspace, county)
    join(laptop, "报账员")
    return laptop


def _edit_all(laptop: Laptop) -> int:
    count = 0
    for turn in range(_EDITS):
        with laptop.workspace.unit_of_work(reason="入户核实") as uow:
            for row in uow.session.query(Household):
                row.note = f"第 {turn + 1} 次入户核实，情况没有变化"
                count += 1
            uow.commit()
        laptop.sync()
    return count


def _put(county: County, count: int, size: int) -> None:
    for seed in range(count):
        content = random.Random(size + seed).randbytes(size)
        with writing(county.engine) as connection:
            accept_chunks(
                connection,
                VILLAGE,
                hashlib.sha256(content).hexdigest(),
                size=size,
                chunks=iterate_chunks(content),
                device=1,
                limits=ContentLimits(),
                clock=county.clock,
            )


def _size(engine: Engine) -> int:
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM"))
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")))


def _blobs(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text("SELECT pg_total_relation_size('blob')")))


def _dump(server: str, words: str, *options: str) -> None:
    command = [str(find_binaries() / "pg_dump"), "-Fc", *options, f"{server}/room"]
    print(f"{len(subprocess.run(command, capture_output=True, check=True).stdout):,}  {words}")


def _tell(words: str, size: int, *, less: int = 0) -> int:
    print(f"{size - less:,}  {words}", flush=True)
    return size


if __name__ == "__main__":
    main()
