"""After a restore laptops come one by one: what belongs to a row that another one still has to bring waits for it.

It waits raw beside what waits for an upgrade (with schema 0), asks nobody anything, and is decided as soon as the
row is here, or when nobody is waited for any longer.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Table, bindparam, delete, func, select

from county_server.sync.epochs import OFFER_DAYS, PATIENCE_DAYS
from county_server.sync.newer import LOST
from county_server.sync.upgraded import decide_waiting, gather_transactions
from county_server.tables import county_metadata, newer_operation, village_epoch
from village_core.domain.clock import Clock
from village_core.exchange.operations import Transaction
from village_core.exchange.plan import needed_by

# Built once: a restored county asks them with every batch.
_BEGUN = select(func.max(village_epoch.c.begun_at)).where(village_epoch.c.village == bindparam("of"))
_waiting = newer_operation.c
_here = (_waiting.village == bindparam("of"), _waiting.schema == LOST)
_LEFT = select(newer_operation).where(*_here).order_by(_waiting.number)
_TAKE = delete(newer_operation).where(*_here, _waiting.number.in_(bindparam("numbers", expanding=True)))


def is_recovering(connection: Connection, code: str, *, clock: Clock) -> bool:
    """Whether the village was restored so lately that laptops may still bring what was lost."""
    begun = connection.scalar(_BEGUN, {"of": code})
    if begun is None:
        return False
    return clock.now().astimezone(UTC) <= datetime.fromisoformat(begun) + timedelta(days=PATIENCE_DAYS + OFFER_DAYS)


def carry_out_found(connection: Connection, code: str, *, clock: Clock, recovering: bool = True) -> int:
    """Decide everything whose rows have come meanwhile, again and again until nothing moves; everything at all where
    nobody is waited for any longer. Returns how many."""
    decided = 0
    moved = True
    while moved:
        moved = False
        rows = connection.execute(_LEFT, {"of": code}).all()
        for transaction, members in gather_transactions(rows):
            if recovering and not _is_ready(connection, code, transaction):
                continue
            numbers = [row.number for row in members]
            connection.execute(_TAKE, {"of": code, "numbers": numbers})
            decide_waiting(connection, transaction, members, clock=clock)
            decided += len(numbers)
            moved = True
    return decided


def _is_ready(connection: Connection, code: str, transaction: Transaction) -> bool:
    """Whether every row that it changes or refers to is here, or comes with it."""
    needed = needed_by(transaction.operations, transaction)
    return all(_is_here(connection, code, name, row_id) for name, row_id in needed)


def _is_here(connection: Connection, code: str, name: str, row_id: UUID) -> bool:
    return connection.scalar(_row_of(county_metadata.tables[name]), {"of": code, "row": row_id}) is not None


@cache
def _row_of(table: Table) -> Select[Any]:
    return select(table.c.id).where(table.c.village == bindparam("of"), table.c.id == bindparam("row"))
