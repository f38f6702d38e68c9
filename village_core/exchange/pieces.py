"""Travelling in pieces: paths, limits, tickets, and how large a piece this line can bear.

A batch or an answer that is not small goes piece by piece under its hash; what has arrived stays, and nothing of it
counts before all of it is there.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace

import msgspec
from nacl.signing import SigningKey, VerifyKey

from village_core.exchange.batches import verify
from village_core.exchange.codec import DamagedMessageError

PART_PATH = "/v1/part/"
ANSWER_PATH = "/v1/answer/"
SNAPSHOT_PATH = "/v1/snapshot/"

AT_ONCE = 8 << 10
"""A batch or an answer of up to so many bytes goes in one turn; a cut costs no more than that."""
SMALLEST, FIRST, LARGEST = 16 << 10, 64 << 10, 256 << 10
"""Of a batch, compressed, and of a piece of a larger content; on a line that is cut all the time a piece may be
smaller."""
TINIEST_PIECE = 4 << 10
MAX_ARRIVING = 64 << 20
MAX_PIECE_BODY = LARGEST + 1024
_SECONDS = 8.0
_IN_A_ROW, _IN_A_ROW_BELOW_A_CUT = 3, 16
SIGNATURE_BYTES = 64
_TICKET_CONTEXT = b"tiangeng ticket 1\0"
_SPAN = re.compile(r"bytes=(\d{1,12})-(\d{1,12})")


class PartState(msgspec.Struct, array_like=True, frozen=True):
    """Answer to each piece of a batch: how many bytes of it, from the first, the county has now."""

    known: int


@dataclass(frozen=True)
class PieceSize:
    """How much goes in one piece: halved by a cut, doubled after three that passed, what eight seconds bear at most.

    A size at which the line was cut is tried again only after many smaller ones have passed.
    """

    size: int = FIRST
    passed: int = 0
    cut_at: int = 0

    @property
    def batch(self) -> int:
        """The size for a batch: of these none is smaller than 16 KiB."""
        return max(self.size, SMALLEST)

    def after_pass(self, count: int, seconds: float) -> PieceSize:
        """`count` bytes got through in `seconds`. Small ones teach nothing."""
        if count < self.size // 2:
            return self
        bearable = max(TINIEST_PIECE, int(_SECONDS * count / max(seconds, 0.001)))
        if seconds > 2 * _SECONDS:
            return replace(self, size=min(self.size, max(SMALLEST, bearable)), passed=0)
        larger = min(self.size * 2, LARGEST, bearable)
        needed = _IN_A_ROW_BELOW_A_CUT if self.cut_at and larger >= self.cut_at else _IN_A_ROW
        if self.passed + 1 < needed or larger <= self.size:
            return replace(self, passed=min(self.passed + 1, _IN_A_ROW_BELOW_A_CUT))
        return PieceSize(larger, 0, self.cut_at if larger < self.cut_at else 0)

    def after_cut(self) -> PieceSize:
        return PieceSize(max(self.size // 2, TINIEST_PIECE), 0, self.size)


def sign_ticket(key: SigningKey, *, device: int, method: str, path: str) -> str:
    """The header by which a device shows that it may do this. Doing it again changes nothing."""
    signature = key.sign(_ticket_content(device, method, path)).signature
    return f"{device}.{urlsafe_b64encode(signature).decode().rstrip('=')}"


def read_ticket(ticket: str) -> tuple[int, bytes]:
    """Device number and signature; `DamagedMessageError` if it is none."""
    number, _, signature = ticket.partition(".")
    if not (number.isascii() and number.isdigit() and len(number) < 12 and len(signature) <= 2 * SIGNATURE_BYTES):
        raise DamagedMessageError("no number of a device")
    try:
        return int(number), urlsafe_b64decode(signature + "==")
    except ValueError as error:
        raise DamagedMessageError(str(error)) from error


def is_ticket_of(key: VerifyKey, signature: bytes, *, device: int, method: str, path: str) -> bool:
    return verify(key, _ticket_content(device, method, path), signature)


def write_span(start: int, stop: int) -> str:
    """The header Range for the bytes from `start` to before `stop`."""
    return f"bytes={start}-{stop - 1}"


def read_span(header: str) -> tuple[int, int]:
    """`start` and `stop`; without the header everything. `DamagedMessageError` for what is none of ours."""
    if not header:
        return 0, MAX_ARRIVING
    found = _SPAN.fullmatch(header)
    if found is None or int(found[2]) < int(found[1]):
        raise DamagedMessageError("no range of bytes")
    return int(found[1]), int(found[2]) + 1


def read_total(header: str) -> int:
    """The size of the whole that a header Content-Range tells."""
    total = header.rpartition("/")[2]
    if not (total.isascii() and total.isdigit()) or not 0 < int(total) <= MAX_ARRIVING:
        raise DamagedMessageError("no size, or too large")
    return int(total)


def _ticket_content(device: int, method: str, path: str) -> bytes:
    return _TICKET_CONTEXT + f"{device} {method} {path}".encode()
