"""Loads what decisions are about: the questions, what was put aside for them, and what people decided before."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, bindparam, func, select

from county_server.tables import oplog
from village_core.exchange.merge import Verdict
from village_core.exchange.objections import Reason
from village_core.exchange.operations import COUNTY_DEVICE, Kind, Operation, synced_table
from village_core.exchange.plan import Known
from village_core.exchange.questions import (
    NEITHER,
    PutAside,
    Question,
    read_document,
    read_id,
    read_value,
)
from village_core.exchange.releases import WAIVED_RULES
from village_core.exchange.values import MalformedValueError, Value
from village_core.records.held import HeldChange, HeldDecision
from village_core.records.relief import ReliefStep

_CHUNK = 500

# Built once, since every batch asks them.
_EARLY = (
    select(oplog)
    .where(
        oplog.c.village == bindparam("of"),
        oplog.c.verdict == Verdict.HELD.value,
        oplog.c.table_name == "held_decision",
        oplog.c.row_id.not_in(select(HeldDecision.id).where(HeldDecision.village == bindparam("of"))),
    )
    .order_by(oplog.c.number)
)
_APART = (
    select(HeldChange.standing, HeldChange.offered)
    .join(HeldDecision, (HeldDecision.village == HeldChange.village) & (HeldDecision.id == HeldChange.decision_id))
    .where(
        HeldChange.village == bindparam("of"),
        HeldChange.reason_kind == Reason.TWO_ROWS.value,
        HeldDecision.choice == NEITHER,
    )
)


def load_decided(
    connection: Connection, village: str, known: Known, operations: Iterable[Operation]
) -> list[Operation]:
    """Questions that decisions among `operations` are about, into `known`.

    Returns operations as they may come of it, so that their rows are loaded like those of the batch itself.
    """
    decisions = [one for one in operations if one.table == "held_decision" and one.kind is Kind.INSERT]
    if not decisions:
        return []
    wanted = {UUID(bytes=value) for one in decisions if isinstance(value := one.values["held_id"], bytes)}
    _load_questions(connection, village, known, HeldChange.id.in_(wanted))
    originals = {read_id(one.offered.get("question")) for one in known.questions.values()}
    _load_questions(connection, village, known, HeldChange.id.in_({one for one in originals if one is not None}))
    if any(not one.field and one.kind != Reason.TWO_ROWS for one in known.questions.values()):
        known.put_aside = _list_put_aside(connection, village)
    rows = {one.row_id for one in known.questions.values()} | {one.operation.row_id for one in known.put_aside}
    for chunk in _chunks(rows):
        _load_questions(connection, village, known, HeldChange.subject_id.in_(chunk))
    chosen = [read_document(str(one.values["value"])) for one in decisions]
    return [*_possible(known, chosen), *(one.operation for one in known.put_aside)]


def _possible(known: Known, chosen: list[dict[str, Any]]) -> Iterator[Operation]:
    for question in known.questions.values():
        table = synced_table(question.table)
        if table is None:
            continue
        rows = {read_id(document.get("id")) for document in (question.standing, question.offered)} | {question.row_id}
        for document in (question.standing, question.offered, *chosen):
            values: dict[str, Value] = {}
            for name, plain in document.items():
                try:
                    values[name] = read_value(table, name, plain)
                except MalformedValueError:
                    continue
            for row_id in sorted(one for one in rows if one is not None):
                yield Operation(0, Kind.UPDATE, question.table, row_id, values)


def _load_questions(connection: Connection, village: str, known: Known, condition: Any) -> None:
    held, made = HeldChange, HeldDecision
    query = (
        select(*held.__table__.columns, made.choice, made.value)
        .outerjoin(made, (made.village == held.village) & (made.id == held.decision_id))
        .where(held.village == village, condition)
    )
    found = [row for row in connection.execute(query) if row.id not in known.questions]
    numbers = _newest_numbers(connection, village, [row.id for row in found])
    hands = _hands(connection, village, [row.decision_id for row in found if row.decision_id is not None])
    for row in found:
        question = read_question(row, number=numbers.get(row.id, 0))
        question.choice, question.value = row.choice or "", read_document(row.value or "{}")
        question.decided_by = hands.get(row.decision_id, (0, 0))
        known.questions[row.id] = question


def read_question(row: Any, *, number: int) -> Question:
    """A row of `held_change`, as the planner knows it while nobody decided."""
    return Question(
        id=row.id,
        table=row.subject_table,
        row_id=row.subject_id,
        field=row.field,
        standing=read_document(row.standing),
        offered=read_document(row.offered),
        kind=row.reason_kind,
        sentence=row.reason,
        device=row.offered_device,
        number=number,
        decision_id=row.decision_id,
        incarnation=row.offered_incarnation,
    )


def _newest_numbers(connection: Connection, village: str, ids: Collection[UUID]) -> dict[UUID, int]:
    column = oplog.c
    query = (
        select(column.row_id, func.max(column.number))
        .where(column.village == village, column.table_name == "held_change", column.row_id.in_(ids))
        .group_by(column.row_id)
    )
    return dict(connection.execute(query).all())


def _hands(connection: Connection, village: str, decisions: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """Device and incarnation that made a decision."""
    column = oplog.c
    query = select(column.row_id, column.device, column.incarnation).where(
        column.village == village,
        column.table_name == "held_decision",
        column.row_id.in_(decisions),
        column.device != COUNTY_DEVICE,
    )
    return {row.row_id: (row.device, row.incarnation) for row in connection.execute(query)}


def _list_put_aside(connection: Connection, village: str) -> list[PutAside]:
    column = oplog.c
    query = (
        select(oplog)
        .where(column.village == village, column.verdict == Verdict.HELD.value, column.table_name != "held_decision")
        .order_by(column.number)
    )
    return [_put_aside(row) for row in connection.execute(query) if synced_table(row.table_name) is not None]


def _put_aside(row: Any) -> PutAside:
    operation = Operation(row.seq, Kind(row.kind), row.table_name, row.row_id, msgspec.msgpack.decode(row.offered))
    return PutAside(row.device, row.incarnation, row.clock, row.actor, row.reason, operation, row.base)


def list_settled(connection: Connection, village: str, table: str, ids: Collection[UUID]) -> set[UUID]:
    """Of rows that were held and are not here: those that a person left out for good, or let through and somebody
    deleted since."""
    column = oplog.c
    query = select(column.row_id).where(
        column.village == village,
        column.table_name == table,
        column.row_id.in_(ids),
        column.device == COUNTY_DEVICE,
        column.kind.in_((Kind.DELETE.value, Kind.INSERT.value)),
    )
    return set(connection.scalars(query))


def load_early_decisions(connection: Connection, village: str, known: Known) -> None:
    """Decisions whose question the county does not know (any more): they wait for it. The first one stands; of one
    hand the last, as with those who change their mind before they send it."""
    for row in connection.execute(_EARLY, {"of": village}):
        held_id = msgspec.msgpack.decode(row.offered).get("held_id")
        if isinstance(held_id, bytes) and len(held_id) == 16:
            word = _put_aside(row)
            first = known.early_decisions.setdefault(UUID(bytes=held_id), word)
            if (first.device, first.incarnation) == (word.device, word.incarnation):
                known.early_decisions[UUID(bytes=held_id)] = word


def load_apart(connection: Connection, village: str, known: Known) -> None:
    """Pairs that share a natural key and are two all the same, as a person said."""
    for standing, offered in connection.execute(_APART, {"of": village}):
        pair = {read_id(read_document(one).get("id")) for one in (standing, offered)}
        known.apart.add(frozenset(one for one in pair if one is not None))


def list_waived(connection: Connection, village: str) -> Mapping[UUID, set[Reason]]:
    """Case → what a person let pass: written into the steps that the county itself let through."""
    column = oplog.c
    released = select(column.row_id).where(
        column.village == village,
        column.device == COUNTY_DEVICE,
        column.table_name == "relief_step",
        column.kind == Kind.INSERT.value,
    )
    query = select(ReliefStep.case_id, ReliefStep.reasons).where(
        ReliefStep.village == village, ReliefStep.id.in_(released)
    )
    found: dict[UUID, set[Reason]] = {}
    for case_id, reasons in connection.execute(query):
        written = json.loads(reasons)
        found.setdefault(case_id, set()).update(kind for kind, rule in WAIVED_RULES.items() if rule in written)
    return found


def _chunks(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    listed = sorted(ids)
    for start in range(0, len(listed), _CHUNK):
        yield listed[start : start + _CHUNK]
