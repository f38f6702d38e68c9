"""What a door is: a place where bytes from outside come in, good input to start from, and what may come of hostile.

A door either takes what it is given or says no in words (`SAYS_NO`). Anything else is a finding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

from county_server.problems import RequestRefusedError
from village_core.domain.errors import UserError
from village_core.exchange.bundle_frames import BundleError
from village_core.exchange.codec import DamagedMessageError

SAYS_NO = (UserError, DamagedMessageError, RequestRefusedError, BundleError)
CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Start:
    """Good input and how it is changed; `seal` compresses or signs what came of it, so that it passes the first
    check."""

    change: Callable[[list[bytes]], st.SearchStrategy[bytes]]
    seeds: Callable[[], list[bytes]]
    seal: Callable[[bytes], bytes] = bytes


@dataclass(frozen=True)
class Door:
    """`read` takes the bytes in; `seconds` and `megabytes` are what one try may cost."""

    read: Callable[[bytes], object]
    starts: tuple[Start, ...]
    seconds: float = 2.0
    megabytes: int = 64
    says_no: tuple[type[Exception], ...] = field(default=SAYS_NO)

    def hostile(self) -> st.SearchStrategy[bytes]:
        """Draws what is tried."""
        return st.one_of(*(start.change(start.seeds()).map(start.seal) for start in self.starts))


def corpus(door: str) -> list[bytes]:
    """What was found or thought of earlier."""
    return [path.read_bytes() for path in sorted((CORPUS / door).glob("*"))]
