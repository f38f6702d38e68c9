"""The HTTP face of contents: what is missing, chunks up and down, and whole contents as the first version sent them.

A place at the gate is held only while something is read or written, never while a slow line is waited for.
"""

from __future__ import annotations

from sqlalchemy import Engine
from starlette.responses import Response

from county_server.serving.bodies import pieces_of
from county_server.serving.entrance import Admitted
from county_server.serving.routes import Handler
from county_server.sync.blobs import get_content, keep_content
from county_server.sync.chunks import Upload, answer_contents, read_chunks
from county_server.sync.content_room import ContentLimits
from village_core.domain.clock import Clock
from village_core.exchange.contents import CONTENTS_PATH, Span, read_span
from village_core.exchange.messages import BLOB_PATH, encode


def content_handlers(engine: Engine, *, clock: Clock, limits: ContentLimits | None = None) -> dict[str, Handler]:
    """The handlers by the keys of their rules."""
    bounds = limits or ContentLimits()

    async def ask(admitted: Admitted) -> Response:
        return Response(encode(await admitted.do(answer_contents, engine, admitted.body, signed=admitted.signed)))

    async def get_chunks(admitted: Admitted) -> Response:
        return Response(await admitted.do(read_chunks, engine, admitted.device, _span(admitted)))

    async def put_chunks(admitted: Admitted) -> Response:
        upload = await admitted.do(Upload, engine, admitted.device, _span(admitted), limits=bounds, clock=clock)
        async for part in pieces_of(admitted.request):
            upload.feed(part)
            if upload.wants_keeping or not part:
                await admitted.do(upload.keep)
        return Response(encode(await admitted.do(upload.finish)))

    async def get_whole(admitted: Admitted) -> Response:
        return Response(await admitted.do(get_content, engine, admitted.device, admitted.path("sha256")))

    async def put_whole(admitted: Admitted) -> Response:
        sha256 = admitted.path("sha256")
        await admitted.do(
            keep_content, engine, admitted.device, sha256, content=admitted.body, clock=clock, limits=bounds
        )
        return Response(status_code=204)

    chunks, whole = BLOB_PATH + "{sha256}/{size}/{numbers}", BLOB_PATH + "{sha256}"
    return {
        f"POST {CONTENTS_PATH}": ask,
        f"PUT {chunks}": put_chunks,
        f"GET {chunks}": get_chunks,
        f"PUT {whole}": put_whole,
        f"GET {whole}": get_whole,
    }


def _span(admitted: Admitted) -> Span:
    return read_span(admitted.path("sha256"), admitted.path("size"), admitted.path("numbers"))
