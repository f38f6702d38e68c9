"""Row ids: UUIDv7 for what people make, name-based ids for what every member of a village must make alike."""

from __future__ import annotations

import os
import time
from uuid import UUID, uuid5

DERIVED_FROM = UUID("7a5d2c1e-4f0b-5d6a-9c3e-1b2a3c4d5e6f")
"""The namespace of all derived ids."""


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): 48 bits of milliseconds, then random. Never used to order across devices."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10), "big")
    value &= ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=value | 0x7 << 76 | 0x2 << 62)


def derived_id(village: str, kind: str, *parts: str) -> UUID:
    """The same id on every laptop for a row that its natural key names, e.g. a sub-account by its code."""
    return uuid5(DERIVED_FROM, "\x1f".join((village, kind, *parts)))
