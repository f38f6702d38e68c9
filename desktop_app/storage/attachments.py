"""Photos and scans: one encrypted file each, named by a keyed hash so that the folder tells nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from desktop_app.storage.files import write_whole
from desktop_app.storage.partial import PartialContent
from desktop_app.storage.problems import explain_system
from village_core.domain.errors import ProblemOutsideError

_PARTS = "parts"


class AttachmentMissingError(ProblemOutsideError):
    """The content is not on this laptop (yet), or its file is damaged."""


class AttachmentStore:
    """Content by SHA-256. Written before the row that names it, so that a row never points to nothing."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self._folder = folder
        self._box = SecretBox(hashlib.blake2b(b"content", key=key, digest_size=32).digest())
        self._name_key = hashlib.blake2b(b"names", key=key, digest_size=32).digest()

    def put(self, content: bytes) -> str:
        """Keep `content`; returns its SHA-256 in hex. Storing the same content again changes nothing."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path_of(sha256)
        if not path.exists():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise explain_system(error) from error
            write_whole(path, bytes(self._box.encrypt(content)))
        return sha256

    def get(self, sha256: str) -> bytes:
        """The content, checked against its hash; otherwise `AttachmentMissingError`."""
        try:
            content = self._box.decrypt(self.path_of(sha256).read_bytes())
        except FileNotFoundError as error:
            raise AttachmentMissingError(
                "这张照片的原件不在这台电脑上。", safe="记录都在。", next_step="连上县里同步一次，就会取回来。"
            ) from error
        except OSError as error:
            raise explain_system(error) from error
        except CryptoError as error:
            raise AttachmentMissingError(
                "这张照片的文件有损坏。", safe="记录都在。", next_step="请从备份恢复，或重新拍一张补上。"
            ) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise AttachmentMissingError(
                "这张照片的文件与登记的不一致。", safe="记录都在。", next_step="请从备份恢复，或重新拍一张补上。"
            )
        return content

    def has(self, sha256: str) -> bool:
        return self.path_of(sha256).exists()

    def size_of(self, sha256: str) -> int | None:
        """The size of the content in bytes, None where it is not here. Nothing is decrypted."""
        try:
            sealed = self.path_of(sha256).stat().st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise explain_system(error) from error
        return sealed - SecretBox.NONCE_SIZE - SecretBox.MACBYTES

    def partial(self, sha256: str, size: int) -> PartialContent:
        """What is here of a content that is being fetched; it is no content yet and in no backup."""
        path = self._folder / _PARTS / f"{self._name_of(sha256)}-{size}"
        return PartialContent(path, self._box, sha256=sha256, size=size)

    def path_of(self, sha256: str) -> Path:
        """Where the encrypted content lies; the name is a keyed hash."""
        name = self._name_of(sha256)
        return self._folder / name[:2] / name[2:]

    def is_sealed_as(self, short: str, sealed: bytes) -> bool:
        """Whether these are the encrypted bytes of the content that a file `ab/cdef…` of the store stands for."""
        try:
            content = self._box.decrypt(sealed)
        except (CryptoError, ValueError):
            return False
        return short == self.short_path_of(hashlib.sha256(content).hexdigest())

    def short_path_of(self, sha256: str) -> str:
        """The place of a content below the store's folder, with `/`."""
        name = self._name_of(sha256)
        return f"{name[:2]}/{name[2:]}"

    def _name_of(self, sha256: str) -> str:
        try:
            name = bytes.fromhex(sha256)
        except ValueError:
            name = sha256.encode()  # a row from elsewhere may hold anything; no file bears such a name
        return hashlib.blake2b(name, key=self._name_key, digest_size=20).hexdigest()

    def files(self) -> Iterator[Path]:
        """All files of the store, for backup."""
        yield from sorted(path for path in self._folder.glob("??/*") if not path.name.startswith("."))
