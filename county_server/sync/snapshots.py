"""Snapshots for laptops that come new or after very long: made at most now and then, the same bytes for all."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Table, bindparam, delete, func, insert, or_, select, update

from county_server.auth.identity import load_keys
from county_server.guards import as_owner
from county_server.problems import RequestRefusedError
from county_server.sync.milestones import mark_at
from county_server.tables import compacted_operation, county_digests, oplog, row_version, village
from county_server.tables import snapshot as snapshot_table
from village_core.domain.clock import Clock, stamp
from village_core.exchange import digests
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.messages import ProblemKind, SyncRequest, Want
from village_core.exchange.operations import COUNTY_DEVICE, Kind, Operation
from village_core.exchange.pieces import MAX_ARRIVING
from village_core.exchange.snapshot import Snapshot, write_snapshot
from village_core.exchange.values import Value, read_row
from village_core.records import Record

FAR_BEHIND = 2_000
"""From so many numbers on a snapshot may be less to carry than what happened since."""
_KEPT_PER_VILLAGE = 2

# Built once, since every turn of a laptop that comes late asks them.
_HOW_FAR = (
    select(func.count())
    .select_from(oplog)
    .where(
        oplog.c.village == bindparam("of"),
        oplog.c.number > bindparam("cursor"),
        or_(oplog.c.device != bindparam("device"), oplog.c.incarnation != bindparam("incarnation")),
        oplog.c.effect_kind.is_not(None),
    )
)
_HOW_MUCH = select(func.count()).select_from(county_digests.row).where(county_digests.row.c.village == bindparam("of"))


def instead_of_operations(
    connection: Connection,
    code: str,
    request: SyncRequest,
    *,
    counter: int,
    kept_after: int,
    clock: Clock,
    far: int = FAR_BEHIND,
) -> int | None:
    """None: operations serve this laptop. Otherwise the number of a snapshot, or 0 as long as it brings batches:
    what it did goes first, so that the snapshot holds it.

    `counter` and `kept_after` are those of the village, its row being locked. Refuses a program that is too old for
    snapshots, or newer than this one, where operations no longer reach back to it.
    """
    purged = request.cursor < kept_after
    by_file = bool(request.want & Want.BY_FILE)
    wanted = Want.SNAPSHOT_BY_FILE if by_file else Want.SNAPSHOT
    able = bool(request.want & wanted) and request.schema == SCHEMA_VERSION
    if not purged and not (able and counter - request.cursor >= far and _is_far(connection, code, request, far)):
        return None
    if request.batch or (purged and by_file and not able):
        # No snapshot for an older program: what it brings is taken in, and whoever reads it is told that it has to
        # come over the line.
        return 0
    # Nothing can be asked for behind a file: it goes to the last number.
    oldest = counter - 1 if by_file else counter - far // 2
    after = max(request.cursor, oldest)
    number = _offer(connection, code, after, counter=counter, kept_after=kept_after, clock=clock) if able else 0
    if by_file and not number:
        return 0 if purged else None
    if purged and not number:
        newer = request.schema > SCHEMA_VERSION
        raise RequestRefusedError(409, ProblemKind.NEWER_SCHEMA if newer else ProblemKind.OLD_SCHEMA)
    return number or None


def is_behind_log(connection: Connection, code: str, cursor: int) -> bool:
    """Whether operations no longer reach back to a laptop that has followed up to `cursor`."""
    kept_after: int = connection.execute(select(village.c.log_kept_after).where(village.c.code == code)).scalar_one()
    return cursor < kept_after


def _is_far(connection: Connection, code: str, request: SyncRequest, far: int) -> bool:
    """Whether others did so much that all rows are less: a change costs about half of a whole row."""
    place = {"of": code, "cursor": request.cursor, "device": request.device, "incarnation": request.incarnation}
    behind = connection.scalar(_HOW_FAR, place) or 0
    return behind >= far and 2 * behind >= (connection.scalar(_HOW_MUCH, {"of": code}) or 0)


def get_snapshot(connection: Connection, code: str, number: int) -> bytes:
    """The file that was offered under this number."""
    place = (snapshot_table.c.village == code, snapshot_table.c.number == number)
    return bytes(connection.execute(select(snapshot_table.c.content).where(*place)).scalar_one())


def _offer(connection: Connection, code: str, after: int, *, counter: int, kept_after: int, clock: Clock) -> int:
    """The number of a snapshot behind this one, made if there is none; 0 if it would be too large."""
    column = snapshot_table.c
    recent: int | None = connection.scalar(
        select(func.max(column.number)).where(
            column.village == code,
            column.schema == SCHEMA_VERSION,
            column.number > after,
        )
    )
    if recent is not None:
        return recent
    content = _make(connection, code, number=counter, kept_after=kept_after, clock=clock)
    if len(content) > MAX_ARRIVING:
        return 0
    numbers = connection.scalars(
        select(column.number).where(column.village == code).order_by(column.number.desc())
    ).all()
    gone = [counter, *numbers[_KEPT_PER_VILLAGE - 1 :]]
    connection.execute(delete(snapshot_table).where(column.village == code, column.number.in_(gone)))
    connection.execute(
        insert(snapshot_table).values(
            village=code, number=counter, schema=SCHEMA_VERSION, content=content, made_at=stamp(clock)
        )
    )
    return counter


def purge_log(connection: Connection, code: str, *, until: int) -> None:
    """Forget operations up to `until` and what was deleted by them. A laptop that is further behind gets a snapshot.

    Who holds the village's row calls it. What was held stays, with the questions, decisions and the county's own
    operations about it: they tell what was let through and what left out. Of the others remains by which they are
    known again, so that what was deleted stays so.
    """
    as_owner(connection, "compact")
    held = oplog.alias().c
    was_held = select(held.row_id).where(held.village == code, held.verdict == "held")
    leaving = (
        oplog.c.village == code,
        oplog.c.number <= until,
        oplog.c.verdict != "held",
        oplog.c.table_name.not_in(("held_change", "held_decision")),
        or_(oplog.c.device != COUNTY_DEVICE, oplog.c.row_id.not_in(was_held)),
    )
    here = select(compacted_operation.c.fingerprint).where(compacted_operation.c.village == code)
    known_again = (
        select(oplog.c.village, oplog.c.fingerprint, func.max(oplog.c.verdict))
        .where(*leaving, oplog.c.device > 0, oplog.c.fingerprint.not_in(here))
        .group_by(oplog.c.village, oplog.c.fingerprint)
    )
    connection.execute(insert(compacted_operation).from_select(["village", "fingerprint", "verdict"], known_again))
    connection.execute(delete(oplog).where(*leaving))
    connection.execute(
        delete(row_version).where(row_version.c.village == code, row_version.c.deleted, row_version.c.number <= until)
    )
    connection.execute(update(village).where(village.c.code == code).values(log_kept_after=until))


def _make(connection: Connection, code: str, *, number: int, kept_after: int, clock: Clock) -> bytes:
    rows = [
        Operation(number, Kind.INSERT, str(table.name), row_id, values)
        for table in Record.metadata.sorted_tables
        for row_id, values in _rows_of(connection, table, code)
    ]
    content = Snapshot(
        village=code,
        number=number,
        schema=SCHEMA_VERSION,
        time=int(clock.now().timestamp() * 1000),
        root=digests.root_of(digests.table_digests(connection, county_digests, village=code)),
        rows=tuple(rows),
        mark=mark_at(connection, code, number, kept_after=kept_after) or b"",
    )
    return write_snapshot(load_keys(connection).signing, content)


def _rows_of(connection: Connection, table: Table, code: str) -> list[tuple[UUID, dict[str, Value]]]:
    found = connection.execute(_whole(table), {"of": code})
    return [(row["id"], read_row(table, dict(row))) for row in found.mappings()]


@cache
def _whole(table: Table) -> Select[Any]:
    return select(table).where(table.c.village == bindparam("of")).order_by(table.c.id)
