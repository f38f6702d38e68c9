"""Writes rows in the name of others: knows which exist, gathers neighbours, remembers what was touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Table, bindparam, delete, select

from village_core.exchange.apply import write_operations
from village_core.exchange.digests import group_rows
from village_core.exchange.local_tables import held_row
from village_core.exchange.operations import Kind, Operation, synced_table
from village_core.exchange.plan import references_of
from village_core.exchange.values import Value
from village_core.records import Record

RowKey = tuple[str, UUID]
_CHUNK = 500
_RELEASE = delete(held_row).where(held_row.c.table_name == bindparam("in"), held_row.c.row_id == bindparam("row"))


class RowWriter:
    """One per settled answer. Unknown tables and columns of a newer county never reach it: the schema is checked."""

    def __init__(self, connection: Connection, village: str) -> None:
        self._connection = connection
        self._village = village
        self._known: set[RowKey] = set()
        self._looked_up: set[RowKey] = set()
        self._waiting: list[Operation] = []
        self.touched: set[RowKey] = set()

    def preload(self, rows: Iterable[RowKey]) -> None:
        """Find out for many rows at once whether they exist."""
        for name, ids in group_rows(rows).items():
            table = synced_table(name)
            if table is None:
                continue
            remaining = iter(sorted(ids))
            while chunk := list(islice(remaining, _CHUNK)):
                found = self._connection.scalars(_known_of(table), {"of": self._village, "ids": chunk})
                self._known |= {(name, row_id) for row_id in found}
            self._looked_up |= {(name, row_id) for row_id in ids}

    def exists(self, row: RowKey) -> bool:
        if row not in self._looked_up:
            self.preload([row])
        return row in self._known

    def insert(self, row: RowKey, values: Mapping[str, Value]) -> None:
        """Make the row, or bring it to these values where it is there already."""
        if self.exists(row):
            self.update(row, values)
            return
        self._known.add(row)
        self._write(Kind.INSERT, row, values)

    def update(self, row: RowKey, values: Mapping[str, Value]) -> None:
        """Set fields. What is equal already leaves no trace: the trigger logs differences only."""
        if values and self.exists(row):
            self._write(Kind.UPDATE, row, values)

    def delete(self, row: RowKey) -> None:
        if self.exists(row):
            self._known.discard(row)
            self._write(Kind.DELETE, row, {})

    def leave_out(self, row: RowKey) -> None:
        """The row goes, with whatever was built on it here meanwhile; what it said stays in the change log."""
        if self.exists(row):
            self.flush()
            for follower in self.followers(row):
                self.leave_out(follower)
            self.delete(row)
        self.release(row)

    def followers(self, row: RowKey) -> list[RowKey]:
        """The rows here that refer to it."""
        return [
            (table.name, row_id)
            for table in Record.metadata.sorted_tables
            for column, target in references_of(table)
            if target == row[0]
            for row_id in self._connection.scalars(_referring(table, column), {"of": self._village, "row": row[1]})
        ]

    def release(self, row: RowKey) -> None:
        """What the county held back stands now."""
        if self._connection.execute(_RELEASE, {"in": row[0], "row": row[1]}).rowcount:
            self.touched.add(row)

    def flush(self) -> None:
        write_operations(self._connection, self._village, self._waiting)
        self._waiting.clear()

    def _write(self, kind: Kind, row: RowKey, values: Mapping[str, Value]) -> None:
        self._waiting.append(Operation(0, kind, *row, values))
        self.touched.add(row)


@cache
def _known_of(table: Table) -> Select[Any]:
    return select(table.c.id).where(
        table.c.village == bindparam("of"), table.c.id.in_(bindparam("ids", expanding=True))
    )


@cache
def _referring(table: Table, column: str) -> Select[Any]:
    return select(table.c.id).where(table.c.village == bindparam("of"), table.c[column] == bindparam("row"))
