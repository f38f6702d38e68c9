"""Batches that arrive piece by piece: kept by device and hash until the batch is named whole, or is given up."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, select

from county_server.auth.devices import KnownDevice
from county_server.engine import writing
from county_server.problems import RequestRefusedError
from county_server.tables import batch, batch_part, device
from village_core.domain.clock import Clock, stamp, stamp_of
from village_core.exchange.batches import hash_of
from village_core.exchange.codec import MAX_COMPRESSED
from village_core.exchange.messages import ProblemKind, SyncRequest
from village_core.exchange.pieces import PartState

_UPLOADS_PER_DEVICE = 2
_KEPT = timedelta(days=30)


def keep_part(engine: Engine, sender: KnownDevice, *, name: str, start: int, content: bytes, clock: Clock) -> PartState:
    """Keep what goes on from what is here; bytes that are here already are passed over. Says how far it is.

    A piece without a byte only asks, one from the very first byte begins anew. `name` is the batch's hash in hex.
    """
    key = _read_hash(name)
    if start < 0 or start + len(content) > MAX_COMPRESSED:
        raise RequestRefusedError(413, ProblemKind.TOO_LARGE)
    with writing(engine) as connection:
        connection.execute(select(device.c.number).where(device.c.number == sender.number).with_for_update())
        if start == 0 and content:
            forget_parts(connection, sender, key)
            _make_room(connection, sender, clock=clock)
        known = _known_bytes(connection, sender, key)
        fresh = content[known - start :] if start <= known else b""
        if fresh:
            row = {"village": sender.village, "device": sender.number, "hash": key, "start": known, "content": fresh}
            connection.execute(insert(batch_part).values(received_at=stamp(clock), **row))
        return PartState(known + len(fresh))


def find_named_batch(engine: Engine, sender: KnownDevice, request: SyncRequest) -> bytes:
    """The batch whose hash the request names: just brought, or answered before. Refuses while some of it lacks."""
    key = request.batch_hash
    with engine.connect() as connection:
        place = (batch.c.village == sender.village, batch.c.device == sender.number)
        newest = (batch.c.incarnation == request.incarnation, batch.c.first_seq == request.acked_seq + 1)
        answered: bytes | None = connection.scalar(select(batch.c.content).where(*place, *newest, batch.c.hash == key))
        if answered is not None:
            return answered
        pieces = select(batch_part.c.content).where(*_place(sender, key)).order_by(batch_part.c.start)
        content = b"".join(connection.scalars(pieces))
    if hash_of(content) == key:
        return content
    raise RequestRefusedError(409, ProblemKind.MISSING_PART, str(len(content)))


def forget_parts(connection: Connection, sender: KnownDevice, key: bytes) -> None:
    """The batch was taken in, or will not be."""
    connection.execute(delete(batch_part).where(*_place(sender, key)))


def _known_bytes(connection: Connection, sender: KnownDevice, key: bytes) -> int:
    size: int | None = connection.scalar(
        select(func.sum(func.length(batch_part.c.content))).where(*_place(sender, key))
    )
    return int(size or 0)


def _make_room(connection: Connection, sender: KnownDevice, *, clock: Clock) -> None:
    """A device sends one batch at a time; what it or others gave up long ago goes."""
    column = batch_part.c
    own = (column.village == sender.village, column.device == sender.number)
    old = stamp_of(clock.now() - _KEPT)
    connection.execute(delete(batch_part).where(column.village == sender.village, column.received_at < old))
    begun = select(column.hash, func.max(column.received_at)).where(*own).group_by(column.hash)
    by_age = sorted(connection.execute(begun).all(), key=lambda row: row[1], reverse=True)
    for row in by_age[_UPLOADS_PER_DEVICE - 1 :]:
        forget_parts(connection, sender, row.hash)


def _place(sender: KnownDevice, key: bytes) -> tuple[ColumnElement[bool], ...]:
    column = batch_part.c
    return column.village == sender.village, column.device == sender.number, column.hash == key


def _read_hash(name: str) -> bytes:
    try:
        key = bytes.fromhex(name)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise RequestRefusedError(404, ProblemKind.NO_CONTENT)
    return key
