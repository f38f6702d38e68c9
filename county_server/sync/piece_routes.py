"""The HTTP face of what travels in pieces: batches up, large answers and snapshots down."""

from __future__ import annotations

import re

from sqlalchemy import Engine
from starlette.responses import Response

from county_server.problems import RequestRefusedError
from county_server.serving.bodies import pieces_of
from county_server.serving.entrance import Admitted
from county_server.serving.routes import Handler
from county_server.sync.kept import Piece, read_answer, read_snapshot_piece
from county_server.sync.parts import keep_part
from village_core.domain.clock import Clock
from village_core.exchange.messages import ProblemKind, encode
from village_core.exchange.pieces import ANSWER_PATH, MAX_PIECE_BODY, PART_PATH, SNAPSHOT_PATH, PartState


def piece_handlers(engine: Engine, *, clock: Clock) -> dict[str, Handler]:
    """The handlers by the keys of their rules."""

    async def part(admitted: Admitted) -> Response:
        """What came before a cut is kept as well: it is the beginning of what the laptop sends next."""
        name, start = admitted.path("name"), _number(admitted.path("start"))
        content = bytearray()
        kept = 0

        async def keep() -> PartState:
            return await admitted.do(
                keep_part, engine, admitted.device, name=name, start=start, content=bytes(content), clock=clock
            )

        async for some in pieces_of(admitted.request):
            content += some
            if len(content) > MAX_PIECE_BODY:
                raise RequestRefusedError(413, ProblemKind.TOO_LARGE)
            if not some and len(content) > kept:
                kept = len(content)
                await keep()
        return Response(encode(await keep()))

    async def answer(admitted: Admitted) -> Response:
        name = admitted.path("name")
        span = admitted.request.headers.get("range", "")
        piece = await admitted.do(read_answer, engine, admitted.device, name=name, span=span)
        return _partial(piece, name=name[:16])

    async def snapshot(admitted: Admitted) -> Response:
        number = _number(admitted.path("number"))
        span = admitted.request.headers.get("range", "")
        piece = await admitted.do(read_snapshot_piece, engine, admitted.device, number=number, span=span)
        return _partial(piece, name=f"{admitted.device.village}-{number}")

    return {
        f"PUT {PART_PATH}{{name}}/{{start}}": part,
        f"GET {ANSWER_PATH}{{name}}": answer,
        f"GET {SNAPSHOT_PATH}{{village}}/{{number}}": snapshot,
    }


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,19}", text):
        raise RequestRefusedError(404, ProblemKind.NO_CONTENT)
    return int(text)


def _partial(piece: Piece, *, name: str) -> Response:
    """Immutable: the same name is the same bytes for ever."""
    stop = piece.start + len(piece.content)
    headers = {"content-range": f"bytes {piece.start}-{stop - 1}/{piece.size}", "etag": f'"{name}"'}
    return Response(piece.content, status_code=206, headers=headers)
