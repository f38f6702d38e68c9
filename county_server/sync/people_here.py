"""Loads who works in a village and who lives in the households of a batch's cases, for `exchange/people.py`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, select

from village_core.domain.households.names import name_key
from village_core.domain.relief.payloads import Application
from village_core.exchange.judges import Relief
from village_core.exchange.operations import Kind, Operation
from village_core.exchange.people import People, Worker, read_worker
from village_core.exchange.staff_roles import STAFF
from village_core.exchange.values import read_row
from village_core.records import Record
from village_core.records.households import Household, Person
from village_core.records.ledger import Voucher

Item = TypeVar("Item")

_STAFF = Record.metadata.tables[STAFF]
_JUDGED = frozenset({"voucher", "relief_step"})
_CHUNK = 800
_PREPARERS = select(Voucher.id, Voucher.prepared_by)


def load_people(connection: Connection, village: str, operations: Sequence[Operation], *, relief: Relief) -> People:
    """What is known now, and whom the batch itself brings: staff of a first contact, people of the households.

    What it writes to staff who are known, `People.note_worker` hears in its turn.
    """
    if not any(one.table in _JUDGED for one in operations):
        return People()
    rows = connection.execute(select(_STAFF).where(_STAFF.c.village == village).order_by(_STAFF.c.id)).mappings()
    people = People({row["id"]: read_worker(read_row(_STAFF, dict(row))) for row in rows})
    for one in operations:
        if one.table == STAFF and one.kind is Kind.INSERT:
            people.workers.setdefault(one.row_id, read_worker(one.values))
    reversed_ones = {UUID(bytes=value) for one in operations if isinstance(value := one.values.get("reverses"), bytes)}
    for chunk in _chunks(reversed_ones):
        query = _PREPARERS.where(Voucher.village == village, Voucher.id.in_(chunk))
        people.preparers |= dict(connection.execute(query).all())
    cases = {UUID(bytes=value) for one in operations if isinstance(value := one.values.get("case_id"), bytes)}
    opened = {one.row_id: value for one in operations if isinstance(value := one.values.get("household_id"), bytes)}
    households = {found for case in cases if (found := relief.household_of(case)) is not None}
    households |= {UUID(bytes=opened[case]) for case in cases if case in opened}
    _load_members(connection, village, people, households=households)
    _note_applicants(people, relief, cases)
    for one in operations:
        _note_member(people, one)
    brought = (read_worker(one.values) for one in operations if one.table == STAFF)
    _count_bearers(connection, village, people, workers=[*people.workers.values(), *brought])
    return people


def _load_members(connection: Connection, village: str, people: People, *, households: Iterable[UUID]) -> None:
    for chunk in _chunks(households):
        members = select(Person.household_id, Person.name).where(*_living(village), Person.household_id.in_(chunk))
        heads = select(Household.id, Household.head_name).where(Household.village == village, Household.id.in_(chunk))
        for query in (members, heads):
            for household, name in connection.execute(query):
                people.members.setdefault(household, set()).add((name or "").strip())


def _note_applicants(people: People, relief: Relief, cases: Iterable[UUID]) -> None:
    """Who signed an application is of the household, whatever became of its people since."""
    for case in cases:
        household = relief.household_of(case)
        for step in relief.steps.get(case, ()) if household is not None else ():
            if isinstance(step.payload, Application) and household is not None:
                people.members.setdefault(household, set()).add(step.payload.applicant_name.strip())


def _count_bearers(connection: Connection, village: str, people: People, *, workers: Iterable[Worker]) -> None:
    """Of the names that somebody who works here shares with a member of these households, however they are written."""
    members = {name_key(name) for names in people.members.values() for name in names}
    shared = members & {name_key(name) for worker in workers for name in worker.names} - {""}
    if shared:
        names = connection.scalars(select(Person.name).where(*_living(village)))
        people.bearers.update(key for key in map(name_key, names) if key in shared)


def _living(village: str) -> tuple[ColumnElement[bool], ...]:
    return Person.village == village, Person.closed_on.is_(None), Person.merged_into.is_(None)


def _note_member(people: People, operation: Operation) -> None:
    household, name = operation.values.get("household_id"), operation.values.get("name")
    if operation.table == "person" and isinstance(household, bytes) and isinstance(name, str):
        people.members.setdefault(UUID(bytes=household), set()).add(name.strip())


def _chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """A hostile batch may name more than one question to the database can bear."""
    iterator = iter(items)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
