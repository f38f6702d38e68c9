"""Finds persons by part of the name, of the identity number or of the phone number."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, or_, select

from desktop_app.storage.unit_of_work import Reader
from village_core.domain.households.contacts import tidy_phone
from village_core.domain.households.id_numbers import tidy_number
from village_core.domain.households.names import tidy_name
from village_core.records.households import Household, Person


@dataclass(frozen=True, slots=True)
class PersonHit:
    """A person that was found. `matched` is the masked-safe reason: 姓名, 证件号码 or 电话."""

    household_id: UUID
    person_id: UUID
    name: str
    group: str | None
    head_name: str | None
    relation: str | None
    matched: str


def search_persons(reader: Reader, text: str, *, limit: int = 20) -> list[PersonHit]:
    """At most `limit` open persons of open households, whole names first, then beginnings, then parts.

    Letters count as they stand in names, so that rare characters and 沙马·阿衣 are found as they are written.
    """
    name, number = tidy_name(text), tidy_number(text)
    if not name or limit <= 0:
        return []
    person, household = Person.__table__.c, Household.__table__.c
    statement = (
        select(
            person.household_id,
            person.id,
            person.name,
            household.group_name,
            household.head_name,
            person.relation,
            person.id_number,
            person.phone,
        )
        .join(Household.__table__, and_(household.village == person.village, household.id == person.household_id))
        .where(
            person.village == reader.village,
            or_(*_matches(name, number)),
            person.closed_on.is_(None),
            person.merged_into.is_(None),
            household.closed_on.is_(None),
        )
        .order_by(_closeness(name, number), person.name, person.id)
        .limit(limit)
    )
    return [
        PersonHit(*row[:6], matched=_matched(name, number, row[2], row[6])) for row in reader.session.execute(statement)
    ]


def _matches(name: str, number: str) -> list[ColumnElement[bool]]:
    person = Person.__table__.c
    matches: list[ColumnElement[bool]] = [person.name.contains(name, autoescape=True)]
    if _could_be_number(number):
        matches.append(person.id_number.contains(number, autoescape=True))
        matches.append(person.phone.contains(tidy_phone(number), autoescape=True))
    return matches


def _closeness(name: str, number: str) -> ColumnElement[int]:
    person = Person.__table__.c
    return case(
        (or_(person.name == name, person.id_number == number, person.phone == number), 0),
        (or_(person.name.startswith(name, autoescape=True), person.phone.startswith(number, autoescape=True)), 1),
        else_=2,
    )


def _matched(name: str, number: str, found_name: str, id_number: str | None) -> str:
    if name in found_name:
        return "姓名"
    return "证件号码" if number and id_number and number in id_number else "电话"


def _could_be_number(number: str) -> bool:
    """Numbers are ASCII; a Chinese name need not be looked for in them."""
    return number.isascii() and any(char.isdigit() for char in number)
