"""Sheets of made-up people for tests of the import plan, without any file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import count
from typing import NamedTuple
from uuid import UUID

from desktop_app.demo.people import HEADERS, id_number, make_village
from desktop_app.households.vocabulary import load_vocabulary
from desktop_app.sheets.text import header_key
from village_core.domain.households.fields import HOUSEHOLD_FIELDS, PERSON_FIELDS, FieldValue
from village_core.domain.households.import_plan import plan_import
from village_core.domain.households.planned import ImportPlan, Outcome
from village_core.domain.households.snapshot import (
    HOUSEHOLD_PLACE,
    PERSON_PLACE,
    KnownHousehold,
    KnownPerson,
    Snapshot,
)

TODAY = date(2026, 11, 22)
__all__ = ["HEADERS", "TODAY", "id_number", "make_village"]


class SheetRow(NamedTuple):
    number: int
    texts: tuple[str, ...]


def plan(
    rows: Sequence[Mapping[str, str]],
    snapshot: Snapshot | None = None,
    *,
    headers: Sequence[str] | None = None,
    header_row: int = 1,
    today: date = TODAY,
) -> ImportPlan:
    """The plan for rows given as dicts; the first stands right under the header."""
    headers = list(headers if headers is not None else dict.fromkeys(name for row in rows for name in row))
    sheet = [
        SheetRow(number, tuple(row.get(name, "") for name in headers))
        for number, row in enumerate(rows, start=header_row + 1)
        if any(row.values())
    ]
    ids = count(1)
    start = 1000 * len((snapshot or Snapshot()).households)
    return plan_import(
        sheet,
        {header_key(name): place for place, name in enumerate(headers)},
        header_row=header_row,
        snapshot=snapshot or Snapshot(),
        vocabulary=load_vocabulary(),
        today=today,
        make_id=lambda: UUID(int=start + next(ids)),
    )


def after(result: ImportPlan, snapshot: Snapshot | None = None) -> Snapshot:
    """The village as it is when the plan was carried out."""
    snapshot = snapshot or Snapshot()
    households, persons, extras = dict(snapshot.households), dict(snapshot.persons), dict(snapshot.extras)
    for household in result.households:
        old = () if household.is_new else households[household.id].values
        values = household.record if household.is_new else _changed(HOUSEHOLD_PLACE, old, household.values)
        households[household.id] = KnownHousehold(household.id, tuple(values))
        extras |= {(household.id, name): text for name, text in household.extras.items()}
    for person in result.persons:
        if person.outcome is Outcome.CREATED:
            values = person.record
        else:
            values = _changed(PERSON_PLACE, persons[person.id].values, person.values)
        persons[person.id] = KnownPerson(person.id, person.household_id, tuple(values))
        extras |= {(person.id, name): text for name, text in person.extras.items()}
    return Snapshot(households, persons, extras)


def figures(result: ImportPlan) -> tuple[int, int, int, int, int]:
    """rows, created, updated, unchanged, rejected."""
    outcomes = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED)
    return (result.rows, *(result.count(outcome) for outcome in outcomes), len(result.rejected))  # type: ignore[return-value]  # three counts


def household_of(snapshot: Snapshot, number: str) -> dict[str, FieldValue]:
    """The fields of the household with this number."""
    place = HOUSEHOLD_PLACE["number"]
    found = next(each for each in snapshot.households.values() if each.values[place] == number)
    return dict(zip((field.name for field in HOUSEHOLD_FIELDS), found.values, strict=True))


def person_of(snapshot: Snapshot, name: str) -> dict[str, FieldValue]:
    """The fields of the person with this name."""
    found = next(each for each in snapshot.persons.values() if each.name == name)
    return dict(zip((field.name for field in PERSON_FIELDS), found.values, strict=True))


def reasons(notes: Iterable[object]) -> str:
    """All sentences together, to look for words in them."""
    return "\n".join(str(note) for note in notes)


def family(number: str = "53232710120100001", **columns: str) -> list[dict[str, str]]:
    """罗建国 with wife and son, household columns on each row."""
    shared = {"户编号": number, "自然村(组)": "大平地", "户类型": "脱贫户", "人数": "3"} | columns
    people = (
        ("罗建国", "532327197503124579", "户主"),
        ("李桂芳", "532327197705206020", "配偶"),
        ("罗小松", "532327200208117234", "之子"),
    )
    return [
        shared | {"人编号": f"{number}{place:02d}", "姓名": name, "证件号码": with_check(id_), "与户主关系": relation}
        for place, (name, id_, relation) in enumerate(people, start=1)
    ]


def with_check(number: str) -> str:
    """The number with its last digit made right."""
    from village_core.domain.households.id_numbers import check_digit

    return number[:17] + check_digit(number[:17])


def _changed(
    places: Mapping[str, int], values: Sequence[FieldValue], changes: Mapping[str, FieldValue]
) -> list[FieldValue]:
    changed = list(values)
    for name, value in changes.items():
        changed[places[name]] = value
    return changed
