"""Contents of attachments in chunks: the same pieces over the line and in a file on a stick.

A content is named by the SHA-256 of the whole. What is missing is a bitmap, so that whoever sends may stop anywhere
and go on later, from another place too. Each chunk bears a mark: a damaged one is refused at once, alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from village_core.exchange.codec import DamagedMessageError

CHUNK_BYTES = 8 << 10
"""As small as that because a cut costs half a chunk, and a line of 2G is cut often."""
MARK_BYTES = 16


class DamagedChunkError(DamagedMessageError):
    """A chunk is not as it was sent, or the whole is not what its name says."""


def count_chunks(size: int) -> int:
    """How many chunks a content of `size` bytes has; the last one may be shorter."""
    return -(-size // CHUNK_BYTES)


def chunk_length(size: int, number: int) -> int:
    """The bytes of chunk `number`, counted from 0."""
    return min(CHUNK_BYTES, size - number * CHUNK_BYTES)


def iterate_chunks(content: bytes, missing: bytes | None = None) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each chunk, or of those only that the bitmap calls missing."""
    for number in range(count_chunks(len(content))):
        if missing is None or is_missing(missing, number):
            yield number, content[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]


def missing_bitmap(size: int, kept: Iterable[int] = ()) -> bytes:
    """One bit a chunk, the lowest bit first: 1 is missing. b'' when nothing is."""
    count = count_chunks(size)
    bits = (1 << count) - 1
    for number in kept:
        if 0 <= number < count:
            bits &= ~(1 << number)
    return bits.to_bytes(-(-count // 8), "little") if bits else b""


def is_missing(bitmap: bytes, number: int) -> bool:
    return number // 8 < len(bitmap) and bool(bitmap[number // 8] >> (number % 8) & 1)


def first_missing_run(bitmap: bytes, size: int, *, most: int) -> tuple[int, int] | None:
    """The first chunks that are missing side by side, at most `most` of them, as (first, behind the last)."""
    count = count_chunks(size)
    first = next((number for number in range(count) if is_missing(bitmap, number)), None)
    if first is None:
        return None
    behind = first + 1
    while behind < min(count, first + most) and is_missing(bitmap, behind):
        behind += 1
    return first, behind


def mark_chunk(number: int, chunk: bytes) -> bytes:
    """The mark by which a chunk is known to be whole and in its place."""
    return hashlib.blake2b(chunk, digest_size=MARK_BYTES, key=b"tiangeng chunk %d" % number).digest()


def pack_chunks(chunks: Iterable[tuple[int, bytes]]) -> bytes:
    """Chunks as they travel: each behind its mark."""
    return b"".join(part for number, chunk in chunks for part in (mark_chunk(number, chunk), chunk))


@dataclass
class ChunkReader:
    """Takes packed chunks apart while they arrive: chunks `first` up to before `behind` of a content of `size`."""

    size: int
    first: int
    behind: int
    _rest: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The chunks that are whole by now. `DamagedChunkError` at the first that is not right, or at one too many."""
        self._rest += data
        while self.first < self.behind:
            end = MARK_BYTES + chunk_length(self.size, self.first)
            if len(self._rest) < end:
                return
            mark, chunk = bytes(self._rest[:MARK_BYTES]), bytes(self._rest[MARK_BYTES:end])
            if mark_chunk(self.first, chunk) != mark:
                raise DamagedChunkError(f"chunk {self.first} is damaged")
            del self._rest[:end]
            self.first += 1
            yield self.first - 1, chunk
        if self._rest:
            raise DamagedChunkError("more than was announced")


@dataclass
class GatheredContent:
    """A content that comes together chunk by chunk, in any order, some of them twice."""

    sha256: str
    size: int
    _chunks: dict[int, bytes] = field(default_factory=dict)

    def accept_chunk(self, number: int, chunk: bytes) -> bool:
        """Whether it was new. `DamagedChunkError` for one that cannot belong to this content."""
        if not 0 <= number < count_chunks(self.size) or len(chunk) != chunk_length(self.size, number):
            raise DamagedChunkError(f"no chunk {number} of this length")
        known = number in self._chunks
        self._chunks.setdefault(number, chunk)
        return not known

    @property
    def missing(self) -> bytes:
        return missing_bitmap(self.size, self._chunks)

    @property
    def complete(self) -> bool:
        return len(self._chunks) == count_chunks(self.size)

    def whole(self) -> bytes:
        """The content, if it is what its name says; otherwise `DamagedChunkError`."""
        content = b"".join(self._chunks[number] for number in sorted(self._chunks))
        if not self.complete or hashlib.sha256(content).hexdigest() != self.sha256:
            raise DamagedChunkError("the whole is not what its name says")
        return content
