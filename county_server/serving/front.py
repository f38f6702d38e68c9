"""The outermost layer of the application: every request is measured and leaves one line in the log."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from county_server.serving import measures
from county_server.serving.logs import FIELDS, LOG
from county_server.serving.rules import NAMES

_log = logging.getLogger(LOG)

WHO = "tiangeng.who"
"""Key of the scope under which a handler leaves what may be logged about the sender: village and device."""

_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
"""On every answer: nothing that lies between may keep it, and no browser may take it for a page."""


class Front:
    """Wraps an application. Paths are named by their kind only, so that no hash or code reaches the measures."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        up = down = 0
        status = 0

        async def hear() -> Message:
            nonlocal up
            message = await receive()
            up += len(message.get("body", b""))
            return message

        async def say(message: Message) -> None:
            nonlocal down, status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            down += len(message.get("body", b""))
            await send(message)

        scope[WHO] = {}
        try:
            await self._app(scope, hear, say)
        finally:
            seconds = time.perf_counter() - begun
            path = _kind_of(scope["path"])
            measures.REQUESTS.labels(path, str(status)).inc()
            measures.SECONDS.labels(path).observe(seconds)
            measures.BYTES.labels("up").inc(up)
            measures.BYTES.labels("down").inc(down)
            fields = {"path": path, "status": status, "ms": round(seconds * 1000, 1), "up": up, "down": down}
            _log.info("request", extra={FIELDS: fields | scope[WHO]})


def _kind_of(path: str) -> str:
    parts = path.strip("/").split("/")
    return parts[1] if len(parts) > 1 and parts[0] == "v1" and parts[1] in NAMES else "other"
