"""What encryption costs reading: the same questions to the workspace's file and to a plain copy of it, by the same
SQLite with the same page size and cache."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2
from sqlalchemy import Engine, create_engine, event

from bench.measures import Measure, Size, in_turns, timed
from bench.villages import CLOCK, SEED, VILLAGE, empty_village, rows_of_persons, rows_of_village, write_persons
from desktop_app.households.queries import list_households
from desktop_app.households.search import search_persons
from desktop_app.storage.unit_of_work import read_only
from desktop_app.storage.workspace import DATABASE_FILE, Workspace

_ONE = "SELECT name, id_number, phone FROM person WHERE village = ? AND id = ?"
_SCAN = "SELECT count(*) FROM person NOT INDEXED WHERE village = ? AND note IS NULL AND phone LIKE '%0000%'"


def measure(size: Size, work: Path) -> list[Measure]:
    """A village as villages are, from a file just opened and again; then very many people, more than a cache holds."""
    usual = empty_village(work / "usual")
    write_persons(usual, rows_of_village(size.households, size.persons))
    large = empty_village(work / "large")
    write_persons(large, rows_of_persons(size.search_persons))
    village, many, lookups = (
        f"{size.households:,} households",
        f"{size.search_persons:,} persons",
        size.search_persons // 5,
    )
    measures = [
        _compare(size, usual, f"list of {village}, file just opened", _list, anew=True),
        _compare(size, usual, f"list of {village}", _list),
        _compare(size, usual, f"search of {size.persons:,} persons, file just opened", _search, anew=True),
        _compare(size, large, f"{lookups:,} of {many} by their key", partial(_look_up, _ids(large, lookups))),
        _compare(size, large, f"scan of the whole table of {many}", _scan),
    ]
    usual.close()
    large.close()
    return measures


def _compare(
    size: Size, workspace: Workspace, name: str, read: Callable[[Engine], object], *, anew: bool = False
) -> Measure:
    """`anew`: from a connection that remembers nothing yet."""
    plain = _plain_copy(workspace)

    def deed(engine: Engine) -> Callable[[], float]:
        def run() -> float:
            if anew:
                engine.dispose()
            return timed(lambda: read(engine))()

        return run

    read(workspace.engine), read(plain)
    told = in_turns(size.rounds, product=deed(workspace.engine), floor=deed(plain))
    plain.dispose()
    return Measure(name, told["product"], "s", floor=told["floor"], floor_name="not encrypted", bar=2.0)


def _plain_copy(workspace: Workspace) -> Engine:
    path = workspace.folder.with_name(f"{workspace.folder.name}.plain.db")
    source = workspace.folder / DATABASE_FILE
    if not path.exists():
        with closing(sqlcipher3.dbapi2.connect(str(source))) as raw:
            raw.execute(f"PRAGMA key = \"x'{workspace.key.hex()}'\"")
            raw.execute("ATTACH DATABASE ? AS plain KEY ''", (str(path),))
            raw.execute("SELECT sqlcipher_export('plain')")
    engine = create_engine(f"sqlite:///{path}", module=sqlcipher3.dbapi2, pool_size=4)

    @event.listens_for(engine, "connect")
    def _as_ours(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA cache_size = -16000")

    return engine


def _list(engine: Engine) -> None:
    with read_only(engine, village=VILLAGE, clock=CLOCK) as reader:
        list_households(reader)


def _search(engine: Engine) -> None:
    with read_only(engine, village=VILLAGE, clock=CLOCK) as reader:
        search_persons(reader, "建国")


def _ids(workspace: Workspace, count: int) -> list[str]:
    with workspace.engine.connect() as connection:
        ids = connection.exec_driver_sql("SELECT id FROM person ORDER BY id").scalars().all()
    return random.Random(SEED).choices(ids, k=count)


def _look_up(ids: list[str], engine: Engine) -> None:
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        for one in ids:
            raw.execute(_ONE, (VILLAGE, one)).fetchone()


def _scan(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql(_SCAN, (VILLAGE,)).scalar()
