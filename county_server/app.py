"""The HTTP face of the county: few paths, binary bodies, hardly any headers."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from county_server.auth.devices import Senders
from county_server.auth.enrolment import enrol
from county_server.problems import RequestRefusedError
from county_server.serving import measures
from county_server.serving.admission import Gate, Limits
from county_server.serving.front import WHO, Front
from county_server.serving.logs import LOG
from county_server.sync.chunks import ContentLimits
from county_server.sync.content_routes import content_routes
from county_server.sync.piece_routes import piece_routes
from county_server.sync.service import DEFAULT_DOWN_LIMIT, exchange
from county_server.sync.snapshots import FAR_BEHIND
from county_server.sync.verifying import verify_village
from village_core.domain.clock import Clock, SystemClock
from village_core.exchange.bisection import VERIFY_PATH, VerifyRequest
from village_core.exchange.messages import (
    ENROL_PATH,
    MAX_BODY,
    SYNC_PATH,
    Problem,
    ProblemKind,
    encode,
)

_log = logging.getLogger(LOG)
_MAX_ENROL = 4096

Handler = Callable[[Request], Awaitable[Response]]


def create_app(
    engine: Engine,
    *,
    clock: Clock | None = None,
    down_limit: int = DEFAULT_DOWN_LIMIT,
    limits: Limits | None = None,
    content_limits: ContentLimits | None = None,
    far: int = FAR_BEHIND,
) -> ASGIApp:
    """The application on a migrated database. It keeps no state that another process would miss."""
    now = clock or SystemClock()
    gate = Gate(limits)
    senders = Senders(engine)

    async def sync(request: Request) -> Response:
        body = await _read_body(request, MAX_BODY)
        sender = await run_in_threadpool(senders.claimed_by, body)
        request.scope[WHO] = {"village": sender.village, "device": sender.device}
        async with gate.place(sender.village):
            with measures.WORK_SECONDS.time():
                answer = await run_in_threadpool(exchange, engine, body, clock=now, down_limit=down_limit, far=far)
        return Response(encode(answer))

    async def verify(request: Request) -> Response:
        body = await _read_body(request, MAX_BODY)
        sender = await run_in_threadpool(senders.claimed_by, body, VerifyRequest)
        request.scope[WHO] = {"village": sender.village, "device": sender.device}
        async with gate.place(sender.village):
            answer = await run_in_threadpool(verify_village, engine, body, clock=now)
        return Response(encode(answer))

    async def enrol_device(request: Request) -> Response:
        body = await _read_body(request, _MAX_ENROL)
        return Response(encode(await run_in_threadpool(enrol, engine, body, clock=now)))

    contents = content_routes(engine, clock=now, gate=gate, read_body=_read_body, limits=content_limits)
    pieces = piece_routes(engine, clock=now)
    routes = Starlette(
        routes=[
            Route(SYNC_PATH, _guarded(sync), methods=["POST"]),
            Route(VERIFY_PATH, _guarded(verify), methods=["POST"]),
            Route(ENROL_PATH, _guarded(enrol_device), methods=["POST"]),
            *(Route(path, _guarded(handler), methods=methods) for path, handler, methods in contents),
            *(Route(path, _guarded(handler), methods=methods) for path, handler, methods in pieces),
        ]
    )
    return Front(routes)


async def _read_body(request: Request, limit: int) -> bytes:
    """The body, as long as it is not over the limit; a larger one is not read to the end."""
    told = request.headers.get("content-length", "")
    if told.isdigit() and int(told) > limit:
        raise RequestRefusedError(413, ProblemKind.TOO_LARGE)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise RequestRefusedError(413, ProblemKind.TOO_LARGE)
        parts.append(part)
    return b"".join(parts)


def _guarded(handler: Handler) -> Handler:
    """Refusals become answers; a defect of ours is logged and becomes a short one, never a page of HTML."""

    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except RequestRefusedError as refusal:
            headers = None
            if refusal.retry_after is not None:
                measures.BUSY.inc()
                headers = {"retry-after": str(refusal.retry_after)}
            return Response(encode(refusal.problem), status_code=refusal.status, headers=headers)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception:  # noqa: BLE001 - the boundary: whatever it was, the laptop gets a short answer
            _log.exception("a request failed")
            return Response(encode(Problem(ProblemKind.DEFECT)), status_code=500)

    return guarded
