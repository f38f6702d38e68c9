"""The head of a laptop's journal as it is told to the county: where both logs end, and a hash over both.

With it goes the hash at the place that the county was told last, reckoned anew from the logs. Who rewrote what lay
behind that place cannot reckon it any more, unless he rewrites what the county keeps as well.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

HEAD_HASH_BYTES = 10
NOTHING = bytes(HEAD_HASH_BYTES)
"""Stands for a hash that the laptop cannot reckon: its logs do not reach there, or nothing ends there."""

_TOLD = struct.Struct(f">BII{HEAD_HASH_BYTES}sII{HEAD_HASH_BYTES}s")
_ANSWER = struct.Struct(">BII")
_PLACE = struct.Struct(f">II{HEAD_HASH_BYTES}s")
MOST_PLACES = 8
_RESTORED = 1
_LARGEST = (1 << 32) - 1


class JournalAnswer(IntEnum):
    """What the county says to a head, where it says anything."""

    TELL_FROM_HERE = 1
    """It knows another place than the one that was named, and kept nothing: tell it from there."""
    REWRITTEN = 2
    """What lay behind that place is not what it was."""


@dataclass(frozen=True)
class Place:
    """Where both logs end: the last sealed entry of the change log, the last entry of the access log."""

    change: int = 0
    access: int = 0

    def reaches(self, other: Place) -> bool:
        """Whether neither log ends before there."""
        return self.change >= other.change and self.access >= other.access


@dataclass(frozen=True)
class ToldHead:
    """A head with what it follows. `restored`: this laptop was restored from a backup since."""

    place: Place
    hash: bytes
    after: Place
    after_hash: bytes
    restored: bool = False


def head_hash(change_hash: str, access_hash: str) -> bytes:
    """One hash over the ends of both chains."""
    return hashlib.blake2b(f"{change_hash} {access_hash}".encode(), digest_size=HEAD_HASH_BYTES).digest()


def pack_head(told: ToldHead) -> bytes:
    """37 bytes, for `SyncRequest.journal`."""
    return _TOLD.pack(
        _RESTORED if told.restored else 0,
        *_numbers(told.place),
        told.hash,
        *_numbers(told.after),
        told.after_hash,
    )


def unpack_head(content: bytes) -> ToldHead | None:
    """What was told, or None for what is no head."""
    if len(content) != _TOLD.size:
        return None
    flags, change, access, own, after_change, after_access, after_hash = _TOLD.unpack(content)
    return ToldHead(
        Place(change, access), own, Place(after_change, after_access), after_hash, restored=bool(flags & _RESTORED)
    )


def pack_places(places: Mapping[Place, bytes]) -> bytes:
    """18 bytes each, for `SyncRequest.journal_places`: places and the hashes there, reckoned anew."""
    return b"".join(_PLACE.pack(*_numbers(place), own) for place, own in places.items())


def unpack_places(content: bytes) -> dict[Place, bytes]:
    """What was packed; nothing where it is no such list."""
    if len(content) % _PLACE.size or len(content) > MOST_PLACES * _PLACE.size:
        return {}
    return {Place(change, access): own for change, access, own in _PLACE.iter_unpack(content)}


def pack_answer(answer: JournalAnswer, place: Place) -> bytes:
    """9 bytes, for `SyncAnswer.journal`."""
    return _ANSWER.pack(answer, *_numbers(place))


def unpack_answer(content: bytes) -> tuple[JournalAnswer, Place] | None:
    """The county's word, or None where it had none that is understood here."""
    if len(content) != _ANSWER.size:
        return None
    kind, change, access = _ANSWER.unpack(content)
    return (JournalAnswer(kind), Place(change, access)) if kind in set(JournalAnswer) else None


def _numbers(place: Place) -> tuple[int, int]:
    return min(place.change, _LARGEST), min(place.access, _LARGEST)
