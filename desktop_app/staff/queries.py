"""Reads the people who work with the program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from desktop_app.storage.duties import roles_from_county
from desktop_app.storage.unit_of_work import Reader
from village_core.records.staff import StaffMember


@dataclass(frozen=True)
class Person:
    """One person with the roles, the first of which is shown beside the name."""

    id: UUID
    name: str
    roles: tuple[str, ...]
    may_combine_duties: bool
    left_on: date | None
    relatives: str = ""
    """Near relatives, a line each."""
    note: str = ""
    """Why, since when and with whose consent duties are combined."""

    @property
    def words(self) -> str:
        """李琼仙（报账员、文书）."""
        return f"{self.name}（{'、'.join(self.roles)}）" if self.roles else self.name


def list_staff(reader: Reader, *, left: bool = False) -> list[Person]:
    """Those who work here, by name; with `left` also those who are gone."""
    rows = reader.session.scalars(
        select(StaffMember).where(StaffMember.village == reader.village).order_by(StaffMember.id)
    )
    people = [
        Person(
            id=row.id,
            name=row.name,
            roles=tuple(role for role in row.roles.split(",") if role),
            may_combine_duties=row.may_combine_duties,
            left_on=date.fromisoformat(row.left_on) if row.left_on else None,
            relatives=row.relatives or "",
            note=row.note or "",
        )
        for row in rows
    ]
    return [person for person in people if left or person.left_on is None or person.left_on > reader.today]


def has_county(reader: Reader) -> bool:
    """Whether roles come from a county."""
    return roles_from_county(reader.session)


def find_person(reader: Reader, person_id: UUID) -> Person | None:
    """One person by id, also one who is gone."""
    return next((one for one in list_staff(reader, left=True) if one.id == person_id), None)
