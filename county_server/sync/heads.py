"""Where a device's history once ended: a file comes later than it was written."""

from __future__ import annotations

from sqlalchemy import Connection, func, or_, select

from county_server.auth.devices import KnownDevice
from county_server.tables import batch, village_epoch
from village_core.exchange.batches import FIRST_LINK
from village_core.exchange.messages import HEAD_BYTES, SyncRequest


def was_head(connection: Connection, sender: KnownDevice, request: SyncRequest) -> bool:
    """Whether this very history once ended where the request says."""
    column = batch.c
    rows = connection.execute(
        select(column.last_seq, column.hash).where(
            column.village == sender.village,
            column.device == sender.number,
            column.incarnation == request.incarnation,
            or_(column.last_seq == request.acked_seq, column.first_seq == request.acked_seq + 1),
        )
    ).all()
    ended = [row.hash[:HEAD_BYTES] for row in rows if row.last_seq == request.acked_seq]
    return request.head in (ended or [FIRST_LINK[:HEAD_BYTES]] if rows else [])


def ended_before(connection: Connection, sender: KnownDevice, request: SyncRequest, *, last_seq: int) -> int:
    """Where this history, which ends at `last_seq` now, ended before the county was restored."""
    column, age = batch.c, village_epoch.c
    restored = select(func.min(age.begun_at)).where(age.village == sender.village, age.epoch > request.epoch)
    first = connection.scalar(
        select(func.min(column.first_seq)).where(
            column.village == sender.village,
            column.device == sender.number,
            column.incarnation == request.incarnation,
            column.received_at >= restored.scalar_subquery(),
        )
    )
    return last_seq if first is None else first - 1
