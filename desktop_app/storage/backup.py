"""Backups: one file, encrypted like the workspace itself, read back after writing and before restoring.

The container is a ZIP whose entries are the encrypted database, the wrapped key and the encrypted attachments, with
a list of their SHA-256. Nothing in it can be read without the passphrase.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from desktop_app.storage.engine import HybridClock, open_engine
from desktop_app.storage.files import flush_folder
from desktop_app.storage.key_file import unlock_key
from desktop_app.storage.problems import explain_system, explained
from desktop_app.storage.workspace import ATTACHMENT_FOLDER, DATABASE_FILE, KEY_FILE, Workspace
from village_core.domain.clock import SystemClock
from village_core.domain.errors import RefusedError

MANIFEST = "manifest.json"
_CHUNK = 1 << 20
_STAGING = ".restoring"
_REPLACED = ".replaced"


class DamagedBackupError(RefusedError):
    """The file is no backup of ours, or not as it was written."""


@dataclass(frozen=True)
class BackupResult:
    """What was written: size in bytes and SHA-256 of the file."""

    bytes: int
    sha256: str


def write_backup(workspace: Workspace, target: Path, *, with_attachments: bool = True) -> BackupResult:
    """Write the workspace to `target` and prove it by reading it back. An older file there is replaced last."""
    workspace.seal_log()
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    snapshot = workspace.folder / f".backup-{os.getpid()}.db"
    try:
        with explained(), workspace.engine.execution_options(bare=True).connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(snapshot),))
        files = {DATABASE_FILE: snapshot, KEY_FILE: workspace.folder / KEY_FILE}
        if with_attachments:
            for path in workspace.attachments.files():
                files[f"{ATTACHMENT_FOLDER}/{path.parent.name}/{path.name}"] = path
        _write_container(beside, files)
        check_container(beside)
        _prove_database(snapshot, workspace.key)
        beside.replace(target)
        flush_folder(target.absolute().parent)
        return BackupResult(target.stat().st_size, _hash_file(target))
    except OSError as error:
        raise explain_system(error) from error
    finally:
        beside.unlink(missing_ok=True)
        snapshot.unlink(missing_ok=True)


def check_container(path: Path) -> None:
    """Read every byte of a backup and compare it with its list. Raises `DamagedBackupError`."""
    with _opened(path) as container:
        for name, expected in _manifest(container).items():
            digest = hashlib.sha256()
            with container.open(name) as entry:
                while chunk := entry.read(_CHUNK):
                    digest.update(chunk)
            if digest.hexdigest() != expected:
                raise _damaged()


def restore_backup(source: Path, folder: Path, *, passphrase: str) -> BackupResult:
    """Put a backup into an empty folder, or in place of the same workspace (the one with the same key).

    Everything is unpacked and opened beside first. What was there is moved to `.replaced`, never deleted here; it
    need not be readable, since a damaged workspace is what one restores over.
    """
    present = unlock_key(folder / KEY_FILE, passphrase) if (folder / KEY_FILE).exists() else None
    check_container(source)
    staging = folder / _STAGING
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(staging, ignore_errors=True)
        with _opened(source) as container:
            for name in _manifest(container):
                target = staging / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with container.open(name) as entry, target.open("wb") as file:
                    shutil.copyfileobj(entry, file, _CHUNK)
                    file.flush()
                    os.fsync(file.fileno())
        key = unlock_key(staging / KEY_FILE, passphrase)
        if present is not None and key != present:
            raise RefusedError(
                "这份备份不是这里这份资料的。", safe="资料没有改动。", next_step="请换一个空的文件夹再恢复。"
            )
        _prove_database(staging / DATABASE_FILE, key, mark_restored=True)
        _swap(folder, staging)
        return BackupResult(source.stat().st_size, _hash_file(source))
    except OSError as error:
        raise explain_system(error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _swap(folder: Path, staging: Path) -> None:
    replaced = folder / _REPLACED
    shutil.rmtree(replaced, ignore_errors=True)
    replaced.mkdir()
    moved = (DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm", KEY_FILE)
    for name in moved:
        if (folder / name).exists():
            (folder / name).replace(replaced / name)
    for path in sorted((staging / ATTACHMENT_FOLDER).glob("??/*")):
        target = folder / ATTACHMENT_FOLDER / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    for name in (DATABASE_FILE, KEY_FILE):
        (staging / name).replace(folder / name)
    flush_folder(folder)


def _prove_database(path: Path, key: bytes, *, mark_restored: bool = False) -> None:
    """Open a database file and check it through. A restored one is marked, so that the county gives it a new run."""
    engine = open_engine(path, key, clock=HybridClock(SystemClock()))
    try:
        with explained(), engine.execution_options(write=True).begin() as connection:
            if connection.scalar(text("PRAGMA integrity_check")) != "ok":
                raise _damaged()
            if mark_restored:
                connection.execute(text("INSERT OR REPLACE INTO device_state VALUES ('restored', '1')"))
        with explained(), engine.execution_options(bare=True).connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
    finally:
        engine.dispose()


def _write_container(path: Path, files: dict[str, Path]) -> None:
    hashes = {name: _hash_file(file) for name, file in files.items()}
    with path.open("wb") as raw:
        with zipfile.ZipFile(raw, "w", zipfile.ZIP_STORED, allowZip64=True) as container:
            for name, file in files.items():
                container.write(file, name)
            container.writestr(MANIFEST, json.dumps({"version": 1, "files": hashes}))
        raw.flush()
        os.fsync(raw.fileno())


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as container:
            yield container
    except (zipfile.BadZipFile, KeyError, EOFError, ValueError) as error:
        raise _damaged() from error
    except OSError as error:
        raise explain_system(error) from error


def _manifest(container: zipfile.ZipFile) -> dict[str, str]:
    try:
        files = json.loads(container.read(MANIFEST))["files"]
    except (KeyError, TypeError) as error:
        raise _damaged() from error
    allowed = all(
        name in (DATABASE_FILE, KEY_FILE)
        or (name.startswith(f"{ATTACHMENT_FOLDER}/") and ".." not in name and name.count("/") == 2)
        for name in files
    )
    if not allowed or DATABASE_FILE not in files or KEY_FILE not in files:
        raise _damaged()
    return {str(name): str(value) for name, value in files.items()}


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _damaged() -> DamagedBackupError:
    return DamagedBackupError(
        "这个备份文件不完整，或不是田埂的备份。", safe="资料没有改动。", next_step="请换一份备份再试。"
    )
