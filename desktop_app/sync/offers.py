"""Offers to the county what it does not know: entries of the change log for rows that stand here already."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Row, func, insert, select, update

from village_core.exchange.change_log import SCHEMA_VERSION, change_context, change_log
from village_core.exchange.operations import synced_table
from village_core.exchange.values import Value, read_row
from village_core.records import Record

RowKey = tuple[str, UUID]
_CHUNK = 500
_PLACES = {table.name: place for place, table in enumerate(Record.metadata.sorted_tables)}


@dataclass(frozen=True)
class Maker:
    """Who wrote a value here, as the change log has it. `seq` is the entry, `tx` its transaction."""

    seq: int
    tx: int
    origin: int
    clock: int
    actor: str
    reason: str


@dataclass(frozen=True)
class LostWork:
    """What came from others and may be unknown to a county that was restored: by row the writer of each field,
    '' for a whole row."""

    after: int
    by_row: Mapping[RowKey, Mapping[str, Maker]]

    def writer(self, row: RowKey, name: str) -> Maker | None:
        """Who wrote the field, if that may have been lost."""
        fields = self.by_row.get(row, {})
        return fields.get(name) or fields.get("")


def read_lost_work(connection: Connection, rows: Iterable[RowKey], *, after: int, until: int) -> LostWork:
    """The entries on `rows` that came from others with numbers above `after`, up to the entry `until`."""
    found: defaultdict[RowKey, dict[str, Maker]] = defaultdict(dict)
    wanted = set(rows)
    for entry in _entries(connection, wanted, until=until):
        key = (entry.table_name, UUID(entry.row_id))
        if entry.origin == 0 or entry.base <= after:
            names = json.loads(entry.new) if entry.op == "U" and entry.new else list(found[key])
            for name in names:
                found[key].pop(name, None)
            continue
        for name in json.loads(entry.new) if entry.op == "U" and entry.new else [""]:
            found[key][name] = _maker(entry)
    return LostWork(after, dict(found))


def find_makers(connection: Connection, rows: Iterable[RowKey]) -> dict[RowKey, Maker]:
    """Who made each row, as far as the change log has it."""
    wanted = set(rows)
    return {
        (entry.table_name, UUID(entry.row_id)): _maker(entry)
        for entry in _entries(connection, wanted)
        if entry.op == "I"
    }


def offer_rows(connection: Connection, village: str, rows: Iterable[RowKey], makers: Mapping[RowKey, Maker]) -> int:
    """Whole rows, in the transactions in which they were made, parents first. Returns how many."""
    groups: defaultdict[int, list[RowKey]] = defaultdict(list)
    for key in rows:
        groups[makers[key].tx if key in makers else 0].append(key)
    ordered = sorted(groups.values(), key=lambda keys: min(makers[key].seq if key in makers else 0 for key in keys))
    offered = 0
    for keys in ordered:
        tx = _next_transaction(connection)
        clock = max((makers[key].clock for key in keys if key in makers), default=0)
        for key in sorted(keys, key=lambda one: (_PLACES[one[0]], makers[one].seq if one in makers else 0)):
            values = _current(connection, village, key)
            if values is not None:
                _write(connection, tx, key, op="I", new=values, maker=makers.get(key), clock=clock)
                offered += 1
    return offered


def offer_fields(
    connection: Connection,
    key: RowKey,
    *,
    values: Mapping[str, Value],
    standing: Mapping[str, Value],
    maker: Maker,
    base: int,
) -> None:
    """Fields of a row in which the county has not what somebody wrote after `base`."""
    tx = _next_transaction(connection)
    _write(connection, tx, key, op="U", new=values, old=standing, maker=maker, clock=maker.clock, base=base)


def _entries(connection: Connection, wanted: set[RowKey], *, until: int | None = None) -> Iterable[Row[tuple[object]]]:
    column = change_log.c
    ids = sorted({row_id.hex for _, row_id in wanted})
    for start in range(0, len(ids), _CHUNK):
        query = select(change_log).where(column.row_id.in_(ids[start : start + _CHUNK])).order_by(column.seq)
        if until is not None:
            query = query.where(column.seq <= until)
        for entry in connection.execute(query).all():
            if (entry.table_name, UUID(entry.row_id)) in wanted:
                yield entry


def _maker(entry: Row[tuple[object]]) -> Maker:
    return Maker(entry.seq, entry.tx, entry.origin, entry.clock, entry.actor, entry.reason)


def _next_transaction(connection: Connection) -> int:
    connection.execute(update(change_context).values(tx=change_context.c.tx + 1))
    tx: int = connection.execute(select(change_context.c.tx)).scalar_one()
    return tx


def _current(connection: Connection, village: str, key: RowKey) -> dict[str, Value] | None:
    table = synced_table(key[0])
    assert table is not None
    row = connection.execute(select(table).where(table.c.village == village, table.c.id == key[1])).mappings().first()
    return read_row(table, dict(row)) if row is not None else None


def _write(
    connection: Connection,
    tx: int,
    key: RowKey,
    *,
    op: str,
    new: Mapping[str, Value],
    maker: Maker | None,
    clock: int,
    old: Mapping[str, Value] | None = None,
    base: int | None = None,
) -> None:
    context = connection.execute(select(change_context)).one()
    last = connection.scalar(select(func.max(change_log.c.device_seq))) or 0
    connection.execute(
        insert(change_log).values(
            device_seq=last + 1,
            tx=tx,
            clock=clock,
            actor=maker.actor if maker else "0" * 32,
            reason=maker.reason if maker else "",
            table_name=key[0],
            row_id=key[1].hex,
            op=op,
            new=_as_json(new),
            old=_as_json(old) if old is not None else None,
            base=context.base if base is None else base,
            origin=0,
            schema=SCHEMA_VERSION,
        )
    )


def _as_json(values: Mapping[str, Value]) -> str:
    """As the triggers write it: ids in hex."""
    plain = {name: value.hex() if isinstance(value, bytes) else value for name, value in values.items()}
    return json.dumps(plain, ensure_ascii=False)
