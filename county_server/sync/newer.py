"""What newer laptops sent and this county cannot read yet: always accepted, kept raw, carried out after the upgrade."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from county_server.tables import newer_operation
from village_core.exchange.codec import compress, decode_transactions, decompress, encode_transactions
from village_core.exchange.operations import Kind
from village_core.exchange.plan import Arrival, Known, Plan


def keep_waiting(connection: Connection, arrival: Arrival, plan: Plan) -> None:
    """Put down what the plan could not decide, in the transaction that took the numbers."""
    rows = [
        {
            "village": arrival.village,
            "number": number,
            "device": arrival.device,
            "incarnation": arrival.incarnation,
            "schema": transaction.schema,
            "may_post": arrival.may_post
            or arrival.had_posting
            or transaction.operations[0].number <= arrival.alone_until,
            "content": compress(encode_transactions([transaction])),
        }
        for number, transaction in plan.waiting
    ]
    if rows:
        connection.execute(insert(newer_operation), rows)


def load_waiting(connection: Connection, village: str, known: Known) -> None:
    """The rows that wait here: what depends on them waits with them."""
    column = newer_operation.c
    for content in connection.scalars(select(column.content).where(column.village == village)):
        for transaction in decode_transactions(decompress(content)):
            known.waiting |= {one.row for one in transaction.operations if one.kind is Kind.INSERT}
