"""What a number of the county meant: a short hash of what the county did there. A county that was restored gives
lost numbers to other operations; by the hash both sides see it, whoever comes first and however late.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

MARK_BYTES = 8
MOST_MILESTONES = 128
"""A laptop that exchanged a million times keeps 79."""
_PACKED = struct.Struct(f">Q{MARK_BYTES}s")
_KEPT_WHOLE = 8


class Milestone(NamedTuple):
    """A number up to which everything of others was known, and the mark of what stands there."""

    number: int
    mark: bytes


def mark_of(*, number: int, device: int, incarnation: int, seq: int, received: int, row_id: bytes) -> bytes:
    """The mark of one entry of the county's log. When it arrived tells it from another that got the same number."""
    place = struct.pack(">QqqqQ", number, device, incarnation, seq, received)
    return hashlib.blake2b(place + row_id, digest_size=MARK_BYTES).digest()


def pack_milestones(milestones: Iterable[Milestone]) -> bytes:
    """16 bytes each, the newest first, for `SyncRequest.milestones`."""
    return b"".join(_PACKED.pack(*one) for one in milestones)


def unpack_milestones(content: bytes) -> tuple[Milestone, ...] | None:
    """What was packed, or None for what is no such list."""
    if len(content) % _PACKED.size or len(content) > MOST_MILESTONES * _PACKED.size:
        return None
    return tuple(Milestone(*one) for one in _PACKED.iter_unpack(content))


@dataclass(frozen=True)
class Trail:
    """The milestones that a laptop keeps, the newest first, each with its place in the row of all it ever had: the
    last eight whole, and of older ones the fewer the older they are."""

    steps: tuple[tuple[int, Milestone], ...] = ()

    @property
    def milestones(self) -> tuple[Milestone, ...]:
        return tuple(one for _, one in self.steps)

    @property
    def newest(self) -> Milestone | None:
        return self.steps[0][1] if self.steps else None

    def then(self, milestone: Milestone) -> Trail:
        """Gone on to there."""
        steps = self.back_to(milestone.number - 1).steps
        place = steps[0][0] + 1 if steps else 0
        kept = tuple((own, one) for own, one in steps if _is_kept(own, age=place - own))
        return Trail(((place, milestone), *kept))

    def back_to(self, number: int) -> Trail:
        """Gone back: what lies behind the number is of a history that is no more."""
        return Trail(tuple(step for step in self.steps if step[1].number <= number))

    @property
    def text(self) -> str:
        return " ".join(f"{place}:{one.number}:{one.mark.hex()}" for place, one in self.steps)


NO_TRAIL = Trail()


def read_trail(text: str) -> Trail:
    """What `Trail.text` wrote."""
    steps = (step.split(":") for step in text.split())
    return Trail(tuple((int(place), Milestone(int(number), bytes.fromhex(mark))) for place, number, mark in steps))


def _is_kept(place: int, *, age: int) -> bool:
    """Whoever was dropped once is never asked for again: what divides by a power of two divides by those below it."""
    step: int = 1 << (age // _KEPT_WHOLE).bit_length()
    return place % step == 0
