"""What came from a newer program and means nothing to this one: kept raw in the county's order until the upgrade."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select

from desktop_app.sync import state
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.codec import compress, decode_transactions, decompress, encode_transactions
from village_core.exchange.local_tables import deferred_operation
from village_core.exchange.messages import SyncAnswer
from village_core.exchange.operations import COUNTY_DEVICE, Kind, Operation, Transaction, synced_table
from village_core.exchange.plan import references_of
from village_core.exchange.skew import binds_facts, divide, is_bound_fact

REPLAYED_SCHEMA = "sync.replayed_schema"
_WAITING = select(deferred_operation.c.content)
"""The schema of the program that last tried to carry out what waits."""


def count_deferred(connection: Connection) -> int:
    """How many operations wait for an upgrade."""
    return connection.exec_driver_sql("SELECT count(*) FROM deferred_operation").scalar() or 0


def is_due(connection: Connection) -> bool:
    """Whether something waits that no program of this schema has tried to carry out yet."""
    if connection.scalar(select(deferred_operation.c.number).limit(1)) is None:
        return False
    return state.read_state(connection).get(REPLAYED_SCHEMA) != str(SCHEMA_VERSION)


def take_all(connection: Connection) -> tuple[Transaction, ...]:
    """Everything that waits, in the county's order, taken out: what still means nothing is kept again."""
    contents = connection.scalars(select(deferred_operation.c.content).order_by(deferred_operation.c.number)).all()
    connection.execute(delete(deferred_operation))
    state.write_state(connection, {REPLAYED_SCHEMA: str(SCHEMA_VERSION)})
    return tuple(one for content in contents for one in decode_transactions(decompress(content)))


class Deferral:
    """Divides transactions into what is carried out now and what is kept. One per answer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._missing: set[tuple[str, UUID]] = set()
        """Rows of known tables that are kept whole: what depends on them waits with them."""
        for content in connection.scalars(_WAITING):
            for transaction in decode_transactions(decompress(content)):
                self._note_missing(transaction.operations)

    def part(self, transaction: Transaction) -> Transaction:
        """The operations for now, which may be none. The others are kept."""
        bound = binds_facts(transaction)
        now: list[Operation] = []
        later: list[Operation] = []
        for operation in transaction.operations:
            if (bound and is_bound_fact(operation)) or self._depends(operation):
                later.append(operation)
                self._note_missing([operation])
                continue
            first, second = divide(operation)
            now += [first] if first is not None else []
            later += [second] if second is not None else []
        self.keep(replace(transaction, operations=tuple(later)))
        return replace(transaction, operations=tuple(now))

    def keep(self, transaction: Transaction) -> None:
        """Keep these operations with all that is known of their transaction, one entry for each number."""
        for number, some in groupby(transaction.operations, key=lambda one: one.number):
            content = compress(encode_transactions([replace(transaction, operations=tuple(some))]))
            self._connection.execute(delete(deferred_operation).where(deferred_operation.c.number == number))
            self._connection.execute(
                insert(deferred_operation).values(number=number, schema=transaction.schema, content=content)
            )

    def keep_standing(self, operation: Operation, answer: SyncAnswer, *, reason: str) -> None:
        """Keep what stands at the county in a column that is unknown here, in the county's own name."""
        self.keep(
            Transaction(
                origin=COUNTY_DEVICE,
                clock=answer.time << 16,
                actor=UUID(int=0),
                reason=reason,
                base=answer.cursor,
                schema=answer.schema,
                operations=(operation,),
            )
        )

    def _depends(self, operation: Operation) -> bool:
        if not self._missing:
            return False
        parents = (
            (target, UUID(bytes=value))
            for column, target in references_of(synced_table(operation.table))
            if isinstance(value := operation.values.get(column), bytes) and len(value) == 16
        )
        return operation.row in self._missing or any(parent in self._missing for parent in parents)

    def _note_missing(self, operations: Iterable[Operation]) -> None:
        for operation in operations:
            if operation.kind is Kind.INSERT and synced_table(operation.table) is not None:
                self._missing.add(operation.row)
