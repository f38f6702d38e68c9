"""What keeping every change costs: inserting and changing people with the triggers and without them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import text

from bench.measures import Measure, Size, in_turns, timed
from bench.villages import VILLAGE, empty_village
from desktop_app.storage.workspace import Workspace
from village_core.domain.ids import new_id
from village_core.exchange.triggers import CLOCK_FUNCTION, existing_triggers

_INSERT_BAR = 12.0
"""Microseconds."""
_HOUSEHOLD = "INSERT INTO household (village, id, number) VALUES (?, ?, ?)"
_PERSON = (
    "INSERT INTO person (village, id, household_id, name, id_number, relation, sex, phone)"
    " VALUES (?, ?, ?, '李建国', ?, '户主', '男', '13800000000')"
)
_UPDATE = "UPDATE person SET phone = ? WHERE village = ? AND id = ?"
_CONTEXT = f"UPDATE change_context SET tx = tx + 1, clock = {CLOCK_FUNCTION}()"


def measure(size: Size, work: Path) -> list[Measure]:
    """One transaction of inserts and one of single-row updates, per row, on encrypted files in WAL."""
    watched, bare = empty_village(work / "watched"), empty_village(work / "bare")
    with bare.engine.execution_options(write=True).begin() as connection:
        for name in existing_triggers(connection):
            connection.execute(text(f'DROP TRIGGER "{name}"'))
    numbers = itertools.count()
    household = new_id().hex
    for workspace in (watched, bare):
        with workspace.engine.execution_options(write=True).begin() as connection:
            connection.exec_driver_sql(_HOUSEHOLD, (VILLAGE, household, "1"))
    keys = [new_id().hex for _ in range(size.captured_rows)]

    def insert(workspace: Workspace) -> float:
        rows = [(VILLAGE, new_id().hex, household, f"5323271980{next(numbers):08d}") for _ in keys]
        return _run(workspace, _PERSON, rows)

    def update(workspace: Workspace) -> float:
        phone = f"139{next(numbers):08d}"
        return _run(workspace, _UPDATE, [(phone, VILLAGE, key) for key in keys])

    for workspace in (watched, bare):
        _run(workspace, _PERSON, [(VILLAGE, key, household, f"row {key}") for key in keys])
    told = in_turns(
        size.rounds,
        insert=lambda: insert(watched),
        insert_floor=lambda: insert(bare),
        update=lambda: update(watched),
        update_floor=lambda: update(bare),
    )
    watched.close()
    bare.engine.dispose()
    micro = 1e6 / len(keys)
    measures = []
    for deed, bar in (("insert", _INSERT_BAR), ("update", None)):
        figure, floor = told[deed] * micro, told[f"{deed}_floor"] * micro
        measures.append(
            Measure(f"{deed} of a person, captured", figure, "µs", floor=floor, floor_name="without triggers")
        )
        measures.append(Measure("  of that the capture", figure - floor, "µs", bar=bar))
    return measures


def _run(workspace: Workspace, statement: str, rows: Sequence[tuple[str, ...]]) -> float:
    def write() -> None:
        with workspace.engine.execution_options(write=True).begin() as connection:
            connection.exec_driver_sql(_CONTEXT)
            connection.exec_driver_sql(statement, list(rows))

    return timed(write)()
