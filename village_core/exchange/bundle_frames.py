"""The inside of a bundle as a stream of frames: kind, length, payload. No frame may be larger than its kind allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from hashlib import blake2b
from typing import Protocol

from village_core.exchange.messages import MAX_BLOB, MAX_BODY

FRAME_HEAD = 5
_MOST_HEADER = 4 << 20
_MOST_MESSAGE = max(MAX_BODY, 64 << 20)
_MOST_CONTENT = MAX_BLOB + 32


class Frame(Enum):
    """What a piece of the inside is."""

    HEADER = 1
    MESSAGE = 2
    CONTENT = 3
    SIGNATURE = 4


_MOST = {
    Frame.HEADER: _MOST_HEADER,
    Frame.MESSAGE: _MOST_MESSAGE,
    Frame.CONTENT: _MOST_CONTENT,
    Frame.SIGNATURE: 64,
}


class Fault(Enum):
    """Why a file is not taken."""

    FOREIGN = "no file of ours"
    NEWER = "written by a newer program"
    CUT = "shorter than it was written"
    DAMAGED = "not as it was written"
    OTHER_WAY = "goes the other way"
    NOT_FOR_US = "locked for somebody else"
    FORGED = "not signed by whom it names, or not meant for us"


class BundleError(Exception):
    """A file that is not taken; nothing of it was used."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class Source(Protocol):
    """A file that can be read from its beginning again."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, offset: int, whence: int = 0, /) -> int: ...
    def tell(self) -> int: ...


class Sink(Protocol):
    """Where a file is written to, in one go."""

    def write(self, data: bytes, /) -> int: ...
    def flush(self) -> None: ...


def frame_head(frame: Frame, payload: bytes) -> bytes:
    if len(payload) > _MOST[frame]:
        raise ValueError("too large for a file")
    return bytes([frame.value]) + len(payload).to_bytes(4, "big")


class _Told:
    """Remembers what went wrong in a stream of ours, which age turns into an error of its own."""

    failure: Exception | None = None

    def tell_again(self) -> None:
        """Raise what went wrong here, if anything did."""
        if self.failure is not None:
            raise self.failure

    @contextmanager
    def told(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.failure = error
            raise


class FrameReader(_Told):
    """Takes the inside apart while it is unlocked. Hands on no frame that is larger than its kind may be."""

    def __init__(self, take: Callable[[Frame, bytes], None]) -> None:
        self._take = take
        self._rest = bytearray()
        self._content = blake2b(digest_size=32)
        self._count = 0
        self.signature = b""

    def write(self, data: bytes) -> int:
        with self.told():
            self._rest += data
            while (found := self._next()) is not None:
                self._accept(*found)
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """After the last byte: was it whole?"""
        if self._rest or not self.signature:
            raise BundleError(Fault.DAMAGED)

    @property
    def digest(self) -> bytes:
        return self._content.digest()

    def _next(self) -> tuple[Frame, bytes] | None:
        if len(self._rest) < FRAME_HEAD:
            return None
        if self._rest[0] not in {one.value for one in Frame} or self.signature:
            raise BundleError(Fault.DAMAGED)
        frame, length = Frame(self._rest[0]), int.from_bytes(self._rest[1:FRAME_HEAD], "big")
        if length > _MOST[frame] or (frame is Frame.HEADER) != (self._count == 0):
            raise BundleError(Fault.DAMAGED)
        if len(self._rest) < FRAME_HEAD + length:
            return None
        whole = bytes(self._rest[: FRAME_HEAD + length])
        del self._rest[: FRAME_HEAD + length]
        if frame is not Frame.SIGNATURE:
            self._content.update(whole)
        return frame, whole[FRAME_HEAD:]

    def _accept(self, frame: Frame, payload: bytes) -> None:
        self._count += 1
        if frame is Frame.SIGNATURE:
            if len(payload) != 64:
                raise BundleError(Fault.DAMAGED)
            self.signature = payload
        else:
            self._take(frame, payload)


class HashingSink(_Told):
    """Writes on and keeps the digest of all that was written."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._digest = blake2b(digest_size=32)
        self.length = 0

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self.length += len(data)
        with self.told():
            self._sink.write(data)
        return len(data)

    def flush(self) -> None:
        self._sink.flush()

    @property
    def digest(self) -> bytes:
        return self._digest.digest()


class FrameSource(_Told):
    """Frames as a stream that is read in pieces of any size."""

    def __init__(self, frames: Iterator[bytes]) -> None:
        self._frames = frames
        self._rest = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            with self.told():
                following = next(self._frames, None)
            if following is None:
                return b""
            self._rest = memoryview(following)
        size = len(self._rest) if size < 0 else size
        piece, self._rest = bytes(self._rest[:size]), self._rest[size:]
        return piece


class Window(_Told):
    """A part of a file as a stream of its own."""

    def __init__(self, source: Source, left: int) -> None:
        self._source = source
        self._left = left

    def read(self, size: int = -1) -> bytes:
        with self.told():
            piece = self._source.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(piece)
        return piece
