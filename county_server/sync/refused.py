"""What came and may not be applied is kept all the same."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, func, insert, select

from county_server.auth.devices import KnownDevice
from county_server.engine import writing
from county_server.tables import refused_batch
from village_core.domain.clock import Clock, stamp
from village_core.exchange.batches import hash_of
from village_core.exchange.messages import SyncRequest

MOST_KEPT = 256 << 20
"""Bytes that are kept of one device: many times what any laptop has to say, and no way to fill the disk."""


def keep_refused(engine: Engine, sender: KnownDevice, request: SyncRequest, *, clock: Clock) -> None:
    """Bytes that were refused are archived, once."""
    if not request.batch:
        return
    key = hash_of(request.batch)
    with writing(engine) as connection:
        place = (refused_batch.c.village == sender.village, refused_batch.c.hash == key)
        if connection.scalar(select(refused_batch.c.device).where(*place)) is None and _has_room(connection, sender):
            connection.execute(
                insert(refused_batch).values(
                    village=sender.village,
                    hash=key,
                    device=sender.number,
                    content=request.batch,
                    received_at=stamp(clock),
                    problem="revoked" if sender.revoked else "damaged",
                )
            )


def _has_room(connection: Connection, sender: KnownDevice) -> bool:
    column = refused_batch.c
    own = (column.village == sender.village, column.device == sender.number)
    kept = connection.scalar(select(func.coalesce(func.sum(func.length(column.content)), 0)).where(*own))
    return int(kept or 0) < MOST_KEPT
