"""After a restore laptops come one by one: what belongs to a row that another one still has to bring waits for it.

It waits raw beside what waits for an upgrade (with schema 0), asks nobody anything, and is decided as soon as the
row is here, or when nobody is waited for any longer.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select

from county_server.sync.epochs import PATIENCE_DAYS
from county_server.sync.upgraded import decide_waiting, gather_transactions
from county_server.tables import county_metadata, newer_operation, village_epoch
from village_core.domain.clock import Clock
from village_core.exchange.codec import compress, encode_transactions
from village_core.exchange.operations import Kind, Transaction, synced_table
from village_core.exchange.plan import Arrival, Plan, references_of

LOST = 0
"""The schema under which these wait: no upgrade makes them due."""


def is_recovering(connection: Connection, code: str, *, clock: Clock) -> bool:
    """Whether the village was restored so lately that laptops may still bring what was lost."""
    begun = connection.scalar(select(func.max(village_epoch.c.begun_at)).where(village_epoch.c.village == code))
    if begun is None:
        return False
    return clock.now().astimezone(UTC) <= datetime.fromisoformat(begun) + timedelta(days=PATIENCE_DAYS)


def keep_lost(connection: Connection, arrival: Arrival, plan: Plan) -> None:
    """Put down what waits for a row, in the transaction that took the numbers."""
    rows = [
        {
            "village": arrival.village,
            "number": number,
            "device": arrival.device,
            "incarnation": arrival.incarnation,
            "schema": LOST,
            "may_post": arrival.may_post
            or arrival.had_posting
            or transaction.operations[0].number <= arrival.alone_until,
            "content": compress(encode_transactions([transaction])),
        }
        for number, transaction in plan.lost
    ]
    if rows:
        connection.execute(insert(newer_operation), rows)


def carry_out_found(connection: Connection, code: str, *, clock: Clock) -> int:
    """Decide everything whose rows have come meanwhile, again and again until nothing moves. Returns how many."""
    column = newer_operation.c
    place = (column.village == code, column.schema == LOST)
    decided = 0
    moved = True
    while moved:
        moved = False
        rows = connection.execute(select(newer_operation).where(*place).order_by(column.number)).all()
        hopeless = bool(rows) and not is_recovering(connection, code, clock=clock)
        for transaction, members in gather_transactions(rows):
            if not (hopeless or _is_ready(connection, code, transaction)):
                continue
            numbers = [row.number for row in members]
            connection.execute(delete(newer_operation).where(*place, column.number.in_(numbers)))
            decide_waiting(connection, transaction, members[0], clock=clock)
            decided += len(numbers)
            moved = True
    return decided


def _is_ready(connection: Connection, code: str, transaction: Transaction) -> bool:
    """Whether every row that it changes or refers to is here, or comes with it."""
    made = {one.row for one in transaction.operations if one.kind is Kind.INSERT}
    wanted = {one.row for one in transaction.operations if one.kind is not Kind.INSERT}
    for one in transaction.operations:
        for column, target in references_of(synced_table(one.table)):
            value = one.values.get(column)
            if isinstance(value, bytes) and len(value) == 16:
                wanted.add((target, UUID(bytes=value)))
    return all(_is_here(connection, code, name, row_id) for name, row_id in wanted - made)


def _is_here(connection: Connection, code: str, name: str, row_id: UUID) -> bool:
    table = county_metadata.tables[name]
    query = select(table.c.id).where(table.c.village == code, table.c.id == row_id)
    return connection.scalar(query) is not None
