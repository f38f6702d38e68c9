"""The HTTP face of what travels in pieces: batches up, large answers and snapshots down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sqlalchemy import Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from county_server.problems import RequestRefusedError
from county_server.serving.bodies import pieces_of
from county_server.sync.kept import Piece, read_answer, read_snapshot_piece
from county_server.sync.parts import keep_part
from village_core.domain.clock import Clock
from village_core.exchange.messages import ProblemKind, encode
from village_core.exchange.pieces import ANSWER_PATH, MAX_PIECE_BODY, PART_PATH, SNAPSHOT_PATH, PartState

Handler = Callable[[Request], Awaitable[Response]]


def piece_routes(engine: Engine, *, clock: Clock) -> list[tuple[str, Handler, list[str]]]:
    """Path, handler and methods."""

    async def part(request: Request) -> Response:
        """What came before a cut is kept as well: it is the beginning of what the laptop sends next."""
        name, start = request.path_params["name"], request.path_params["start"]
        ticket = request.headers.get("authorization", "")
        content = bytearray()
        kept = 0
        async for some in pieces_of(request):
            content += some
            if len(content) > MAX_PIECE_BODY:
                raise RequestRefusedError(413, ProblemKind.TOO_LARGE)
            if not some and len(content) > kept:
                kept = len(content)
                await run_in_threadpool(keep, ticket, name, start, bytes(content))
        return Response(encode(await run_in_threadpool(keep, ticket, name, start, bytes(content))))

    def keep(ticket: str, name: str, start: int, content: bytes) -> PartState:
        return keep_part(engine, ticket, name=name, start=start, content=content, clock=clock)

    async def answer(request: Request) -> Response:
        piece = await run_in_threadpool(
            read_answer,
            engine,
            request.headers.get("authorization", ""),
            name=request.path_params["name"],
            span=request.headers.get("range", ""),
        )
        return _partial(piece, name=request.path_params["name"][:16])

    async def snapshot(request: Request) -> Response:
        village, number = request.path_params["village"], request.path_params["number"]
        piece = await run_in_threadpool(
            read_snapshot_piece,
            engine,
            request.headers.get("authorization", ""),
            village=village,
            number=number,
            span=request.headers.get("range", ""),
        )
        return _partial(piece, name=f"{village}-{number}")

    return [
        (PART_PATH + "{name}/{start:int}", part, ["PUT"]),
        (ANSWER_PATH + "{name}", answer, ["GET"]),
        (SNAPSHOT_PATH + "{village}/{number:int}", snapshot, ["GET"]),
    ]


def _partial(piece: Piece, *, name: str) -> Response:
    """Immutable: the same name is the same bytes for ever."""
    stop = piece.start + len(piece.content)
    headers = {"content-range": f"bytes {piece.start}-{stop - 1}/{piece.size}", "etag": f'"{name}"'}
    return Response(piece.content, status_code=206, headers=headers)
