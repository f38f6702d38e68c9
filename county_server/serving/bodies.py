"""Bodies over a line that may die: handed on while they arrive, so that what came can be kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import ClientDisconnect, Request

_QUIET_SECONDS = 1.0
_SILENCE_SECONDS = 60.0


async def pieces_of(request: Request) -> AsyncIterator[bytes]:
    """The body as it arrives, and b'' whenever nothing does for a moment or any more: a line of 2G dies without a
    word, and what it brought has to be kept before the laptop comes again."""
    silent = 0.0
    more = True
    while more:
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
        yield message.get("body", b"")
