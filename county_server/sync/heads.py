"""Where a device's history once ended: a file comes later than it was written."""

from __future__ import annotations

from sqlalchemy import Connection, func, or_, select

from county_server.auth.devices import KnownDevice
from county_server.tables import batch, village_epoch
from village_core.exchange.batches import FIRST_LINK
from village_core.exchange.messages import HEAD_BYTES, SyncRequest

_NEVER = "9999"
"""Later than any stamp."""


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


def ended_before(connection: Connection, sender: KnownDevice, request: SyncRequest) -> int:
    """Where this history ended before the county was restored: behind a batch of its own, or 0.

    Where it only began is no proof: a restored county may have given its number to another machine of the same disk,
    which had confirmed something else up to there.
    """
    column, age = batch.c, village_epoch.c
    restored = select(func.min(age.begun_at)).where(age.village == sender.village, age.epoch > request.epoch)
    known_since = func.coalesce(restored.scalar_subquery(), _NEVER)
    newest = connection.scalar(
        select(func.max(column.last_seq)).where(
            column.village == sender.village,
            column.device == sender.number,
            column.incarnation == request.incarnation,
            column.received_at < known_since,
        )
    )
    return newest or 0
