"""Reads what the workspace knows, plans the import of a sheet, writes the plan in one transaction."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Table, bindparam, select, update

from desktop_app.households.vocabulary import load_vocabulary, wanted_headers
from desktop_app.sheets.reader import Sheet, read_sheet
from desktop_app.storage.changes import Changes
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from village_core.domain.households.fields import HOUSEHOLD_FIELDS, PERSON_FIELDS, FieldValue
from village_core.domain.households.import_plan import plan_import
from village_core.domain.households.planned import ImportPlan, Outcome
from village_core.domain.households.sheet_values import RowNote
from village_core.domain.households.snapshot import KnownHousehold, KnownPerson, Snapshot
from village_core.domain.households.vocabulary import HOUSEHOLD, PERSON
from village_core.domain.ids import derived_id, new_id
from village_core.domain.staff.rights import Right
from village_core.records.households import ExtraField, Household, Person

Progress = Callable[[int, int], None]

_HOUSEHOLD_NAMES = tuple(each.name for each in HOUSEHOLD_FIELDS)
_PERSON_NAMES = tuple(each.name for each in PERSON_FIELDS)
_BIRTH = _PERSON_NAMES.index("birth_date")
_BATCH = 500


@dataclass(frozen=True)
class ImportReport:
    """What an import did or would do. Counts are persons; `rows` are the sheet's rows that are not blank."""

    rows: int
    created: int
    updated: int
    unchanged: int
    rejected: tuple[RowNote, ...]
    warnings: tuple[RowNote, ...]
    changes: Changes = field(default=Changes(frozenset()))

    def as_json(self) -> dict[str, Any]:
        """The document of the command line."""
        return {
            "rows": self.rows,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": [_note_as_json(note) for note in self.rejected],
            "warnings": [_note_as_json(note) for note in self.warnings],
        }


def report_of(plan: ImportPlan) -> ImportReport:
    """The figures of a plan."""
    changed = bool(plan.households) or any(person.changes for person in plan.persons)
    return ImportReport(
        rows=plan.rows,
        created=plan.count(Outcome.CREATED),
        updated=plan.count(Outcome.UPDATED),
        unchanged=plan.count(Outcome.UNCHANGED),
        rejected=plan.rejected,
        warnings=plan.warnings,
        changes=Changes.of("households") if changed else Changes(frozenset()),
    )


