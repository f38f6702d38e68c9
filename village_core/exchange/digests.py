"""Proof of equality: for each synced table 256 sums of row digests, kept up to date on write, and one root over all.

A row's digest is BLAKE2b-256 of its id and its columns that are not empty, sorted by name, so that a column that
only a newer program has does not disturb. Sums are modulo 2^256: free of order, and a change costs one row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Delete, Insert, Select, Table, Update, bindparam, delete, insert, select, update

from village_core.exchange.digest_tables import DigestTables
from village_core.exchange.values import Value, as_it_travels, data_columns, read_row
from village_core.records import Record

LEAVES = 256
ROOT_BYTES = 16
_WIDTH = 32
_MODULUS = 1 << 256
_CHUNK = 500
_encoder = msgspec.msgpack.Encoder()

Rows = Mapping[str, Collection[UUID]]
"""Row ids by table name."""


def row_digest(row_id: UUID, values: Mapping[str, Value]) -> bytes:
    """32 bytes over a row as `values.read_row` gives it."""
    return _digest_of(row_id.bytes, sorted((name, value) for name, value in values.items() if value is not None))


def _digest_of(row_id: bytes, filled: list[tuple[str, Value]]) -> bytes:
    """Over what is not empty, in the order of the names."""
    return blake2b(_encoder.encode((row_id, filled)), digest_size=_WIDTH).digest()


def refresh(
    connection: Connection, tables: DigestTables, *, village: str, touched: Rows, left_out: Rows | None = None
) -> None:
    """Bring the kept digests up to date with the rows in `touched`. Rows in `left_out` do not count."""
    for name in sorted(touched):
        table = Record.metadata.tables[name]
        leaves = _read_leaves(connection, tables, village, name)
        hidden = set(left_out.get(name, ())) if left_out else set()
        for chunk in _chunks(sorted(set(touched[name]), key=lambda one: one.bytes)):
            kept = _kept_digests(connection, tables, village, name=name, ids=chunk)
            now = _current_digests(connection, table, village, ids=[one for one in chunk if one not in hidden])
            _move(leaves, kept, now)
            _store_rows(connection, tables, village, name=name, kept=kept, now=now)
        _write_leaves(connection, tables, village, name=name, leaves=leaves)


def table_digests(connection: Connection, tables: DigestTables, *, village: str) -> dict[str, str]:
    """The kept digest of every synced table, in hex."""
    kept = dict(connection.execute(_statements(tables).all_leaves, {"of": village}).all())
    return {name: _hash_leaves(kept.get(name, b"")) for name in sorted(Record.metadata.tables)}


def recompute(connection: Connection, *, village: str, left_out: Rows | None = None) -> dict[str, str]:
    """The digests anew from all rows, for `verify`; the same form as `table_digests`."""
    found: dict[str, str] = {}
    for name, table in sorted(Record.metadata.tables.items()):
        leaves = [0] * LEAVES
        hidden = {row_id.bytes for row_id in left_out.get(name, ())} if left_out else set()
        names = sorted(data_columns(table))
        with connection.execute(_all_of(table), {"of": village}) as rows:
            for row_id, *values in rows:
                if row_id not in hidden:
                    filled = [pair for pair in zip(names, values, strict=True) if pair[1] is not None]
                    leaves[row_id[-1]] += int.from_bytes(_digest_of(row_id, filled))
        found[name] = _hash_leaves(_join(leaves))
    return found


def root_of(digests: Mapping[str, str]) -> bytes:
    """One value over the digests of all tables that hold anything: a table that only a newer program has, and that
    is empty still, does not disturb."""
    content = "\n".join(f"{name} {digest}" for name, digest in sorted(digests.items()) if digest != _EMPTY)
    return blake2b(content.encode(), digest_size=ROOT_BYTES).digest()


def _leaf(row_id: UUID) -> int:
    """The last byte, which is random in every kind of id that we use."""
    return row_id.bytes[-1]


def _hash_leaves(leaves: bytes) -> str:
    return blake2b(leaves, digest_size=_WIDTH).hexdigest() if leaves else _EMPTY


_EMPTY = blake2b(bytes(LEAVES * _WIDTH), digest_size=_WIDTH).hexdigest()
"""The digest of a table without rows."""


def _read_leaves(connection: Connection, tables: DigestTables, village: str, name: str) -> list[int]:
    kept = connection.scalar(_statements(tables).leaves, {"of": village, "in": name})
    if kept is None:
        return [0] * LEAVES
    return [int.from_bytes(kept[start : start + _WIDTH]) for start in range(0, LEAVES * _WIDTH, _WIDTH)]


def _write_leaves(connection: Connection, tables: DigestTables, village: str, *, name: str, leaves: list[int]) -> None:
    content = _join(leaves)
    if not connection.execute(_statements(tables).move, {"of": village, "in": name, "now": content}).rowcount:
        row = {"village": village, "table_name": name, "leaves": content}
        connection.execute(_statements(tables).begin, row)


def _join(leaves: Iterable[int]) -> bytes:
    return b"".join((leaf % _MODULUS).to_bytes(_WIDTH) for leaf in leaves)


def _move(leaves: list[int], kept: Mapping[UUID, bytes], now: Mapping[UUID, bytes]) -> None:
    for sign, digests in ((-1, kept), (1, now)):
        for row_id, digest in digests.items():
            leaves[_leaf(row_id)] += sign * int.from_bytes(digest)


def _kept_digests(
    connection: Connection, tables: DigestTables, village: str, *, name: str, ids: list[UUID]
) -> dict[UUID, bytes]:
    return dict(connection.execute(_statements(tables).kept, {"of": village, "in": name, "ids": ids}).all())


def _current_digests(connection: Connection, table: Table, village: str, *, ids: list[UUID]) -> dict[UUID, bytes]:
    rows = connection.execute(_rows_of(table), {"of": village, "ids": ids}).mappings()
    return {row["id"]: row_digest(row["id"], read_row(table, dict(row))) for row in rows}


def _store_rows(
    connection: Connection,
    tables: DigestTables,
    village: str,
    *,
    name: str,
    kept: Mapping[UUID, bytes],
    now: Mapping[UUID, bytes],
) -> None:
    changed = [row_id for row_id, digest in kept.items() if now.get(row_id) != digest]
    if changed:
        connection.execute(_statements(tables).forget, {"of": village, "in": name, "ids": changed})
    fresh = [
        {"village": village, "table_name": name, "row_id": row_id, "digest": digest}
        for row_id, digest in now.items()
        if kept.get(row_id) != digest
    ]
    if fresh:
        connection.execute(_statements(tables).keep, fresh)


def group_rows(rows: Iterable[tuple[str, UUID]]) -> dict[str, set[UUID]]:
    """Pairs of table and id, gathered by table."""
    grouped: defaultdict[str, set[UUID]] = defaultdict(set)
    for name, row_id in rows:
        grouped[name].add(row_id)
    return dict(grouped)


def _chunks(ids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


@dataclass(frozen=True)
class _Statements:
    """Built once: every write and every answer asks them, and building one costs more than asking it."""

    all_leaves: Select[Any, Any]
    leaves: Select[Any]
    begin: Insert
    move: Update
    kept: Select[Any, Any]
    forget: Delete
    keep: Insert


@cache
def _statements(tables: DigestTables) -> _Statements:
    row, table = tables.row.c, tables.table.c
    of_table = (table.village == bindparam("of"), table.table_name == bindparam("in"))
    of_rows = (
        row.village == bindparam("of"),
        row.table_name == bindparam("in"),
        row.row_id.in_(bindparam("ids", expanding=True)),
    )
    return _Statements(
        all_leaves=select(table.table_name, table.leaves).where(table.village == bindparam("of")),
        leaves=select(table.leaves).where(*of_table),
        begin=insert(tables.table),
        move=update(tables.table).where(*of_table).values(leaves=bindparam("now")),
        kept=select(row.row_id, row.digest).where(*of_rows),
        forget=delete(tables.row).where(*of_rows),
        keep=insert(tables.row),
    )


@cache
def _rows_of(table: Table) -> Select[Any]:
    return select(table.c.id, *data_columns(table).values()).where(
        table.c.village == bindparam("of"), table.c.id.in_(bindparam("ids", expanding=True))
    )


@cache
def _all_of(table: Table) -> Select[Any]:
    columns = (as_it_travels(table.c[column]) for column in ("id", *sorted(data_columns(table))))
    return select(*columns).where(table.c.village == bindparam("of")).execution_options(yield_per=1000)
