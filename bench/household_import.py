"""Importing persons from Excel, against reading the same sheet and writing its rows as they are."""

from __future__ import annotations

import itertools
import secrets
from pathlib import Path

import sqlcipher3.dbapi2
from python_calamine import CalamineWorkbook

from bench.measures import Measure, Size, in_turns, timed
from bench.villages import empty_village, rows_of_persons
from desktop_app.demo.people import write_sheet
from desktop_app.households.service import import_households


def measure(size: Size, work: Path) -> list[Measure]:
    """In one process after all imports; each round takes a workspace of its own."""
    sheet = work / "persons.xlsx"
    write_sheet(sheet, rows_of_persons(size.import_persons))
    numbers = itertools.count()

    def product() -> float:
        workspace = empty_village(work / f"import-{next(numbers)}")
        try:
            return timed(lambda: import_households(workspace, sheet))()
        finally:
            workspace.close()

    def floor() -> float:
        return timed(lambda: _read_and_insert(sheet, work / f"floor-{next(numbers)}.db"))()

    product(), floor()
    told = in_turns(size.rounds, product=product, floor=floor)
    return [
        Measure(
            f"import of {size.import_persons:,} persons",
            told["product"],
            "s",
            floor=told["floor"],
            floor_name="calamine read + raw encrypted insert",
            bar=3.0,
        )
    ]


def _read_and_insert(sheet: Path, database: Path) -> None:
    rows = CalamineWorkbook.from_path(str(sheet)).get_sheet_by_index(0).to_python()
    width = max(len(row) for row in rows)
    connection = sqlcipher3.dbapi2.connect(str(database), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{secrets.token_hex(32)}'\"")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"CREATE TABLE sheet ({', '.join(f'c{n}' for n in range(width))})")
    connection.executemany(f"INSERT INTO sheet VALUES ({', '.join('?' * width)})", rows)
    connection.execute("COMMIT")
    connection.close()
