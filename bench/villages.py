"""Real encrypted workspaces filled with made-up people, for the benchmarks."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from desktop_app.bootstrap import create_workspace
from desktop_app.demo.people import Row, make_village, write_sheet
from desktop_app.storage.workspace import Workspace
from village_core.domain.clock import FixedClock

VILLAGE = "532327101201"
PASSPHRASE = "量一量田埂有多快"
CLOCK = FixedClock(datetime(2026, 11, 22, 2, 0, tzinfo=UTC))
SEED = 20261122
_PERSON_HEADERS = ("人编号", "姓名", "证件号码", "与户主关系", "性别", "民族", "健康状况", "联系电话")
_HOUSEHOLD = "INSERT INTO household (village, id, number, head_name, group_name, kind) VALUES (?, ?, ?, ?, ?, ?)"
_PERSON = (
    "INSERT INTO person (village, id, household_id, number, name, id_number, relation, sex, ethnicity, health, phone)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


def empty_village(folder: Path) -> Workspace:
    """A workspace with its first person and nobody else."""
    return create_workspace(folder, village=VILLAGE, name="太平村", person="李琼仙", passphrase=PASSPHRASE, clock=CLOCK)


def full_village(folder: Path, households: int) -> Workspace:
    """A workspace with that many imported households."""
    from desktop_app.households.service import import_households

    workspace = empty_village(folder)
    sheet = folder.with_name(f"{folder.name}.xlsx")
    write_sheet(sheet, make_village(SEED, households))
    import_households(workspace, sheet)
    return workspace


def rows_of_persons(persons: int) -> list[Row]:
    """At least that many rows, cut to the number: whole households but for the last."""
    return make_village(SEED, persons // 3 + 1)[:persons]


def rows_of_village(households: int, persons: int) -> list[Row]:
    """That many households with at most that many people: members from the end are left away, heads never."""
    rows = make_village(SEED, households)
    surplus = max(0, len(rows) - max(persons, households))
    for place in range(len(rows) - 1, -1, -1):
        if surplus and rows[place]["与户主关系"] != "户主":
            del rows[place]
            surplus -= 1
    return rows


def write_persons(workspace: Workspace, rows: Sequence[Row]) -> None:
    """The main columns of very many people, without the way over a sheet."""
    households: dict[str, str] = {}
    heads, persons = [], []
    for row in rows:
        number = row["户编号"]
        if number not in households:
            households[number] = secrets.token_hex(16)
            heads.append((VILLAGE, households[number], number, row["姓名"], row["自然村(组)"], row["户类型"]))
        person = (
            VILLAGE,
            secrets.token_hex(16),
            households[number],
            *(row[header] or None for header in _PERSON_HEADERS),
        )
        persons.append(person)
    with workspace.unit_of_work(reason="made up for a benchmark") as uow:
        connection = uow.session.connection()
        connection.exec_driver_sql(_HOUSEHOLD, heads)
        connection.exec_driver_sql(_PERSON, persons)
        uow.commit()
