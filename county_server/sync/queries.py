"""What others did, in the county's order, for a laptop that knows everything up to its cursor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, bindparam, func, or_, select

from county_server.tables import oplog
from village_core.exchange.operations import Kind, Operation, Transaction

_decode = msgspec.msgpack.Decoder().decode
# Built once, since every turn asks it.
_OF_OTHERS = (
    select(oplog)
    .where(
        oplog.c.village == bindparam("of"),
        oplog.c.number > bindparam("cursor"),
        or_(oplog.c.device != bindparam("device"), oplog.c.incarnation != bindparam("incarnation")),
        or_(oplog.c.effect_kind.is_not(None), oplog.c.lost.is_not(None)),
    )
    .order_by(oplog.c.number)
    .execution_options(yield_per=500)
)


@dataclass(frozen=True)
class OperationsAfter:
    """Whole transactions. `cursor`: everything of others up to this number is known when these are applied."""

    transactions: tuple[Transaction, ...]
    cursor: int
    more: bool


def read_operations_after(
    connection: Connection, code: str, *, cursor: int, counter: int, device: int, incarnation: int, limit: int
) -> OperationsAfter:
    """At least one transaction if there is any, then more until `limit` bytes. `counter`: the village's newest number,
    its row being locked."""
    if cursor >= counter:
        return OperationsAfter((), counter, more=False)
    gathered: list[Transaction] = []
    size, reached = 0, cursor
    place = {"of": code, "cursor": cursor, "device": device, "incarnation": incarnation}
    with connection.execute(_OF_OTHERS, place) as rows:
        for _key, entries in groupby(rows, key=lambda row: (row.device, row.transaction)):
            if size > limit:
                return OperationsAfter(tuple(gathered), reached, more=True)
            listed = list(entries)
            size += sum(len(row.offered) for row in listed)
            reached = listed[-1].number
            gathered.append(_transaction(listed))
    return OperationsAfter(tuple(gathered), counter, more=False)


def _transaction(rows: list[Any]) -> Transaction:
    first = rows[0]
    return Transaction(
        origin=first.device,
        clock=min(first.clock, first.received),
        actor=first.actor,
        reason=first.reason,
        base=first.base,
        schema=first.schema,
        operations=tuple(operation for row in rows for operation in _operations(row)),
    )


def _operations(row: Any) -> Iterator[Operation]:
    if row.lost is not None:
        yield Operation(row.number, Kind.LOST, row.table_name, row.row_id, _decode(row.lost))
    if row.effect_kind is not None:
        values = _decode(row.offered if row.effect is None else row.effect)
        kind = Kind(row.effect_kind)
        yield Operation(row.number, kind, row.table_name, row.row_id, {} if kind is Kind.DELETE else values)


def count_by_verdict(connection: Connection, code: str) -> dict[str, int]:
    """How many operations of devices got which verdict."""
    column = oplog.c
    query = (
        select(column.verdict, func.count())
        .where(and_(column.village == code, column.device > 0))
        .group_by(column.verdict)
    )
    return dict(connection.execute(query).all())
