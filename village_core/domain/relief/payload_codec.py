"""Payloads as canonical JSON: sorted keys, defaults left out, so that the same deed has the same bytes everywhere.

A field that this version does not know is passed over: a newer laptop may have written it.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from village_core.domain.relief.payloads import Payload
from village_core.domain.relief.steps import PAYLOAD_TYPES, StepKind


def write_payload(payload: Payload) -> str:
    """Canonical JSON of a payload."""
    return json.dumps(_plain(payload), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_payload(kind: StepKind, text: str) -> Payload:
    """The payload that a step of this kind wrote. What cannot be read raises ValueError."""
    data = json.loads(text)
    if not isinstance(data, dict):
        raise ValueError("a payload is a JSON object")
    return cast(Payload, _build(PAYLOAD_TYPES[kind], data))


def _plain(value: object) -> object:
    if is_dataclass(value):
        return {
            part.name: _plain(getattr(value, part.name))
            for part in fields(value)
            if getattr(value, part.name) != _default(part)
        }
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value


def _default(part: Field[Any]) -> object:
    return MISSING if part.default is MISSING else part.default


@cache
def _hints(target: type) -> dict[str, Any]:
    return get_type_hints(target)


def _build(target: type, data: dict[str, Any]) -> object:
    hints = _hints(target)
    known = {name: _read(hints[name], value) for name, value in data.items() if name in hints}
    try:
        return target(**known)
    except TypeError as error:
        raise ValueError(f"{target.__name__}: {error}") from error


def _read(hint: Any, value: Any) -> object:
    if get_origin(hint) is UnionType:
        if value is None:
            return None
        hint = next(part for part in get_args(hint) if part is not NoneType)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"not a list: {value!r}")
        return tuple(_read(get_args(hint)[0], part) for part in value)
    if hint is date:
        return date.fromisoformat(value)
    if hint is UUID:
        return UUID(value)
    if issubclass(hint, StrEnum):
        return hint(value)
    if isinstance(hint, type) and is_dataclass(hint):
        if not isinstance(value, dict):
            raise ValueError(f"not an object: {value!r}")
        return _build(hint, value)
    if type(value) is not hint:
        raise ValueError(f"not {hint.__name__}: {value!r}")
    return value
