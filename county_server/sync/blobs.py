"""Whole contents of attachments, as laptops of the first version send and fetch them."""

from __future__ import annotations

import hashlib

from sqlalchemy import Engine, select

from county_server.auth.devices import KnownDevice
from county_server.engine import writing
from county_server.problems import RequestRefusedError
from county_server.sync.chunks import accept_chunks
from county_server.sync.content_room import ContentLimits, configured_limits
from county_server.tables import blob
from village_core.domain.clock import Clock
from village_core.exchange.chunks import iterate_chunks
from village_core.exchange.messages import ProblemKind


def keep_content(
    engine: Engine,
    sender: KnownDevice,
    sha256: str,
    *,
    content: bytes,
    clock: Clock,
    limits: ContentLimits | None = None,
) -> None:
    """Keep a content if its hash is right. Putting it again changes nothing."""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise RequestRefusedError(422, ProblemKind.DAMAGED)
    with writing(engine) as connection:
        accept_chunks(
            connection,
            sender.village,
            sha256,
            size=len(content),
            chunks=iterate_chunks(content),
            device=sender.number,
            limits=limits or configured_limits(),
            clock=clock,
        )


def get_content(engine: Engine, sender: KnownDevice, sha256: str) -> bytes:
    with engine.connect() as connection:
        content: bytes | None = connection.scalar(
            select(blob.c.content).where(blob.c.village == sender.village, blob.c.sha256 == sha256)
        )
    if content is None:
        raise RequestRefusedError(404, ProblemKind.NO_CONTENT)
    return content
