"""Answers too large for one turn: kept under their hash for the device that asked, and read out piece by piece."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, select

from county_server.auth.devices import KnownDevice
from county_server.problems import RequestRefusedError
from county_server.tables import kept_answer, snapshot
from village_core.domain.clock import Clock, stamp, stamp_of
from village_core.exchange.batches import hash_of
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.messages import ProblemKind, SyncAnswer, encode
from village_core.exchange.pieces import read_span

_ANSWERS_PER_DEVICE = 3
_KEPT = timedelta(days=30)


class Piece(NamedTuple):
    """Bytes from `start` on of a content of `size` bytes."""

    content: bytes
    start: int
    size: int


def keep_if_large(
    connection: Connection, sender: KnownDevice, answer: SyncAnswer, *, room: int, clock: Clock
) -> SyncAnswer:
    """The answer itself, or one that says under which hash it is to be fetched."""
    if not room or len(answer.batch) + len(answer.operations) <= room:
        return answer
    content = encode(answer)
    key = hash_of(content)
    column = kept_answer.c
    own = (column.village == sender.village, column.device == sender.number)
    connection.execute(
        delete(kept_answer).where(column.village == sender.village, column.made_at < stamp_of(clock.now() - _KEPT))
    )
    others = connection.scalars(select(column.hash).where(*own).order_by(column.made_at.desc())).all()
    gone = [key, *others[_ANSWERS_PER_DEVICE - 1 :]]
    connection.execute(delete(kept_answer).where(*own, column.hash.in_(gone)))
    connection.execute(
        insert(kept_answer).values(
            village=sender.village, device=sender.number, hash=key, content=content, made_at=stamp(clock)
        )
    )
    return msgspec.structs.replace(
        answer, batch=b"", operations=b"", receipt=b"", content_hash=key, content_size=len(content)
    )


def read_answer(engine: Engine, sender: KnownDevice, *, name: str, span: str) -> Piece:
    """A piece of a kept answer. `span` is the header Range."""
    try:
        key = bytes.fromhex(name)
    except ValueError as error:
        raise RequestRefusedError(404, ProblemKind.NO_CONTENT) from error
    column = kept_answer.c
    with engine.connect() as connection:
        return _read_piece(
            connection,
            kept_answer.c.content,
            [column.village == sender.village, column.device == sender.number, column.hash == key],
            span=span,
        )


def read_snapshot_piece(engine: Engine, sender: KnownDevice, *, number: int, span: str) -> Piece:
    """A piece of a snapshot of the device's own village."""
    if not 0 < number < 1 << 62:
        raise RequestRefusedError(404, ProblemKind.NO_CONTENT)
    column = snapshot.c
    with engine.connect() as connection:
        return _read_piece(
            connection, snapshot.c.content, [column.village == sender.village, column.number == number], span=span
        )


def _read_piece(connection: Connection, content: Any, place: list[ColumnElement[bool]], *, span: str) -> Piece:
    try:
        start, stop = read_span(span)
    except DamagedMessageError as error:
        raise RequestRefusedError(400, ProblemKind.DAMAGED) from error
    query = select(func.length(content), func.substr(content, start + 1, stop - start)).where(*place)
    row = connection.execute(query).first()
    if row is None:
        raise RequestRefusedError(404, ProblemKind.NO_CONTENT)
    if start >= row[0]:
        raise RequestRefusedError(416, ProblemKind.DAMAGED)
    return Piece(bytes(row[1]), start, row[0])
