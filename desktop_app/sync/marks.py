"""Three honest marks: 已保存 → 县里已收到 → 已核对一致. The last one is never said before equality was shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from uuid import UUID

from sqlalchemy import Connection, func, select

from desktop_app.storage.unit_of_work import Reader
from desktop_app.sync import state
from desktop_app.sync.outbox import count_waiting
from village_core.domain.clock import Clock, stamp
from village_core.exchange.change_log import change_log
from village_core.exchange.local_tables import deferred_operation, held_row
from village_core.records.households import Person


class Mark(IntEnum):
    """How far a change has come; higher is further."""

    SAVED = 1
    RECEIVED = 2
    EQUAL = 3

    @property
    def word(self) -> str:
        return {Mark.SAVED: "已保存", Mark.RECEIVED: "县里已收到", Mark.EQUAL: "已核对一致"}[self]


@dataclass(frozen=True)
class Progress:
    """What is known of the exchange. Numbers: `acked_seq` of own changes, `proved_seq` of entries of the change log
    when equality was shown last; `equal_now` whether the last finished exchange showed it."""

    enrolled: bool
    waiting: int
    acked_seq: int
    proved_seq: int
    equal_now: bool
    deferred: int
    held: int
    durable_seq: int


def village_mark(progress: Progress) -> Mark:
    """The mark of everything on this laptop together."""
    if not progress.enrolled or progress.waiting:
        return Mark.SAVED
    return Mark.EQUAL if progress.equal_now and not progress.deferred else Mark.RECEIVED


def row_mark(progress: Progress, *, own_seq: int, log_seq: int, held: bool = False) -> Mark:
    """The mark of one record: `own_seq` is its last change made here (0: none), `log_seq` its last entry at all."""
    if not progress.enrolled or own_seq > progress.acked_seq:
        return Mark.SAVED
    shown = progress.equal_now and not progress.deferred and log_seq <= progress.proved_seq
    return Mark.EQUAL if shown and not held else Mark.RECEIVED


def mark_words(progress: Progress) -> str:
    """A sentence for the page and the status bar."""
    if not progress.enrolled:
        return "已保存在这台电脑上。"
    if progress.waiting:
        return f"已保存；还有 {progress.waiting:,} 条没送到县里。"
    if progress.deferred:
        return f"县里已收到；有 {progress.deferred:,} 条来自新版程序，升级田埂后才能核对。"
    if village_mark(progress) is Mark.EQUAL:
        return "已核对一致。" + (f"有 {progress.held:,} 条县里先放着，等人拿主意。" if progress.held else "")
    return "县里已收到；还没有核对一致。"


def read_progress(reader: Reader) -> Progress:
    """How far this laptop has come."""
    connection = reader.session.connection()
    known = state.read_state(connection)
    acked = int(known.get(state.ACKED_SEQ, "0"))
    return Progress(
        enrolled=state.DEVICE in known and state.COUNTY_URL in known,
        waiting=count_waiting(connection, acked),
        acked_seq=acked,
        proved_seq=int(known.get(state.PROVED_SEQ, "0")),
        equal_now=known.get(state.EQUAL_NOW) == "1",
        deferred=connection.scalar(select(func.count()).select_from(deferred_operation)) or 0,
        held=connection.scalar(select(func.count()).select_from(held_row)) or 0,
        durable_seq=int(known.get(state.DURABLE_SEQ, "0")),
    )


def mark_of_rows(reader: Reader, ids: Sequence[UUID]) -> Mark:
    """How far the last change of these records has come: the mark that is true of all of them."""
    connection = reader.session.connection()
    column = change_log.c
    seq, own = connection.execute(
        select(func.max(column.seq), func.max(column.device_seq)).where(column.row_id.in_([one.hex for one in ids]))
    ).one()
    held = connection.scalar(select(func.count()).select_from(held_row).where(held_row.c.row_id.in_(ids)))
    return row_mark(read_progress(reader), own_seq=own or 0, log_seq=seq or 0, held=bool(held))


def mark_of_household(reader: Reader, household_id: UUID) -> Mark:
    """Of a household with its people."""
    people = select(Person.id).where(Person.village == reader.village, Person.household_id == household_id)
    return mark_of_rows(reader, [household_id, *reader.session.scalars(people)])


def note_equality(connection: Connection, clock: Clock, *, equal: bool) -> None:
    """At the end of an exchange: whether laptop and county were shown to be equal."""
    if not equal:
        state.write_state(connection, {state.EQUAL_NOW: "0"})
        return
    newest = connection.exec_driver_sql("SELECT max(seq) FROM change_log").scalar() or 0
    state.write_state(
        connection,
        {state.EQUAL_NOW: "1", state.PROVED_SEQ: str(newest), state.LAST_EQUAL_AT: stamp(clock)},
    )
    lost = (state.LOST_AFTER, state.LOST_UNTIL, state.LOST_UP_TO, state.ENROLLED_ANEW)
    connection.exec_driver_sql("DELETE FROM device_state WHERE key IN (?, ?, ?, ?)", lost)
