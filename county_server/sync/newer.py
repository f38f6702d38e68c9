"""What newer laptops sent and this county cannot read yet: always accepted, kept raw, carried out after the upgrade."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, insert, select

from county_server.tables import newer_operation
from village_core.exchange.codec import compress, decode_transactions, decompress, encode_transactions
from village_core.exchange.operations import Kind, Transaction
from village_core.exchange.plan import Arrival, Known

LOST = 0
"""The schema under which waits what belongs to a lost row (`lost.py`): no upgrade makes it due."""

_WAITING = select(newer_operation.c.content, newer_operation.c.schema).where(
    newer_operation.c.village == bindparam("of")
)


def keep_waiting(
    connection: Connection,
    arrival: Arrival,
    waiting: Iterable[tuple[int, Transaction]],
    *,
    schema: int | None = None,
) -> None:
    """Put down what a plan could not decide, by number, in the transaction that took the numbers."""
    rows = [
        {
            "village": arrival.village,
            "number": number,
            "device": arrival.device,
            "incarnation": arrival.incarnation,
            "schema": transaction.schema if schema is None else schema,
            "may_post": arrival.may_post
            or arrival.had_posting
            or transaction.operations[0].number <= arrival.alone_until,
            "content": compress(encode_transactions([transaction])),
        }
        for number, transaction in waiting
    ]
    if rows:
        connection.execute(insert(newer_operation), rows)


def load_waiting(connection: Connection, village: str, known: Known) -> None:
    """The rows that wait here: what depends on them waits with them."""
    for content, schema in connection.execute(_WAITING, {"of": village}):
        rows = known.lost if schema == LOST else known.waiting
        for transaction in decode_transactions(decompress(content)):
            rows |= {one.row for one in transaction.operations if one.kind is Kind.INSERT}
