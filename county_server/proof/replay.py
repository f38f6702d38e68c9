"""The log is what happened; the tables are what follows from it. Replays the one and compares the other.

Where the beginning of a log was purged, only what the rest of it says is compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Engine, delete, insert, select

from county_server.engine import writing
from county_server.guards import as_owner
from county_server.tables import county_digests, county_metadata, oplog, refused_batch, village
from village_core.domain.clock import Clock, stamp
from village_core.domain.errors import RefusedError
from village_core.exchange import digests
from village_core.exchange.apply import write_operations
from village_core.exchange.batches import hash_of
from village_core.exchange.operations import COUNTY_DEVICE, Kind, Operation, synced_table
from village_core.exchange.plan import references_of
from village_core.exchange.values import Value, data_columns, read_row
from village_core.records import Record

RowKey = tuple[str, UUID]
_decode = msgspec.msgpack.Decoder().decode


class Wrong(StrEnum):
    """What is wrong with a row."""

    MISSING = "missing"
    """The log says that it stands, the table lacks it."""
    EXTRA = "extra"
    """No operation ever made it."""
    DIFFERENT = "different"


@dataclass(frozen=True)
class WrongRow:
    """A row that does not follow from the log; `fields` are those that differ."""

    table: str
    row: str
    wrong: Wrong
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replay:
    """What the comparison found. `digests` are tables whose kept digest does not fit their rows."""

    operations: int
    rows: int
    wrong: tuple[WrongRow, ...]
    digests: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not (self.wrong or self.digests)


@dataclass
class _State:
    rows: dict[RowKey, dict[str, Value]] = field(default_factory=dict)
    whole: set[RowKey] = field(default_factory=set)
    """Rows whose insert is in the log: every field is known."""
    operations: int = 0


def replay_village(engine: Engine, code: str) -> Replay:
    """Compare a village's tables and digests with its log, in one consistent state."""
    with writing(engine) as connection:
        purged = _kept_after(connection, code) > 0
        state = _replayed(connection, code)
        wrong = list(_wrong_rows(connection, code, state, purged=purged))
        kept = digests.table_digests(connection, county_digests, village=code)
        now = digests.recompute(connection, village=code)
        stale = tuple(name for name in sorted(now) if kept[name] != now[name])
    return Replay(state.operations, len(state.rows), tuple(wrong), stale)


def repair_village(engine: Engine, code: str, *, clock: Clock) -> Replay:
    """Bring the tables back to what the log says, and make the digests anew. Returns what was wrong before.

    A row that no operation made is taken out and archived with what was refused, unless something refers to it: a
    laptop that has it as well offers it again, and then it is in the log.
    """
    found = replay_village(engine, code)
    if found.ok:
        return found
    with writing(engine) as connection:
        as_owner(connection, "repair")
        connection.execute(select(village.c.code).where(village.c.code == code).with_for_update())
        state = _replayed(connection, code)
        purged = _kept_after(connection, code) > 0
        extra: list[RowKey] = []
        operations: list[Operation] = []
        for one in _wrong_rows(connection, code, state, purged=purged):
            row_id = UUID(one.row)
            values = state.rows.get((one.table, row_id), {})
            match one.wrong:
                case Wrong.EXTRA:
                    extra.append((one.table, row_id))
                case Wrong.MISSING:
                    operations.append(Operation(0, Kind.INSERT, one.table, row_id, values))
                case Wrong.DIFFERENT:
                    changed = {name: values.get(name) for name in one.fields}
                    operations.append(Operation(0, Kind.UPDATE, one.table, row_id, changed))
        places = {table.name: place for place, table in enumerate(county_metadata.sorted_tables)}
        write_operations(connection, code, sorted(operations, key=lambda one: places[one.table]))
        for name, row_id in sorted(extra, key=lambda key: -places[key[0]]):
            _take_out(connection, code, name, row_id, clock=clock)
        for table in (county_digests.row, county_digests.table):
            connection.execute(delete(table).where(table.c.village == code))
        touched = {
            (name, row_id)
            for name, table in Record.metadata.tables.items()
            for row_id in connection.scalars(select(table.c.id).where(table.c.village == code))
        }
        digests.refresh(connection, county_digests, village=code, touched=digests.group_rows(touched))
    return found


def _take_out(connection: Connection, code: str, name: str, row_id: UUID, *, clock: Clock) -> None:
    """Archive a row without origin and remove it, if nothing refers to it."""
    for other in Record.metadata.tables.values():
        for column, target in references_of(other):
            if target == name:
                query = select(other.c.id).where(other.c.village == code, other.c[column] == row_id)
                if connection.scalar(query.limit(1)) is not None:
                    return
    table = Record.metadata.tables[name]
    place = (table.c.village == code, table.c.id == row_id)
    row = connection.execute(select(table).where(*place)).mappings().one()
    content = msgspec.msgpack.encode((name, row_id.bytes, read_row(table, dict(row))))
    known = select(refused_batch.c.hash).where(
        refused_batch.c.village == code, refused_batch.c.hash == hash_of(content)
    )
    if connection.scalar(known) is None:
        connection.execute(
            insert(refused_batch).values(
                village=code,
                hash=hash_of(content),
                device=COUNTY_DEVICE,
                content=content,
                received_at=stamp(clock),
                problem="a row without origin",
            )
        )
    connection.execute(delete(table).where(*place))


def _kept_after(connection: Connection, code: str) -> int:
    kept_after: int | None = connection.scalar(select(village.c.log_kept_after).where(village.c.code == code))
    if kept_after is None:
        raise RefusedError(f"没有 {code} 这个村。", next_step="请用 tiangeng-county status 查看各村。")
    return kept_after


def _replayed(connection: Connection, code: str) -> _State:
    state = _State()
    column = oplog.c
    query = (
        select(column.table_name, column.row_id, column.effect_kind, column.effect, column.offered)
        .where(column.village == code, column.effect_kind.is_not(None))
        .order_by(column.number)
        .execution_options(yield_per=1000)
    )
    with connection.execute(query) as entries:
        for entry in entries:
            table = synced_table(entry.table_name)
            if table is None:
                continue
            state.operations += 1
            key = (entry.table_name, entry.row_id)
            values = _decode(entry.offered if entry.effect is None else entry.effect)
            match Kind(entry.effect_kind):
                case Kind.DELETE:
                    state.rows.pop(key, None)
                    state.whole.discard(key)
                case Kind.INSERT:
                    state.rows[key] = dict.fromkeys(data_columns(table)) | values
                    state.whole.add(key)
                case _:
                    state.rows.setdefault(key, {}).update(values)
    return state


def _wrong_rows(connection: Connection, code: str, state: _State, *, purged: bool) -> Iterator[WrongRow]:
    seen: set[RowKey] = set()
    for name, table in sorted(Record.metadata.tables.items()):
        statement = select(table).where(table.c.village == code).execution_options(yield_per=1000)
        with connection.execute(statement) as rows:
            for row in rows.mappings():
                key = (name, row["id"])
                seen.add(key)
                told = state.rows.get(key)
                if told is None:
                    if not purged:
                        yield WrongRow(name, str(row["id"]), Wrong.EXTRA)
                    continue
                stands = read_row(table, dict(row))
                fields = tuple(sorted(field for field, value in told.items() if stands.get(field) != value))
                if fields:
                    yield WrongRow(name, str(row["id"]), Wrong.DIFFERENT, fields)
    for name, row_id in sorted(state.rows.keys() - seen):
        yield WrongRow(name, str(row_id), Wrong.MISSING)
