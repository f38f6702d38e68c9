"""What the county's HTTP face does with contents, called directly; a body may arrive in part only."""

from __future__ import annotations

from sqlalchemy import Engine

from county_server.auth.tickets import admit_content_ticket
from county_server.sync.blobs import get_content, keep_content
from county_server.sync.chunks import Upload, answer_contents, read_chunks
from county_server.sync.content_room import ContentLimits
from village_core.domain.clock import Clock
from village_core.exchange.contents import CONTENTS_PATH, read_span
from village_core.exchange.messages import BLOB_PATH, encode


def answer_content_request(
    engine: Engine,
    method: str,
    path: str,
    *,
    body: bytes,
    ticket: str,
    clock: Clock,
    limits: ContentLimits | None = None,
    arrived: int | None = None,
) -> tuple[int, bytes]:
    """Status and answer. Only the first `arrived` bytes of a PUT come through, then the line is cut: status 0."""
    if path == CONTENTS_PATH:
        return 200, encode(answer_contents(engine, body))
    name = path.removeprefix(BLOB_PATH)
    if "/" not in name:
        sender = admit_content_ticket(engine, ticket, method=method, parts={"sha256": name})
        if method == "GET":
            return 200, get_content(engine, sender, name)
        keep_content(engine, sender, name, content=body, clock=clock, limits=limits)
        return 204, b""
    sha256, size, numbers = name.split("/")
    parts = {"sha256": sha256, "size": size, "numbers": numbers}
    sender = admit_content_ticket(engine, ticket, method=method, parts=parts)
    span = read_span(sha256, size, numbers)
    if method == "GET":
        return 200, read_chunks(engine, sender, span)
    upload = Upload(engine, sender, span, limits=limits or ContentLimits(), clock=clock)
    upload.feed(body if arrived is None else body[:arrived])
    if arrived is not None:
        upload.keep()
        return 0, b""
    return 200, encode(upload.finish())
