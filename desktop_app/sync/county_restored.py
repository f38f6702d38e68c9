"""The county was restored from a backup: this laptop goes back to what is still there, and sends the rest again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, delete, func, select

from desktop_app.storage.contents import doubt_receipts
from desktop_app.sync import state, words
from desktop_app.sync.outbox import let_go
from desktop_app.sync.proof import held_rows, refresh_digests
from village_core.exchange.batches import FIRST_LINK
from village_core.exchange.change_log import change_log
from village_core.exchange.local_tables import held_row, sent_batch
from village_core.exchange.messages import SyncAnswer
from village_core.exchange.milestones import NO_TRAIL, Milestone


def go_back(connection: Connection, village: str, link: state.CountyLink, answer: SyncAnswer) -> None:
    """Count as unsent what the county lost. Nothing is dropped: the change log holds all that was ever done here.

    Where the county's history of this device is not ours either, the next turn finds a fork, which heals itself.
    With milestones the laptop claims to know nothing until the county has said from where both go on.
    """
    if answer.epoch <= link.epoch:
        raise words.county_behind()
    acked = min(answer.acked_seq, link.acked_seq)
    known = state.read_state(connection)
    newest = connection.scalar(select(func.max(change_log.c.seq))) or 0
    let_go(connection)
    head = _head_at(connection, answer.incarnation, acked)
    connection.execute(delete(sent_batch).where(sent_batch.c.last_seq > acked))
    released = _release(connection, acked)
    lost_up_to = max(link.cursor, int(known.get(state.LOST_UP_TO, "0")))
    state.write_state(
        connection,
        {
            state.INCARNATION: str(answer.incarnation),
            state.ACKED_SEQ: str(acked),
            state.HEAD: head.hex(),
            state.CURSOR: "0" if link.trail.steps else str(min(answer.cursor, link.cursor)),
            state.EPOCH: str(answer.epoch),
            state.LOST_UNTIL: str(newest),
            state.LOST_UP_TO: str(lost_up_to),
            state.ENROLLED_ANEW: "",
            state.EQUAL_NOW: "0",
        },
    )
    refresh_digests(connection, village, extra=released)


def go_on_from(connection: Connection, link: state.CountyLink, answer: SyncAnswer) -> None:
    """The cursor moves to where the answer leads; behind it stays what both know."""
    known = state.read_state(connection)
    values = {state.CURSOR: str(answer.cursor)}
    if state.LOST_UNTIL in known and (answer.since >= 0 or state.LOST_AFTER not in known):
        common = answer.since if answer.since >= 0 else link.cursor
        values[state.LOST_AFTER] = str(min(common, int(known.get(state.LOST_AFTER) or common)))
    trail = link.trail.back_to(answer.since) if answer.since >= 0 else link.trail
    if answer.mark:
        trail = trail.then(Milestone(answer.cursor, answer.mark))
    elif answer.cursor != link.cursor:
        trail = NO_TRAIL
    state.write_state(connection, values | {state.MILESTONES: trail.text})


def go_on_from_snapshot(connection: Connection, milestone: Milestone) -> None:
    """The cursor moves to a snapshot's number."""
    known = state.read_state(connection)
    values = {state.CURSOR: str(milestone.number)}
    if state.LOST_UNTIL in known and state.LOST_AFTER not in known:
        values[state.LOST_AFTER] = "0"
    trail = NO_TRAIL.then(milestone) if milestone.mark else NO_TRAIL
    state.write_state(connection, values | {state.MILESTONES: trail.text})


def begin_again(connection: Connection, village: str, link: state.CountyLink, answer: SyncAnswer) -> None:
    """This laptop was restored or cloned: what is not confirmed goes up again under a new incarnation, and all of it
    where the county does not know this history any more."""
    let_go(connection)
    acked = min(answer.acked_seq, link.acked_seq)
    state.write_state(
        connection,
        {state.INCARNATION: str(answer.incarnation), state.HEAD: FIRST_LINK.hex(), state.ACKED_SEQ: str(acked)},
    )
    if acked < link.acked_seq:
        connection.execute(delete(sent_batch).where(sent_batch.c.last_seq > acked))
        doubt_receipts(connection)
        refresh_digests(connection, village, extra=_release(connection, acked))


def start_over(connection: Connection, village: str) -> None:
    """The county stopped this laptop, or forgot it: as a new device it brings everything it ever did, and asks about
    every photo, since a county that went back untold is still in the epoch of the receipts."""
    newest = connection.scalar(select(func.max(change_log.c.seq))) or 0
    let_go(connection)
    connection.execute(delete(sent_batch))
    doubt_receipts(connection)
    released = _release(connection, 0)
    state.write_state(
        connection,
        {
            state.LOST_AFTER: "0",
            state.LOST_UNTIL: str(newest),
            state.ENROLLED_ANEW: "1",
            state.EQUAL_NOW: "0",
            state.DURABLE_SEQ: "0",
        },
    )
    refresh_digests(connection, village, extra=released)


def _head_at(connection: Connection, incarnation: int, acked: int) -> bytes:
    """The hash of the batch that ended there, in this history."""
    found = connection.scalar(
        select(sent_batch.c.hash).where(sent_batch.c.incarnation == incarnation, sent_batch.c.last_seq == acked)
    )
    return bytes.fromhex(found) if found else FIRST_LINK


def _release(connection: Connection, acked: int) -> set[tuple[str, UUID]]:
    """Rows that the county had put aside come before it again: it decides anew."""
    column = change_log.c
    again = {
        (row.table_name, UUID(row.row_id))
        for row in connection.execute(
            select(column.table_name, column.row_id).where(column.device_seq > acked, column.op == "I")
        )
    }
    released = {(name, row_id) for name, ids in held_rows(connection).items() for row_id in ids} & again
    for name, row_id in released:
        connection.execute(delete(held_row).where(held_row.c.table_name == name, held_row.c.row_id == row_id))
    return released
