"""The published description of the county's routes, made from their rules and from the messages in the answers."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from county_server.serving.rules import RULES, Rule, Who
from village_core.exchange.bisection import TableFinding
from village_core.exchange.messages import PROTOCOL, Problem

_OCTETS = "application/octet-stream"
_SCHEMAS_AT = "#/components/schemas/{name}"

_WORDS = {
    "sync": ("One turn of the exchange", "`SyncRequest` in msgpack and a signature of 64 bytes", "what became of it"),
    "verify": ("One step of the search for differing rows", "`VerifyRequest` and a signature", "what was found"),
    "content": ("How contents stand", "`ContentsRequest` and a signature", "a state for each"),
    "enrol": ("A device comes in with a one-time code", "`EnrolRequest` and a signature", "the device has its number"),
    "part": ("A piece of a batch, kept under the batch's hash", "bytes of the batch from `start` on", "what is kept"),
    "answer": ("A piece of a kept answer", "", "bytes of the answer"),
    "snapshot": ("A piece of a snapshot of the device's own village", "", "bytes of the snapshot"),
    "blob": ("A content, or chunks of it", "the content, or marked chunks", "the content, or how it stands"),
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
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "田埂 county",
            "version": str(PROTOCOL),
            "description": "Messages are described field by field in docs/sync_protocol.md. "
            "Answers tell no Content-Type, to save bytes on slow lines: they are application/octet-stream. "
            "Where a message is named, the answer is one byte and the message in msgpack: behind a 0 as it is, "
            "behind a 1 as one frame of zstandard. Every refusal is a `Problem`.",
        },
        "paths": paths,
        "components": {
            "schemas": _messages(),
            "securitySchemes": {
                "ticket": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "number of the device, a point, and its Ed25519 signature over method and path",
                }
            },
        },
    }


def _messages() -> dict[str, Any]:
    """Every message of an answer, and what stands in it: arrays, whose places have names."""
    kinds: list[type[msgspec.Struct]] = [
        Problem,
        TableFinding,
        *dict.fromkeys(rule.message for rule in RULES if rule.message),
    ]
    _, described = msgspec.json.schema_components(kinds, ref_template=_SCHEMAS_AT)
    shapes: dict[str, Any] = _as_msgpack(described)
    for kind in kinds:
        for place, name in zip(shapes[kind.__name__]["prefixItems"], kind.__struct_fields__, strict=True):
            place["title"] = name
    return shapes


def _as_msgpack(shape: Any) -> Any:
    """What is base64 in JSON are plain bytes here; docstrings lose their indentation."""
    if isinstance(shape, dict):
        plain = {name: _as_msgpack(one) for name, one in shape.items() if name != "contentEncoding"}
        return plain | {"format": "binary"} if "contentEncoding" in shape else plain
    if isinstance(shape, list):
        return [_as_msgpack(one) for one in shape]
    return " ".join(shape.split()) if isinstance(shape, str) else shape


def _operation(rule: Rule) -> dict[str, Any]:
    title, body, answer = _WORDS[rule.name]
    operation: dict[str, Any] = {
        "operationId": f"{rule.method.lower()}_{rule.name}_{rule.path.count('/')}",
        "summary": title,
        "description": f"Caller: {rule.who.value}. At most {rule.body_limit} bytes.",
        "responses": {str(status): _answer(answer, rule.message, empty=status == 204) for status in rule.answers}
        | {str(status): _answer(words, Problem) for status, words in _REFUSALS.items()},
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


def _answer(words: str, message: type[msgspec.Struct] | None, *, empty: bool = False) -> dict[str, Any]:
    if empty:
        return {"description": "kept"}
    schema: dict[str, Any] = {"type": "string", "format": "binary"}
    if message is not None:
        schema["contentMediaType"] = "application/msgpack"
        schema["contentSchema"] = {"$ref": _SCHEMAS_AT.format(name=message.__name__)}
    return {"description": words, "content": {_OCTETS: {"schema": schema}}}
