"""A workspace with made-up people in it, and short ways to ask about them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from desktop_app.demo.people import HEADERS, make_village, write_sheet
from desktop_app.households.editing import save_household, save_person
from desktop_app.households.queries import HouseholdDetail, get_household
from desktop_app.households.service import import_households
from desktop_app.storage.workspace import Workspace
from tests.domain.households.sheets import with_check
from tests.workspaces import do
from village_core.exchange.change_log import change_log
from village_core.records.households import ExtraField, Household, Person

SON_NUMBER = with_check("532327200208117234")
HEAD_NUMBER = with_check("532327197503124579")


def sheet_of(folder: Path, rows: list[dict[str, str]], name: str = "农户.xlsx", **layout: Any) -> Path:
    """A real Excel file of the rows, header on row 3 as in the national export."""
    path = folder / name
    headers = list(dict.fromkeys([*HEADERS, *(column for row in rows for column in row)]))
    write_sheet(path, rows, headers=headers, **layout)
    return path


def fill(workspace: Workspace, folder: Path, *, households: int = 12, seed: int = 3) -> list[dict[str, str]]:
    """Import a made-up village; returns its rows."""
    rows = make_village(seed, households)
    import_households(workspace, sheet_of(folder, rows))
    return rows


def add_family(workspace: Workspace, **columns: Any) -> tuple[UUID, UUID, UUID]:
    """罗建国 with his son 罗小松, typed by hand: household, head, son."""
    values = {"group_name": "大平地", "kind": "脱贫户"} | columns
    household = do(workspace, lambda uow: save_household(uow, None, values)).id
    head = add_member(workspace, household, {"name": "罗建国", "id_number": HEAD_NUMBER, "relation": "户主"})
    son = add_member(workspace, household, {"name": "罗小松", "id_number": SON_NUMBER, "relation": "之子"})
    return household, head, son


def add_member(workspace: Workspace, household: UUID, values: Mapping[str, Any]) -> UUID:
    return do(workspace, lambda uow: save_person(uow, None, household, values)).id


def detail(workspace: Workspace, household: UUID) -> HouseholdDetail:
    with workspace.reader() as reader:
        return get_household(reader, household)


def state(workspace: Workspace) -> tuple[int, ...]:
    """Counts that change with any change: households, persons, kept columns, log entries."""
    with workspace.reader() as reader:
        tables = (Household.__table__, Person.__table__, ExtraField.__table__, change_log)
        return tuple(reader.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)