@contextmanager
def paused_collector() -> Iterator[None]:
    """A sheet becomes half a million objects that all live until the end: looking for cycles among them is in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read_household_sheet(path: Path) -> Sheet:
    """The sheet of persons by household in an Excel file."""
    return read_sheet(path, wanted_headers=wanted_headers())


def plan_sheet(reader: Reader, sheet: Sheet, *, progress: Progress | None = None) -> ImportPlan:
    """What importing the sheet into this workspace would do."""
    return plan_import(
        sheet.rows,
        sheet.columns,
        header_row=sheet.header_row,
        snapshot=load_snapshot(reader),
        vocabulary=load_vocabulary(),
        today=reader.today,
        repeated_headers=sheet.repeated,
        make_id=_many_ids().__next__,
        step=progress,
    )


def _many_ids() -> Iterator[UUID]:
    """As `new_id`, with the last 62 random bits fetched for many at once."""
    while True:
        head = new_id().int >> 62 << 62
        noise = os.urandom(8 * _BATCH)
        for start in range(0, len(noise), 8):
            yield UUID(int=head | int.from_bytes(noise[start : start + 8], "big") >> 2)


def load_snapshot(reader: Reader) -> Snapshot:
    """Everything an import compares with."""
    session, village = reader.session, reader.village
    household, person, extra = (record.__table__.c for record in (Household, Person, ExtraField))
    households = session.execute(
        select(household.id, household.closed_on, *(household[name] for name in _HOUSEHOLD_NAMES)).where(
            household.village == village, household.merged_into.is_(None)
        )
    )
    persons = session.execute(
        select(person.id, person.household_id, person.closed_on, *(person[name] for name in _PERSON_NAMES)).where(
            person.village == village, person.merged_into.is_(None)
        )
    )
    extras = session.execute(select(extra.owner_id, extra.field, extra.value).where(extra.village == village))
    return Snapshot(
        {row[0]: KnownHousehold(row[0], tuple(row[2:]), row[1] is not None) for row in households},
        {row[0]: KnownPerson(row[0], row[1], tuple(row[3:]), row[2] is not None) for row in persons},
        {(row[0], row[1]): row[2] for row in extras},
    )


def write_plan(uow: UnitOfWork, plan: ImportPlan, *, progress: Progress | None = None) -> None:
    """Write all that the plan changes. `progress` may raise between batches: the transaction is then given up."""
    uow.require(Right.EDIT_HOUSEHOLDS)
    writing = _Writing(uow, plan, progress or (lambda _done, _total: None))
    writing.run()


class _Writing:
    def __init__(self, uow: UnitOfWork, plan: ImportPlan, progress: Progress) -> None:
        self._uow = uow
        self._plan = plan
        self._progress = progress
        self._total = len(plan.households) + len(plan.persons)
        self._done = 0

    def run(self) -> None:
        households, persons = self._plan.households, self._plan.persons
        village = self._uow.village
        self._insert(
            Household.__table__,
            ("village", "id", *_HOUSEHOLD_NAMES),
            [(village, each.id.hex, *each.record) for each in households if each.is_new],
        )
        self._insert(
            Person.__table__,
            ("village", "id", "household_id", *_PERSON_NAMES),
            [
                (village, each.id.hex, _hex_of(each.household_id), *_plain(each.record))
                for each in persons
                if each.outcome is Outcome.CREATED
            ],
        )
        self._update(Household.__table__, [(each.id, each.values) for each in households if each.values])
        moves: list[tuple[UUID, Mapping[str, Any]]] = [
            (each.id, {**each.values, "household_id": each.household_id} if each.moved_from else each.values)
            for each in persons
            if each.values or each.moved_from
        ]
        self._update(Person.__table__, moves)
        self._write_extras()

    def _insert(self, table: Any, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Plain executemany: the values are already what the driver takes, and there are thousands of rows."""
        if not rows:
            return
        names = ", ".join(f'"{name}"' for name in columns)
        statement = f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 - names of our own
        connection = self._uow.session.connection()
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            connection.exec_driver_sql(statement, list(batch))
            self._advance(len(batch))

    def _update(self, table: Any, changes: Sequence[tuple[UUID, Mapping[str, Any]]]) -> None:
        assert isinstance(table, Table)
        by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for key, values in changes:
            by_columns.setdefault(tuple(values), []).append({"row_id": key, **values})
        for columns, rows in by_columns.items():
            statement = (
                update(table)
                .where(table.c.village == self._uow.village, table.c.id == bindparam("row_id"))
                .values({name: bindparam(name) for name in columns})
            )
            for start in range(0, len(rows), _BATCH):
                batch = rows[start : start + _BATCH]
                self._uow.session.connection().execute(statement, batch)
                self._advance(len(batch))

    def _write_extras(self) -> None:
        village = self._uow.village
        wanted = [
            (kind, each.id, header, text)
            for kind, changed in ((HOUSEHOLD, self._plan.households), (PERSON, self._plan.persons))
            for each in changed
            for header, text in each.extras.items()
        ]
        if not wanted:
            return
        table = ExtraField.__table__
        stored = set(self._uow.session.scalars(select(table.c.id).where(table.c.village == village)))
        new, changed = [], []
        for kind, owner, header, text in wanted:
            name = header[:80]
            key = derived_id(village, "extra_field", owner.hex, name)
            if key in stored:
                changed.append((key, {"value": text}))
            else:
                stored.add(key)
                new.append((village, key.hex, kind, owner.hex, name, text))
        self._insert(table, ("village", "id", "owner_kind", "owner_id", "field", "value"), new)
        self._update(table, changed)

    def _advance(self, count: int) -> None:
        self._done += count
        self._progress(min(self._done, self._total), self._total)


@lru_cache(maxsize=4)
def _hex_of(household_id: UUID) -> str:
    """Asked for again by each member of a household."""
    return household_id.hex


def _plain(record: Sequence[FieldValue]) -> list[Any]:
    plain: list[Any] = list(record)
    birth = plain[_BIRTH]
    if isinstance(birth, date):
        plain[_BIRTH] = birth.isoformat()
    return plain


def _note_as_json(note: RowNote) -> dict[str, Any]:
    return {"row": note.row, "column": note.column, "reason": note.reason}
