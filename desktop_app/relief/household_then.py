"""Who was of an applying household since it applied: whoever was renamed, moved away or struck off meanwhile still
counts for 回避, so that nobody gets round it by changing the household instead of himself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from desktop_app.relief.case_store import StoredCase
from village_core.domain.relief.payloads import Application
from village_core.exchange.change_log import change_log
from village_core.records.households import Person

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

_GONE = ("closed_on", "merged_into")
_LOG = change_log.c


@dataclass(frozen=True)
class HouseholdSince:
    """A household as it was since its application: names beside the present ones, and everybody who was of it."""

    names: tuple[str, ...] = ()
    people: frozenset[UUID] = frozenset()


def household_since(reader: Reader, case: StoredCase, family: frozenset[UUID]) -> HouseholdSince:
    """Names of the applicant, and of those whom the log shows in the household after its application came; whoever
    was joined to another one is that one, too."""
    applications = [one for one in case.records if isinstance(one.payload, Application)]
    found = [one.payload.applicant_name for one in applications if isinstance(one.payload, Application)]
    since = _first_of(reader, [one.id for one in applications])
    found += [str(old.get("head_name") or "") for _, old in _changes(reader, since, _LOG.row_id.in_(_hexes(family)))]
    moved = _moved_away(reader, since, family)
    of_family = Person.household_id.in_(list(family))
    rows = reader.session.execute(
        select(Person.id, Person.name, Person.merged_into).where(
            Person.village == reader.village, or_(of_family, Person.id.in_(list(moved)))
        )
    ).all()
    left = set(moved)
    for person, old in _changes(reader, since, _LOG.row_id.in_(_hexes(row.id for row in rows))):
        found.append(str(old.get("name") or ""))
        if any(name in old for name in _GONE):
            left.add(person)
    found += [row.name for row in rows if row.id in left]
    people = {row.id for row in rows} | {row.merged_into for row in rows if row.merged_into is not None}
    return HouseholdSince(tuple(dict.fromkeys(name for name in found if name)), frozenset(people))


def _first_of(reader: Reader, steps: Iterable[UUID]) -> int:
    """Where the first of these steps stands in this laptop's log; before everything where it came without one."""
    return reader.session.scalar(select(func.min(_LOG.seq)).where(_LOG.row_id.in_(_hexes(steps)))) or 0


def _moved_away(reader: Reader, since: int, family: frozenset[UUID]) -> frozenset[UUID]:
    """Who lived in the household. An id is nowhere else in what a person was before, so that the database looks for
    it and only what it finds is read."""
    homes = _hexes(family)
    there = or_(*(func.instr(_LOG.old, home) > 0 for home in homes))
    changes = _changes(reader, since, _LOG.table_name == "person", there)
    return frozenset(person for person, old in changes if old.get("household_id") in homes)


def _changes(reader: Reader, since: int, *conditions: ColumnElement[bool]) -> Iterator[tuple[UUID, dict[str, object]]]:
    """Changed rows with their values before, in the order of the log."""
    query = select(_LOG.row_id, _LOG.old).where(_LOG.seq > since, _LOG.op == "U", *conditions).order_by(_LOG.seq)
    for row_id, old in reader.session.execute(query):
        yield UUID(row_id), json.loads(old) if old else {}


def _hexes(ids: Iterable[UUID]) -> list[str]:
    return [one.hex for one in ids]
