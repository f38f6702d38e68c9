"""A snapshot of the county, taken in whole or not at all. What was done here and is still on its way stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, Table, bindparam, select, text, update

from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state, words
from desktop_app.sync.arriving import forget_arriving
from desktop_app.sync.county_restored import go_on_from_snapshot
from desktop_app.sync.pending import read_pending
from desktop_app.sync.proof import held_rows, refresh_digests
from desktop_app.sync.rows import RowWriter
from village_core.exchange.change_log import COUNTY_ORIGIN, SCHEMA_VERSION, change_context
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.milestones import Milestone
from village_core.exchange.operations import Operation, checked, synced_table
from village_core.exchange.snapshot import Snapshot, read_snapshot
from village_core.exchange.values import MalformedValueError, Value, read_row
from village_core.records import Record
from village_core.records.base import Merge, rule_of

FIRST_REASON = "首次下载"
LATER_REASON = "很久没有同步，重新下载"


def take_snapshot(workspace: Workspace, link: state.CountyLink, content: bytes) -> int:
    """Bring all rows to what the county signed; how many differed. Afterwards operations go on behind its number.

    Raises, and changes nothing, for what the county did not sign.
    """
    try:
        snapshot = _read(workspace, link, content)
    except (DamagedMessageError, MalformedValueError) as error:
        forget_arriving(workspace)
        raise words.garbled() from error
    changed = 0
    with explained(), workspace.unit_of_work(reason=FIRST_REASON) as uow:
        connection = uow.session.connection()
        now = state.read_link(connection)
        if now is not None and (now.epoch, now.incarnation, now.cursor) == (link.epoch, link.incarnation, link.cursor):
            changed = _Loader(connection, workspace.village, now, snapshot).run()
            uow.commit()
    forget_arriving(workspace)
    workspace.hybrid_clock.observe(min(snapshot.time << 16, (1 << 62) - 1))
    return changed


def _read(workspace: Workspace, link: state.CountyLink, content: bytes) -> Snapshot:
    if link.county_key is None:
        raise DamagedMessageError("no key of the county to check with")
    snapshot = read_snapshot(content, link.county_key)
    if snapshot.village != workspace.village or snapshot.schema != SCHEMA_VERSION or snapshot.number <= link.cursor:
        raise DamagedMessageError("not the snapshot that was asked for")
    rows = tuple(checked(_table_of(one), one) for one in snapshot.rows)
    return replace(snapshot, rows=rows)


def _table_of(operation: Operation) -> Table:
    table = synced_table(operation.table)
    if table is None:
        raise MalformedValueError(operation.table)
    return table


class _Loader:
    def __init__(self, connection: Connection, village: str, link: state.CountyLink, snapshot: Snapshot) -> None:
        self._connection = connection
        self._village = village
        self._link = link
        self._snapshot = snapshot
        self._rows = RowWriter(connection, village)
        self._held = held_rows(connection)
        self._pending = read_pending(connection, acked_seq=link.acked_seq, cursor=snapshot.number)

    def run(self) -> int:
        """Rows may refer to later ones of their own table, so that references are looked at in the end."""
        self._connection.execute(text("PRAGMA defer_foreign_keys = ON"))
        reason = LATER_REASON if self._link.cursor or self._link.trail.steps else FIRST_REASON
        self._set_context(reason, origin=COUNTY_ORIGIN)
        changed = 0
        here: dict[str, dict[UUID, dict[str, Value]]] = {}
        self._rows.preload(operation.row for operation in self._snapshot.rows)
        for operation in self._snapshot.rows:
            if operation.table not in here:
                here[operation.table] = self._rows_of(_table_of(operation))
            changed += self._take(operation, here[operation.table].get(operation.row_id))
        self._rows.flush()
        changed += self._let_go(here)
        self._set_context("", origin=0)
        go_on_from_snapshot(self._connection, Milestone(self._snapshot.number, self._snapshot.mark))
        refresh_digests(self._connection, self._village, extra=self._rows.touched)
        return changed

    def _take(self, operation: Operation, known: dict[str, Value] | None) -> bool:
        row, number = operation.row, self._snapshot.number
        if operation.row_id in self._held.get(operation.table, ()):
            self._rows.release(row)
        if known is None:
            if self._pending.touches(row, number):
                return False
            self._rows.insert(row, operation.values)
            return True
        newer = {
            name: value
            for name, value in operation.values.items()
            if known.get(name) != value and not self._pending.protects(row, name, number)
        }
        self._rows.update(row, newer)
        return bool(newer)

    def _let_go(self, here: dict[str, dict[UUID, dict[str, Value]]]) -> int:
        """Drafts that were deleted at the county meanwhile. Anything else that only this laptop has stays, and so does
        a question about which somebody decided here: a restored county asks it again."""
        standing = {operation.row for operation in self._snapshot.rows}
        gone = 0
        for table in reversed(Record.metadata.sorted_tables):
            if not (rule_of(table).deletable or rule_of(table).merge is Merge.COUNTY):
                continue
            for row_id in here.get(table.name) or self._ids_of(table):
                row = (table.name, row_id)
                if row in standing or self._pending.touches(row, self._snapshot.number):
                    continue
                if not self._rows.followers(row):
                    self._rows.delete(row)
                    gone += 1
        self._rows.flush()
        return gone

    def _rows_of(self, table: Table) -> dict[UUID, dict[str, Value]]:
        found = self._connection.execute(_whole(table), {"of": self._village})
        return {row["id"]: read_row(table, dict(row)) for row in found.mappings()}

    def _ids_of(self, table: Table) -> Iterable[UUID]:
        return self._connection.scalars(select(table.c.id).where(table.c.village == self._village)).all()

    def _set_context(self, reason: str, *, origin: int) -> None:
        self._connection.execute(
            update(change_context).values(
                tx=change_context.c.tx + 1,
                actor="0" * 32 if origin else "",
                reason=reason,
                base=self._snapshot.number,
                origin=origin,
                clock=self._snapshot.time << 16 if origin else 0,
                schema=SCHEMA_VERSION,
            )
        )


@cache
def _whole(table: Table) -> Select[Any]:
    return select(table).where(table.c.village == bindparam("of"))
