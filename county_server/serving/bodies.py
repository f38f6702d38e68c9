"""Bodies over a line that may die: handed on while they arrive, never larger or slower than a rule allows."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from county_server.problems import RequestRefusedError
from village_core.exchange.messages import ProblemKind

_QUIET_SECONDS = 1.0
_SILENCE_SECONDS = 60.0
_SLOWEST = 512
"""Bytes a second, beside the silence that is allowed; a line of 2G carries ten times as much on a bad day."""
_FREE = 64 << 10
_ROOM = 192 << 20


class BodyRoom:
    """The bytes of large bodies that one worker holds at the same time. What is small always finds room."""

    def __init__(self, room: int = _ROOM) -> None:
        self.left = room

    def take(self, count: int) -> None:
        if count > self.left:
            raise RequestRefusedError(503, ProblemKind.BUSY, retry_after=10)
        self.left -= count

    def give_back(self, count: int) -> None:
        self.left += count


async def pieces_of(request: Request) -> AsyncIterator[bytes]:
    """The body as it arrives, and b'' whenever nothing does for a moment or any more: a line of 2G dies without a
    word, and what it brought has to be kept before the laptop comes again.

    A line that is silent for a minute, or slower over all than any real one, is given up.
    """
    clock = asyncio.get_running_loop().time
    begun = clock()
    silent = 0.0
    size = 0
    more = True
    while more:
        if clock() - begun > _SILENCE_SECONDS + size / _SLOWEST:
            raise ClientDisconnect
        try:
            message = await asyncio.wait_for(request.receive(), _QUIET_SECONDS)
        except TimeoutError:
            silent += _QUIET_SECONDS
            yield b""
            if silent >= _SILENCE_SECONDS:
                raise ClientDisconnect from None
            continue
        silent = 0.0
        if message["type"] == "http.disconnect":
            yield b""
            raise ClientDisconnect
        more = message.get("more_body", False)
        content = message.get("body", b"")
        size += len(content)
        yield content


async def listen_meanwhile(request: Request, work: asyncio.Future[Any]) -> Request:
    """The same request, of whose body the beginning was taken in while `work` was done: when the line is cut before
    anybody reads, what had arrived would be lost, and would have to be sent again over a poor line."""
    arrived: deque[Message] = deque()
    size = 0
    more = True
    while more and size < _FREE and not work.done():
        coming = asyncio.ensure_future(request.receive())
        await asyncio.wait({coming, work}, return_when=asyncio.FIRST_COMPLETED)
        if not coming.done():
            coming.cancel()
            await asyncio.wait({coming})
        if not coming.cancelled():
            message = coming.result()
            arrived.append(message)
            size += len(message.get("body", b""))
            more = message["type"] != "http.disconnect" and message.get("more_body", False)
    await asyncio.wait({work})

    async def receive() -> Message:
        return arrived.popleft() if arrived else await request.receive()

    return Request(request.scope, receive)


def check_told_size(request: Request, limit: int) -> None:
    """Refuse by the header already what would be too large, before a byte of it is read."""
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and (len(told) > 12 or int(told) > limit):
        raise RequestRefusedError(413, ProblemKind.TOO_LARGE)


async def read_body(request: Request, limit: int, *, room: BodyRoom) -> bytes:
    """The body, as long as it is not over the limit; a larger one is not read to the end.

    The room is the request's until it is answered: `request.state.give_back` gives it back.
    """
    parts: list[bytes] = []
    size = taken = 0
    request.state.held_bytes = 0
    async for part in pieces_of(request):
        size += len(part)
        if size > limit:
            raise RequestRefusedError(413, ProblemKind.TOO_LARGE)
        if size > max(taken, _FREE):
            more = min(limit, 2 * size) - taken
            room.take(more)
            taken += more
            request.state.held_bytes = taken
        parts.append(part)
    return b"".join(parts)
