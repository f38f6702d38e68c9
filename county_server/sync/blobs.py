"""Who may put and get contents of attachments, and whole contents as laptops of the first version send them."""

from __future__ import annotations

import hashlib
import re

from sqlalchemy import Engine, select

from county_server.auth.devices import KnownDevice, find_device
from county_server.engine import writing
from county_server.problems import RequestRefusedError
from county_server.sync.chunks import ContentLimits, accept_chunks
from county_server.tables import blob
from village_core.domain.clock import Clock
from village_core.exchange.chunks import iterate_chunks
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.contents import Span, read_span
from village_core.exchange.messages import ProblemKind, is_blob_ticket_of, read_blob_ticket


def admit(engine: Engine, ticket: str, *, method: str, sha256: str) -> KnownDevice:
    """The device behind a ticket for this very request."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise RequestRefusedError(404, ProblemKind.NO_CONTENT)
    return _admit(engine, ticket, method=method, name=sha256)


def admit_span(
    engine: Engine, ticket: str, *, method: str, sha256: str, size: str, numbers: str
) -> tuple[KnownDevice, Span]:
    """The device behind a ticket for these chunks, and the chunks."""
    try:
        span = read_span(sha256, size, numbers)
    except DamagedMessageError as error:
        raise RequestRefusedError(413, ProblemKind.TOO_LARGE) from error
    return _admit(engine, ticket, method=method, name=span.name), span


def _admit(engine: Engine, ticket: str, *, method: str, name: str) -> KnownDevice:
    try:
        number, signature = read_blob_ticket(ticket)
    except DamagedMessageError as error:
        raise RequestRefusedError(401, ProblemKind.BAD_SIGNATURE) from error
    with engine.connect() as connection:
        sender = find_device(connection, number)
    if not is_blob_ticket_of(sender.key, signature, device=number, method=method, sha256=name):
        raise RequestRefusedError(401, ProblemKind.BAD_SIGNATURE)
    if sender.revoked:
        raise RequestRefusedError(403, ProblemKind.REVOKED)
    return sender


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
            limits=limits or ContentLimits(),
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
