"""Writing decided operations to rows: the one path by which anything that travelled reaches a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import groupby
from typing import Any

from sqlalchemy import BindParameter, Connection, Delete, Insert, Table, Update, bindparam, delete, insert, update

from village_core.exchange.operations import Kind, Operation
from village_core.exchange.values import python_values
from village_core.records import Record


def write_operations(connection: Connection, village: str, operations: Iterable[Operation]) -> None:
    """Insert, update and delete as the operations say, in their order. They were decided before; nothing is judged.

    Neighbours of one table, kind and column set go to the database in one call.
    """
    for group in _neighbours(operations):
        first = group[0]
        table = Record.metadata.tables[first.table]
        match first.kind:
            case Kind.INSERT:
                rows = [{"village": village, "id": one.row_id, **python_values(table, one.values)} for one in group]
                connection.execute(_insert_into(table), rows)
            case Kind.UPDATE:
                changes = [
                    {"_village": village, "_id": one.row_id, **_prefixed(python_values(table, one.values))}
                    for one in group
                ]
                connection.execute(_update_of(table, tuple(first.values)), changes)
            case Kind.DELETE:
                connection.execute(_delete_from(table), [{"_village": village, "_id": one.row_id} for one in group])
            case Kind.LOST:
                continue


@cache
def _insert_into(table: Table) -> Insert:
    return insert(table)


@lru_cache(maxsize=1000)
def _update_of(table: Table, names: tuple[str, ...]) -> Update:
    values: dict[str, BindParameter[Any]] = {name: bindparam(f"_{name}") for name in names}
    return update(table).where(table.c.village == bindparam("_village"), table.c.id == bindparam("_id")).values(values)


@cache
def _delete_from(table: Table) -> Delete:
    return delete(table).where(table.c.village == bindparam("_village"), table.c.id == bindparam("_id"))


def _prefixed(values: dict[str, object]) -> dict[str, object]:
    return {f"_{name}": value for name, value in values.items()}


def _neighbours(operations: Iterable[Operation]) -> Iterator[list[Operation]]:
    for (_table, kind, names), group in groupby(operations, key=lambda one: (one.table, one.kind, tuple(one.values))):
        if kind is Kind.UPDATE and not names:
            continue
        yield list(group)
