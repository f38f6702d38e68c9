"""A content that is being fetched: its first chunks, encrypted in a file, so that a restart loses nothing."""

from __future__ import annotations

import os
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from desktop_app.storage.problems import explain_system
from village_core.exchange.chunks import GatheredContent, chunk_length, count_chunks

_NUMBER_BYTES = 4


class PartialContent:
    """Chunks from the first one on, each sealed with its number. What a power cut left half written is dropped."""

    def __init__(self, path: Path, box: SecretBox, *, sha256: str, size: int) -> None:
        self._path = path
        self._box = box
        self._sha256 = sha256
        self._size = size
        self._chunks: list[bytes] = []
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._read()
        except OSError as error:
            raise explain_system(error) from error

    @property
    def count(self) -> int:
        """How many chunks are here; the next one bears this number."""
        return len(self._chunks)

    @property
    def complete(self) -> bool:
        return self.count == count_chunks(self._size)

    def add(self, chunks: list[tuple[int, bytes]]) -> None:
        """Keep further chunks, in order, on the disk when this returns."""
        sealed: list[bytes] = []
        for number, chunk in chunks:
            if number == self.count:
                sealed.append(bytes(self._box.encrypt(number.to_bytes(_NUMBER_BYTES, "big") + chunk)))
                self._chunks.append(chunk)
        try:
            with self._path.open("ab") as file:
                file.write(b"".join(sealed))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise explain_system(error) from error

    def whole(self) -> bytes:
        """The content; `DamagedChunkError` when it is not what its name says."""
        gathered = GatheredContent(self._sha256, self._size)
        for number, chunk in enumerate(self._chunks):
            gathered.accept_chunk(number, chunk)
        return gathered.whole()

    def forget(self) -> None:
        """Drop everything: the content is in the store now, or was no good."""
        self._chunks.clear()
        self._path.unlink(missing_ok=True)

    def _read(self) -> None:
        if not self._path.exists():
            return
        good = 0
        with self._path.open("r+b") as file:
            while not self.complete:
                length = self._sealed_length(self.count)
                chunk = self._open(file.read(length), self.count)
                if chunk is None:
                    break
                self._chunks.append(chunk)
                good += length
            file.truncate(good)

    def _open(self, sealed: bytes, number: int) -> bytes | None:
        try:
            plain = self._box.decrypt(sealed)
        except (CryptoError, ValueError):
            return None
        right = plain[:_NUMBER_BYTES] == number.to_bytes(_NUMBER_BYTES, "big")
        return plain[_NUMBER_BYTES:] if right else None

    def _sealed_length(self, number: int) -> int:
        return SecretBox.NONCE_SIZE + SecretBox.MACBYTES + _NUMBER_BYTES + chunk_length(self._size, number)
