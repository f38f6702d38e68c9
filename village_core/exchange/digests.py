"""Proof of equality: for each synced table 256 sums of row digests, kept up to date on write, and one root over all.

A row's digest is BLAKE2b-256 of its id and its columns that are not empty, sorted by name, so that a column that
only a newer program has does not disturb. Sums are modulo 2^256: free of order, and a change costs one row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import blake2b
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Table, delete, insert, select

from village_core.exchange.digest_tables import DigestTables
from village_core.exchange.values import Value, data_columns, read_row
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
    filled = sorted((name, value) for name, value in values.items() if value is not None)
    return blake2b(_encoder.encode((row_id.bytes, filled)), digest_size=_WIDTH).digest()


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
    kept = dict(
        connection.execute(
            select(tables.table.c.table_name, tables.table.c.leaves).where(tables.table.c.village == village)
        ).all()
    )
    return {name: _hash_leaves(kept.get(name, b"")) for name in sorted(Record.metadata.tables)}


def recompute(connection: Connection, *, village: str, left_out: Rows | None = None) -> dict[str, str]:
    """The digests anew from all rows, for `verify`; the same form as `table_digests`."""
    found: dict[str, str] = {}
    for name, table in sorted(Record.metadata.tables.items()):
        leaves = [0] * LEAVES
        hidden = set(left_out.get(name, ())) if left_out else set()
        statement = select(table).where(table.c.village == village).execution_options(yield_per=1000)
        with connection.execute(statement) as rows:
            for row in rows.mappings():
                if row["id"] not in hidden:
                    digest = row_digest(row["id"], read_row(table, dict(row)))
                    leaves[_leaf(row["id"])] += int.from_bytes(digest)
        found[name] = _hash_leaves(_join(leaves))
    return found


def root_of(digests: Mapping[str, str]) -> bytes:
    """One value over the digests of all tables that hold anything: a table that only a newer program has, and that
    is empty still, does not disturb."""
    content = "\n".join(f"{name} {digest}" for name, digest in sorted(digests.items()) if digest != _hash_leaves(b""))
    return blake2b(content.encode(), digest_size=ROOT_BYTES).digest()


def _leaf(row_id: UUID) -> int:
    """The last byte, which is random in every kind of id that we use."""
    return row_id.bytes[-1]


def _hash_leaves(leaves: bytes) -> str:
    return blake2b(leaves or bytes(LEAVES * _WIDTH), digest_size=_WIDTH).hexdigest()


def _read_leaves(connection: Connection, tables: DigestTables, village: str, name: str) -> list[int]:
    kept = connection.scalar(
        select(tables.table.c.leaves).where(tables.table.c.village == village, tables.table.c.table_name == name)
    )
    if kept is None:
        return [0] * LEAVES
    return [int.from_bytes(kept[start : start + _WIDTH]) for start in range(0, LEAVES * _WIDTH, _WIDTH)]


def _write_leaves(connection: Connection, tables: DigestTables, village: str, *, name: str, leaves: list[int]) -> None:
    key = (tables.table.c.village == village, tables.table.c.table_name == name)
    connection.execute(delete(tables.table).where(*key))
    connection.execute(insert(tables.table).values(village=village, table_name=name, leaves=_join(leaves)))


def _join(leaves: Iterable[int]) -> bytes:
    return b"".join((leaf % _MODULUS).to_bytes(_WIDTH) for leaf in leaves)


def _move(leaves: list[int], kept: Mapping[UUID, bytes], now: Mapping[UUID, bytes]) -> None:
    for sign, digests in ((-1, kept), (1, now)):
        for row_id, digest in digests.items():
            leaves[_leaf(row_id)] += sign * int.from_bytes(digest)


def _kept_digests(
    connection: Connection, tables: DigestTables, village: str, *, name: str, ids: list[UUID]
) -> dict[UUID, bytes]:
    row = tables.row.c
    statement = select(row.row_id, row.digest).where(
        row.village == village, row.table_name == name, row.row_id.in_(ids)
    )
    return dict(connection.execute(statement).all())


def _current_digests(connection: Connection, table: Table, village: str, *, ids: list[UUID]) -> dict[UUID, bytes]:
    statement = select(table.c.id, *data_columns(table).values()).where(table.c.village == village, table.c.id.in_(ids))
    return {
        row["id"]: row_digest(row["id"], read_row(table, dict(row))) for row in connection.execute(statement).mappings()
    }


def _store_rows(
    connection: Connection,
    tables: DigestTables,
    village: str,
    *,
    name: str,
    kept: Mapping[UUID, bytes],
    now: Mapping[UUID, bytes],
) -> None:
    row = tables.row.c
    changed = [row_id for row_id, digest in kept.items() if now.get(row_id) != digest]
    if changed:
        connection.execute(
            delete(tables.row).where(row.village == village, row.table_name == name, row.row_id.in_(changed))
        )
    fresh = [
        {"village": village, "table_name": name, "row_id": row_id, "digest": digest}
        for row_id, digest in now.items()
        if kept.get(row_id) != digest
    ]
    if fresh:
        connection.execute(insert(tables.row), fresh)


def group_rows(rows: Iterable[tuple[str, UUID]]) -> dict[str, set[UUID]]:
    """Pairs of table and id, gathered by table."""
    grouped: defaultdict[str, set[UUID]] = defaultdict(set)
    for name, row_id in rows:
        grouped[name].add(row_id)
    return dict(grouped)


def _chunks(ids: list[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
