"""The published description of the county's routes, made from their rules; bodies are binary and told in words."""

from __future__ import annotations

import re
from typing import Any

from county_server.serving.rules import RULES, Rule, Who
from village_core.exchange.messages import PROTOCOL, ProblemKind

_OCTETS = "application/octet-stream"

_WORDS = {
    "sync": ("One turn of the exchange", "`SyncRequest` in msgpack and a signature of 64 bytes", "`SyncAnswer`"),
    "verify": ("One step of the search for differing rows", "`VerifyRequest` and a signature", "`VerifyAnswer`"),
    "content": ("How contents stand", "`ContentsRequest` and a signature", "`ContentsAnswer`"),
    "enrol": ("A device comes in with a one-time code", "`EnrolRequest` and a signature", "`EnrolAnswer`"),
    "part": ("A piece of a batch, kept under the batch's hash", "bytes of the batch from `start` on", "`PartState`"),
    "answer": ("A piece of a kept answer", "", "bytes of the answer"),
    "snapshot": ("A piece of a snapshot of the device's own village", "", "bytes of the snapshot"),
    "blob": ("A content, or chunks of it", "the content, or marked chunks", "the content, chunks or `ContentState`"),
}
_REFUSALS = {
    400: "damaged, or of a protocol that is not spoken here",
    401: "no device, or not its signature",
    403: "revoked device, or a code that does not count",
    404: "nothing of that name in the device's own village",
    405: "no such method here",
    409: "parts lack, or the program is too old or too new",
    413: "too large",
    416: "the piece would begin behind the end",
    422: "the content is not what its name says",
    429: "too many unfinished contents",
    503: "come again after so many seconds as the header Retry-After says",
}
_SCHEMAS = {
    "name": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "start": {"type": "string", "pattern": "^[0-9]{1,12}$"},
    "number": {"type": "string", "pattern": "^[0-9]{1,18}$"},
    "size": {"type": "string", "pattern": "^[0-9]{1,8}$"},
    "numbers": {"type": "string", "pattern": "^[0-9]{1,6}-[0-9]{1,6}$"},
    "village": {"type": "string", "pattern": "^[0-9]{12}$"},
}


def describe_api() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in RULES:
        paths.setdefault(rule.path, {})[rule.method.lower()] = _operation(rule)
    kinds = ", ".join(kind.value for kind in ProblemKind)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "田埂 county",
            "version": str(PROTOCOL),
            "description": "Messages are described field by field in docs/sync_protocol.md. "
            "Answers tell no Content-Type, to save bytes on slow lines: they are application/octet-stream. "
            f"Every refusal is a `Problem` in msgpack behind one byte 0; its kind is one of: {kinds}.",
        },
        "paths": paths,
        "components": {
            "securitySchemes": {
                "ticket": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "number of the device, a point, and its Ed25519 signature over method and path",
                }
            }
        },
    }


def _operation(rule: Rule) -> dict[str, Any]:
    title, body, answer = _WORDS[rule.name]
    operation: dict[str, Any] = {
        "operationId": f"{rule.method.lower()}_{rule.name}_{rule.path.count('/')}",
        "summary": title,
        "description": f"Caller: {rule.who.value}. At most {rule.body_limit} bytes.",
        "responses": {str(status): _answer(answer, empty=status == 204) for status in rule.answers}
        | {str(status): _answer(words) for status, words in _REFUSALS.items()},
        "security": [{"ticket": []}] if rule.who in (Who.TICKET, Who.CONTENT_TICKET) else [],
    }
    if names := re.findall(r"\{(\w+)\}", rule.path):
        operation["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": _SCHEMAS[name]} for name in names
        ]
    if rule.body_limit:
        operation["requestBody"] = {
            "description": body,
            "required": True,
            "content": {_OCTETS: {"schema": {"type": "string", "format": "binary"}}},
        }
    return operation


def _answer(words: str, *, empty: bool = False) -> dict[str, Any]:
    if empty:
        return {"description": "kept"}
    return {"description": words, "content": {_OCTETS: {"schema": {"type": "string", "format": "binary"}}}}
