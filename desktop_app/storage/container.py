"""The file of a backup: a ZIP without compression that holds encrypted files only, and a list that binds them.

Photos may lie outside, as files of their own under names that bind their content; then the list names them. The list
is sealed with the workspace's key, so that with the key in hand nothing can be put together from several backups.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import IO

from desktop_app.storage.problems import explain_system
from desktop_app.storage.workspace import ATTACHMENT_FOLDER, DATABASE_FILE, KEY_FILE
from village_core.domain.errors import RefusedError

MANIFEST = "manifest.json"
VERSION = 2
CHUNK = 1 << 20
_MOST_MANIFEST = 64 << 20
_CONTENT_NAME = re.compile(rf"{ATTACHMENT_FOLDER}/[0-9a-f]{{2}}/[0-9a-f]{{2,80}}")

Progress = Callable[[int, int], None]
"""(done, total); what it raises stops the work and leaves everything as it was."""


class DamagedBackupError(RefusedError):
    """The file is no backup of ours, or not as it was written."""


@dataclass(frozen=True)
class Manifest:
    """`files`: name → SHA-256 of what is inside; `outside`: name → size of the sealed photos that lie beside.

    `made_at` is ISO 8601 in UTC, '' in a backup of the first version; such a one has no seal either. `number` counts
    the automatic backups of a workspace: it tells which is newer when the laptop's clock does not (0: not counted).
    It proves nothing and stands outside the seal, so that programs that do not know it read the backup all the same.
    """

    files: Mapping[str, str]
    outside: Mapping[str, int] = field(default_factory=dict)
    made_at: str = ""
    version: int = VERSION
    seal: str = ""
    number: int = 0

    def sealed(self, key: bytes) -> Manifest:
        return replace(self, seal=self._seal(key))

    def fits(self, key: bytes) -> bool:
        """Whether it was made under `key`, as far as this version can say."""
        return self.version == 1 or self.seal == self._seal(key)

    def as_json(self) -> str:
        return json.dumps(
            {
                "version": self.version,
                "made_at": self.made_at,
                "files": dict(self.files),
                "outside": dict(self.outside),
                "seal": self.seal,
                "number": self.number,
            }
        )

    def _seal(self, key: bytes) -> str:
        own_key = hashlib.blake2b(b"backup list", key=key, digest_size=32).digest()
        listed = [self.version, self.made_at, sorted(self.files.items()), sorted(self.outside.items())]
        return hashlib.blake2b(json.dumps(listed).encode(), key=own_key, digest_size=32).hexdigest()


def write_container(
    path: Path,
    files: Mapping[str, Path],
    *,
    key: bytes,
    made_at: str,
    outside: Mapping[str, int],
    number: int = 0,
    progress: Progress | None = None,
) -> Manifest:
    """Write all `files` and the list, down to the disk. The caller chooses a name that nobody takes for a backup."""
    total = sum(file.stat().st_size for file in files.values())
    hashes: dict[str, str] = {}
    done = 0
    with path.open("wb") as raw:
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED, allowZip64=True) as container:
            for name, file in files.items():
                digest = hashlib.sha256()
                with file.open("rb") as content, container.open(name, "w", force_zip64=True) as entry:
                    while chunk := content.read(CHUNK):
                        digest.update(chunk)
                        entry.write(chunk)
                        done += len(chunk)
                        if progress is not None:
                            progress(done, total)
                hashes[name] = digest.hexdigest()
            manifest = Manifest(hashes, outside, made_at, number=number).sealed(key)
            container.writestr(MANIFEST, manifest.as_json())
        raw.flush()
        os.fsync(raw.fileno())
        forget_cached(raw)
    return manifest


def check_container(path: Path, *, progress: Progress | None = None) -> Manifest:
    """Read every byte of a backup and compare it with its list. Raises `DamagedBackupError`."""
    with opened_container(path) as container:
        manifest = read_manifest(container)
        total = sum(container.getinfo(name).file_size for name in manifest.files)
        done = 0
        for name, expected in manifest.files.items():
            digest = hashlib.sha256()
            with container.open(name) as entry:
                while chunk := entry.read(CHUNK):
                    digest.update(chunk)
                    done += len(chunk)
                    if progress is not None:
                        progress(done, total)
            if digest.hexdigest() != expected:
                raise damaged()
    return manifest


def unpack(container: zipfile.ZipFile, name: str, target: Path, *, expected: str) -> None:
    """Write one entry to `target`, down to the disk; `DamagedBackupError` when it is not what the list says."""
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with container.open(name) as entry, target.open("wb") as file:
        while chunk := entry.read(CHUNK):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != expected:
        raise damaged()


@contextmanager
def opened_container(path: Path) -> Iterator[zipfile.ZipFile]:
    """The ZIP of a backup; whatever is wrong with it leaves the block as `DamagedBackupError`."""
    try:
        with zipfile.ZipFile(path) as container:
            yield container
    except (zipfile.BadZipFile, KeyError, EOFError, ValueError, NotImplementedError, RuntimeError) as error:
        raise damaged() from error
    except OSError as error:
        raise explain_system(error) from error


def read_manifest(container: zipfile.ZipFile) -> Manifest:
    """The list of a backup. What is packed may not be larger than the file: nothing of ours is compressed."""
    try:
        entries = container.infolist()
        plain = all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)
        if not plain or container.getinfo(MANIFEST).file_size > _MOST_MANIFEST:
            raise damaged()
        found = json.loads(container.read(MANIFEST))
        manifest = Manifest(
            files={str(name): str(value) for name, value in found["files"].items()},
            outside={str(name): int(size) for name, size in found.get("outside", {}).items()},
            made_at=str(found.get("made_at", "")),
            version=int(found["version"]),
            seal=str(found.get("seal", "")),
            number=max(0, int(found.get("number", 0))),
        )
        if manifest.made_at and datetime.fromisoformat(manifest.made_at).tzinfo is None:
            raise damaged()
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise damaged() from error
    known = all(name in (DATABASE_FILE, KEY_FILE) or _CONTENT_NAME.fullmatch(name) for name in manifest.files)
    known = known and all(_CONTENT_NAME.fullmatch(name) for name in manifest.outside)
    if not known or not {DATABASE_FILE, KEY_FILE} <= set(manifest.files):
        raise damaged()
    if manifest.version > VERSION:
        raise RefusedError(
            "这份备份是更新版本的田埂写的，这个版本读不了。",
            safe="资料没有改动。",
            next_step="请先把田埂升级到新版本。",
        )
    return manifest


def hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def forget_cached(file: IO[bytes]) -> None:
    """Have the next reading come from the medium, where the system lets us ask for that."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def damaged() -> DamagedBackupError:
    return DamagedBackupError(
        "这个备份文件不完整，或不是田埂的备份。", safe="资料没有改动。", next_step="请换一份备份再试。"
    )
