"""After an upgrade of the county: what newer laptops had sent before is decided now, in the order of its arrival."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, delete, select

from county_server.sync.known import load_known
from county_server.sync.newer import keep_waiting
from county_server.sync.own_hand import write_as_county
from county_server.sync.store import store_versions
from county_server.tables import newer_operation, village
from village_core.domain.clock import Clock
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.codec import decode_transactions, decompress
from village_core.exchange.operations import Kind, Operation, Transaction
from village_core.exchange.plan import Arrival, Plan
from village_core.exchange.planner import plan_batch

_REASON = "县里升级后放进来的"


def carry_out_waiting(connection: Connection, *, clock: Clock) -> int:
    """Decide everything that this program can read. Returns how many operations were taken out of the waiting."""
    column = newer_operation.c
    due = column.schema.between(1, SCHEMA_VERSION)
    rows = connection.execute(select(newer_operation).where(due).order_by(column.village, column.number)).all()
    connection.execute(delete(newer_operation).where(due))
    for transaction, members in gather_transactions(rows):
        decide_waiting(connection, transaction, members, clock=clock)
    return len(rows)


def gather_transactions(rows: Sequence[Any]) -> Iterator[tuple[Transaction, list[Any]]]:
    """What was one transaction is decided as one: a voucher is judged with its lines. With the rows it came from."""
    opened = [(row, one) for row in rows for one in decode_transactions(decompress(row.content))]
    for _, some in groupby(opened, key=lambda entry: (entry[0].village, entry[0].device, _head(entry[1]))):
        listed = list(some)
        operations = tuple(operation for _, one in listed for operation in one.operations)
        yield replace(listed[0][1], operations=operations), [row for row, _ in listed]


def _head(transaction: Transaction) -> tuple[Any, ...]:
    return (transaction.clock, transaction.actor, transaction.reason, transaction.base)


def decide_waiting(connection: Connection, transaction: Transaction, members: Sequence[Any], *, clock: Clock) -> None:
    """Decide one transaction now, in the county's own name; `members` are the rows in which it waited.

    What still has to wait does so under its old number: it keeps its place, and nobody else ever gets that number.
    """
    first = members[0]
    counter: int = connection.scalars(
        select(village.c.counter).where(village.c.code == first.village).with_for_update()
    ).one()
    arrival = Arrival(
        village=first.village,
        device=first.device,
        incarnation=first.incarnation,
        first_number=counter + 1,
        received=int(clock.now().timestamp() * 1000) << 16,
        may_post=first.may_post,
        alone_until=0,
    )
    plan = plan_batch(arrival, (transaction,), load_known(connection, first.village, (transaction,), may_repeat=False))
    write_as_county(connection, first.village, list(_operations(plan)), clock=clock)
    store_versions(connection, first.village, plan)
    places = {operation.number: row.number for operation, row in zip(transaction.operations, members, strict=True)}
    waiting = [(places[one.operations[0].number], one) for _, one in plan.waiting]
    keep_waiting(connection, arrival, waiting)


def _operations(plan: Plan) -> Iterator[tuple[str, Operation]]:
    """What all laptops get, also the one that made it: it leaves a held row out of its digests until this."""
    for decision in plan.decisions:
        if decision.effect is not None:
            yield _REASON, decision.effect
        if decision.stands:
            operation = decision.operation
            yield _REASON, Operation(0, Kind.UPDATE, operation.table, operation.row_id, decision.stands)
    yield from plan.county
