"""What keeping every change costs: inserting and changing people with the triggers and without them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlcipher3.dbapi2
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
    """One transaction of inserts and one of single-row updates, per row, on encrypted files in WAL; and the inserts in
    memory, as other triggers than ours were measured for the design."""
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

    def new_rows() -> list[tuple[str, ...]]:
        return [(VILLAGE, new_id().hex, household, f"5323271980{next(numbers):08d}") for _ in keys]

    def insert(workspace: Workspace) -> float:
        return _run(workspace, _PERSON, new_rows())

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
    schema = _Schema.of(watched)
    told |= in_turns(
        size.rounds,
        memory=lambda: _run_in_memory(schema, triggers=True, rows=new_rows()),
        memory_floor=lambda: _run_in_memory(schema, triggers=False, rows=new_rows()),
    )
    watched.close()
    bare.engine.dispose()
    micro = 1e6 / len(keys)
    measures = []
    for deed, name, bar in (
        ("insert", "insert of a person, captured", _INSERT_BAR),
        ("update", "update of a person, captured", None),
        ("memory", "insert of a person, captured, in memory", _INSERT_BAR),
    ):
        figure, floor = told[deed] * micro, told[f"{deed}_floor"] * micro
        measures.append(Measure(name, figure, "µs", floor=floor, floor_name="without triggers"))
        measures.append(Measure("  of that the capture", figure - floor, "µs", bar=bar))
    return measures


@dataclass(frozen=True)
class _Schema:
    """A laptop's tables, indexes and triggers as statements, and its context row."""

    tables: tuple[str, ...]
    triggers: tuple[str, ...]
    context: tuple[object, ...]

    @classmethod
    def of(cls, workspace: Workspace) -> _Schema:
        query = "SELECT type, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        with workspace.engine.connect() as connection:
            rows = sorted(connection.execute(text(query)).tuples(), key=lambda row: row[0] == "index")
            context = connection.execute(text("SELECT * FROM change_context")).one()
        triggers = tuple(sql for kind, sql in rows if kind == "trigger")
        return cls(tuple(sql for kind, sql in rows if kind != "trigger"), triggers, tuple(context))


def _run_in_memory(schema: _Schema, *, triggers: bool, rows: Sequence[tuple[str, ...]]) -> float:
    connection = sqlcipher3.dbapi2.connect(":memory:", isolation_level=None)
    connection.create_function(CLOCK_FUNCTION, 0, lambda: 1)
    for statement in (*schema.tables, *(schema.triggers if triggers else ())):
        connection.execute(statement)
    marks = ", ".join("?" * len(schema.context))
    connection.execute(f"INSERT INTO change_context VALUES ({marks})", schema.context)
    connection.execute(_HOUSEHOLD, (VILLAGE, rows[0][2], "1"))

    def write() -> None:
        connection.execute("BEGIN")
        connection.execute(_CONTEXT)
        connection.executemany(_PERSON, rows)
        connection.execute("COMMIT")

    seconds = timed(write)()
    connection.close()
    return seconds


def _run(workspace: Workspace, statement: str, rows: Sequence[tuple[str, ...]]) -> float:
    def write() -> None:
        with workspace.engine.execution_options(write=True).begin() as connection:
            connection.exec_driver_sql(_CONTEXT)
            connection.exec_driver_sql(statement, list(rows))

    return timed(write)()
