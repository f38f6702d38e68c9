"""The HTTP face of contents: what is missing, chunks up and down, and whole contents as the first version sent them.

A place at the gate is held only while something is written, never while a slow line is waited for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from county_server.auth.devices import KnownDevice
from county_server.serving.admission import Gate
from county_server.serving.bodies import pieces_of
from county_server.serving.front import WHO
from county_server.sync.blobs import admit, admit_span, get_content, keep_content
from county_server.sync.chunks import ContentLimits, Upload, answer_contents, read_chunks
from village_core.domain.clock import Clock
from village_core.exchange.contents import CONTENTS_PATH, LONGEST_REQUEST, Span
from village_core.exchange.messages import BLOB_PATH, MAX_BLOB, encode

Handler = Callable[[Request], Awaitable[Response]]
ReadBody = Callable[[Request, int], Awaitable[bytes]]


def content_routes(
    engine: Engine, *, clock: Clock, gate: Gate, read_body: ReadBody, limits: ContentLimits | None = None
) -> list[tuple[str, Handler, list[str]]]:
    """Path, handler and methods of everything about contents."""
    bounds = limits or ContentLimits()

    async def ask(request: Request) -> Response:
        body = await read_body(request, LONGEST_REQUEST)
        return Response(encode(await run_in_threadpool(answer_contents, engine, body)))

    async def chunks(request: Request) -> Response:
        parts = request.path_params
        ticket = request.headers.get("authorization", "")
        sender, span = await run_in_threadpool(
            admit_span,
            engine,
            ticket,
            method=request.method,
            sha256=parts["sha256"],
            size=parts["size"],
            numbers=parts["numbers"],
        )
        request.scope[WHO] = {"village": sender.village, "device": sender.number}
        if request.method == "GET":
            return Response(await run_in_threadpool(read_chunks, engine, sender, span))
        return await _take_in(request, sender, span)

    async def _take_in(request: Request, sender: KnownDevice, span: Span) -> Response:
        async with gate.place(sender.village):
            upload = await run_in_threadpool(Upload, engine, sender, span, limits=bounds, clock=clock)
        async for part in pieces_of(request):
            upload.feed(part)
            if upload.wants_keeping or not part:
                async with gate.place(sender.village):
                    await run_in_threadpool(upload.keep)
        async with gate.place(sender.village):
            return Response(encode(await run_in_threadpool(upload.finish)))

    async def whole(request: Request) -> Response:
        sha256 = request.path_params["sha256"]
        ticket = request.headers.get("authorization", "")
        sender = await run_in_threadpool(admit, engine, ticket, method=request.method, sha256=sha256)
        request.scope[WHO] = {"village": sender.village, "device": sender.number}
        if request.method == "GET":
            return Response(await run_in_threadpool(get_content, engine, sender, sha256))
        body = await read_body(request, MAX_BLOB)
        async with gate.place(sender.village):
            await run_in_threadpool(keep_content, engine, sender, sha256, content=body, clock=clock, limits=bounds)
        return Response(status_code=204)

    return [
        (CONTENTS_PATH, ask, ["POST"]),
        (BLOB_PATH + "{sha256}/{size}/{numbers}", chunks, ["PUT", "GET"]),
        (BLOB_PATH + "{sha256}", whole, ["PUT", "GET"]),
    ]
