"""Finds persons by part of the name, of the identity number or of the phone number.

Whole numbers and beginnings are ranges of an index; parts are looked for in the indexes alone, which are a tenth of
the table, and only as many persons are read as are shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, select

from desktop_app.storage.unit_of_work import Reader
from village_core.domain.households.contacts import tidy_phone
from village_core.domain.households.id_numbers import tidy_number
from village_core.domain.households.names import tidy_name
from village_core.domain.staff.rights import Right
from village_core.records.households import Household, Person

_ROWID: ColumnElement[int] = literal_column("person.rowid")
_SPARE = 5
"""Parts are looked for in so many times more rows than are wanted, since some of them have left."""


@dataclass(frozen=True, slots=True)
class PersonHit:
    """A person that was found. `matched` tells by what: 姓名, 证件号码 or 电话."""

    household_id: UUID
    person_id: UUID
    name: str
    group: str | None
    head_name: str | None
    relation: str | None
    matched: str


def search_persons(reader: Reader, text: str, *, limit: int = 20) -> list[PersonHit]:
    """At most `limit` open persons of open households: whole names and numbers first, then beginnings, then parts.

    Letters count as they stand in names, so that rare characters and 沙马·阿衣 are found as they are written.
    """
    reader.require(Right.READ_HOUSEHOLDS)
    hits: dict[UUID, PersonHit] = {}
    for matched, rowids in _looks(reader.village, text):
        missing = limit - len(hits)
        if missing <= 0:
            break
        for most in (missing * _SPARE + len(hits), None):
            found = reader.session.scalars(rowids.limit(most)).all()
            for hit in _read_hits(reader, found, matched):
                hits.setdefault(hit.person_id, hit)
            if most is None or len(found) < most or len(hits) >= limit:
                break
    return list(hits.values())[: max(limit, 0)]


def _looks(village: str, text: str) -> Iterator[tuple[str, Select[Any]]]:
    """Where to look, the closest first: what would match and the rows in which it does, in order of names."""
    person = Person.__table__.c
    name, number = tidy_name(text), tidy_number(text)
    is_number = number.isascii() and any(char.isdigit() for char in number)
    columns = [("姓名", person.name, name)] if name else []
    if is_number:
        columns += [("证件号码", person.id_number, number), ("电话", person.phone, tidy_phone(number))]
    for matched, column, wanted in columns:
        yield matched, _rows(village, column == wanted, column)
    for matched, column, wanted in columns:
        yield matched, _rows(village, and_(column >= wanted, column < _after(wanted)), column)
    for matched, column, wanted in columns:
        yield matched, _rows(village, func.instr(column, wanted) > 1, column)


def _rows(village: str, condition: ColumnElement[bool], column: ColumnElement[Any]) -> Select[Any]:
    return select(_ROWID).select_from(Person.__table__).where(Person.village == village, condition).order_by(column)


def _after(text: str) -> str:
    """The first text that does not begin with `text` any more."""
    return text[:-1] + chr(min(ord(text[-1]) + 1, 0x10FFFF))


def _read_hits(reader: Reader, rowids: Any, matched: str) -> list[PersonHit]:
    person, household = Person.__table__.c, Household.__table__.c
    hits: dict[int, PersonHit] = {}
    for start in range(0, len(rowids), 500):
        rows = reader.session.execute(
            select(
                _ROWID,
                person.household_id,
                person.id,
                person.name,
                household.group_name,
                household.head_name,
                person.relation,
            )
            .join(Household.__table__, and_(household.village == person.village, household.id == person.household_id))
            .where(
                _ROWID.in_(rowids[start : start + 500]),
                person.closed_on.is_(None),
                person.merged_into.is_(None),
                household.closed_on.is_(None),
            )
        )
        for rowid, household_id, person_id, name, group, head_name, relation in rows:
            hits[rowid] = PersonHit(household_id, person_id, name, group, head_name, relation, matched)
    return [hits[rowid] for rowid in rowids if rowid in hits]
