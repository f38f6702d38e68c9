"""The unit of exchange: one change of one row, gathered into the transactions in which people made them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnDefault, Connection, Table, bindparam, select

from village_core.exchange.change_log import change_log
from village_core.exchange.values import MalformedValueError, Value, check_value, data_columns, from_log
from village_core.records import Record

COUNTY_DEVICE = -1

_entry = change_log.c
_OWN = (
    select(
        _entry.device_seq,
        _entry.tx,
        _entry.clock,
        _entry.actor,
        _entry.reason,
        _entry.table_name,
        _entry.row_id,
        _entry.op,
        _entry.new,
        _entry.base,
        _entry.schema,
    )
    .where(_entry.device_seq > bindparam("after"), _entry.origin == 0)
    .order_by(_entry.device_seq)
    .execution_options(yield_per=1000)
)
"""What this laptop did. Built once, since every turn asks it."""


class Kind(StrEnum):
    """What an operation does to its row."""

    INSERT = "I"
    UPDATE = "U"
    DELETE = "D"
    LOST = "L"
    """Changes nothing: values that lost against newer ones, sent for the row's history only."""


@dataclass(frozen=True, slots=True)
class Operation:
    """`number` is the maker's dense number on the way up and the county's on the way down."""

    number: int
    kind: Kind
    table: str
    row_id: UUID
    values: Mapping[str, Value]

    @property
    def row(self) -> tuple[str, UUID]:
        return self.table, self.row_id


@dataclass(frozen=True, slots=True)
class Transaction:
    """What belongs together. `clock` is hybrid (milliseconds << 16 | counter), `base` the county's number it saw."""

    origin: int
    clock: int
    actor: UUID
    reason: str
    base: int
    schema: int
    operations: tuple[Operation, ...]


def synced_table(name: str) -> Table | None:
    """The table of that name, if it travels."""
    return Record.metadata.tables.get(name)


def checked(table: Table, operation: Operation) -> Operation:
    """The operation with all columns that an insert needs, if every value fits its column.

    Otherwise `MalformedValueError`: nothing that comes from outside reaches a table without this.
    """
    columns = data_columns(table)
    unknown = operation.values.keys() - columns.keys()
    if unknown:
        raise MalformedValueError(f"unknown columns {sorted(unknown)}")
    values = {name: check_value(columns[name], value) for name, value in operation.values.items()}
    if operation.kind is Kind.INSERT:
        for name, column in columns.items():
            if name not in values:
                default = column.default
                values[name] = check_value(column, default.arg if isinstance(default, ColumnDefault) else None)
    elif operation.kind is Kind.DELETE:
        values = {}
    elif operation.kind is Kind.LOST or not values:
        raise MalformedValueError("an operation that does nothing")
    return Operation(operation.number, operation.kind, operation.table, operation.row_id, values)


def fingerprint(transaction: Transaction, operation: Operation) -> bytes:
    """16 bytes by which the county knows an operation again when a restored laptop sends it under a new number."""
    content = (
        transaction.clock,
        transaction.actor.bytes,
        operation.kind.value,
        operation.table,
        operation.row_id.bytes,
        sorted(operation.values.items()),
    )
    return blake2b(msgspec.msgpack.encode(content), digest_size=16).digest()


def read_own_transactions(
    connection: Connection, *, after: int, size_limit: int | None = None
) -> tuple[Transaction, ...]:
    """What this laptop did after its operation `after`: whole transactions, about `size_limit` bytes of text.

    A transaction larger than the limit is returned alone: it is never split.
    """
    found: list[Transaction] = []
    size = 0
    for entries in _by_transaction(connection, after):
        entry_size = sum(len(entry.new or "") + 40 for entry in entries)
        if found and size_limit is not None and size + entry_size > size_limit:
            break
        found.append(_transaction(entries))
        size += entry_size
    return tuple(found)


def _by_transaction(connection: Connection, after: int) -> Iterator[list[Any]]:
    gathered: list[Any] = []
    with connection.execute(_OWN, {"after": after}) as result:
        for entry in result:
            if gathered and entry.tx != gathered[0].tx:
                yield gathered
                gathered = []
            gathered.append(entry)
    if gathered:
        yield gathered


def _transaction(entries: list[Any]) -> Transaction:
    first = entries[0]
    return Transaction(
        origin=0,
        clock=max(entry.clock for entry in entries),
        actor=UUID(first.actor),
        reason=first.reason,
        base=first.base,
        schema=first.schema,
        operations=tuple(_operation(entry) for entry in entries),
    )


def _operation(entry: Any) -> Operation:
    columns = data_columns(Record.metadata.tables[entry.table_name])
    values = json.loads(entry.new) if entry.new else {}
    return Operation(
        number=entry.device_seq,
        kind=Kind(entry.op),
        table=entry.table_name,
        row_id=UUID(entry.row_id),
        values={name: from_log(columns[name], value) for name, value in values.items()},
    )


def count_operations(transactions: Iterable[Transaction]) -> int:
    return sum(len(transaction.operations) for transaction in transactions)
