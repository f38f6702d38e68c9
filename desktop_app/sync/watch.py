"""Someone who waits for an exchange: sees how far it is, and may end it between two steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Watch:
    """`check` raises to end the exchange; `progressed` is called whenever something has got through."""

    check: Callable[[], None] = lambda: None
    progressed: Callable[[], None] = lambda: None
