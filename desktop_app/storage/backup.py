"""Backups: one file, encrypted like the workspace itself, read back from where it lies and opened before it counts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from desktop_app.storage.attachments import AttachmentStore
from desktop_app.storage.change_log import last_seal, seal
from desktop_app.storage.container import (
    DamagedBackupError,
    Progress,
    check_container,
    hash_file,
    opened_container,
    unpack,
    write_container,
)
from desktop_app.storage.files import flush_folder
from desktop_app.storage.frozen_copy import frozen_copy, has_seal, prove_copy
from desktop_app.storage.key_file import sound_key_file
from desktop_app.storage.one_at_a_time import alone
from desktop_app.storage.problems import explain_system, explained
from desktop_app.storage.room import require_room, same_disk
from desktop_app.storage.workspace import ATTACHMENT_FOLDER, BACKUP_FOLDER, DATABASE_FILE, KEY_FILE, Workspace
from village_core.domain.clock import stamp

__all__ = ["BackupResult", "BackupSource", "DamagedBackupError", "check_container", "write_backup", "write_from"]

_LOCK = ".backup.lock"


@dataclass(frozen=True)
class BackupResult:
    """What was written: size in bytes and SHA-256 of the file."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class BackupSource:
    """A workspace as far as a backup needs it, so that one can be made of a workspace that nobody has open.

    `older`: its database is an older program's, which is copied as it is and not sealed first. `key_file`: where
    the folder's own cannot be read.
    """

    folder: Path
    key: bytes
    engine: Engine
    made_at: str
    number: int = 0
    older: bool = False
    key_file: Path | None = None


def write_backup(
    workspace: Workspace,
    target: Path,
    *,
    with_attachments: bool = True,
    reserve: int = 0,
    number: int = 0,
    progress: Progress | None = None,
) -> BackupResult:
    """Write the workspace to `target` and prove it. An older file there is replaced last.

    Without attachments their names are listed: their files, which never change, stay where they are. `reserve`:
    bytes that must stay free. `number`: which automatic one it is. `progress(done, total)` in bytes may raise to stop.
    """
    source = BackupSource(workspace.folder, workspace.key, workspace.engine, stamp(workspace.clock), number)
    return write_from(source, target, with_attachments=with_attachments, reserve=reserve, progress=progress)


def write_from(
    source: BackupSource,
    target: Path,
    *,
    with_attachments: bool = True,
    reserve: int = 0,
    progress: Progress | None = None,
) -> BackupResult:
    """As `write_backup`."""
    beside = target.with_name(f".{target.name}.part")
    snapshot = source.folder / ".backup.db"
    with alone(source.folder / _LOCK, what="另一次备份"):
        try:
            for leftover in (beside, snapshot, *(source.folder / BACKUP_FOLDER).glob(".*.part")):
                leftover.unlink(missing_ok=True)
            contents = {
                f"{ATTACHMENT_FOLDER}/{path.parent.name}/{path.name}": path
                for path in AttachmentStore(source.folder / ATTACHMENT_FOLDER, source.key).files()
            }
            files = {DATABASE_FILE: snapshot, KEY_FILE: source.key_file or sound_key_file(source.folder / KEY_FILE)}
            sizes = {name: path.stat().st_size for name, path in contents.items()}
            _require_room(source, target, sum(sizes.values()) if with_attachments else 0, reserve=reserve)
            sealed = _snapshot(source, snapshot)
            write_container(
                beside,
                {**files, **(contents if with_attachments else {})},
                key=source.key,
                made_at=source.made_at,
                outside={} if with_attachments else sizes,
                number=source.number,
                progress=_scaled(progress, 0),
            )
            snapshot.unlink()
            _prove(beside, source.key, snapshot, sealed=sealed, progress=_scaled(progress, 1))
            result = BackupResult(beside.stat().st_size, hash_file(beside))
            beside.replace(target)
            flush_folder(target.absolute().parent)
            return result
        except OSError as error:
            raise explain_system(error) from error
        finally:
            _sweep(beside, snapshot)


def _snapshot(source: BackupSource, snapshot: Path) -> tuple[int, str] | None:
    """Copy the database as it is at one moment; returns the seal that the copy must go through."""
    sealed = None
    if not source.older:
        with explained(), source.engine.execution_options(write=True).begin() as connection:
            seal(connection)
            sealed = last_seal(connection)
    with explained(), source.engine.execution_options(bare=True).connect() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(snapshot),))
    return sealed


def _prove(path: Path, key: bytes, scratch: Path, *, sealed: tuple[int, str] | None, progress: Progress | None) -> None:
    """Read the written file, take the database out of it again, open it and check it through."""
    manifest = check_container(path, progress=progress)
    with opened_container(path) as container:
        unpack(container, DATABASE_FILE, scratch, expected=manifest.files[DATABASE_FILE])
    with frozen_copy(scratch, key) as connection:
        prove_copy(connection)
        if sealed is not None and not has_seal(connection, sealed):
            raise DamagedBackupError(
                "写好的备份和资料对不上，没有采用。", safe="资料和以前的备份都在。", next_step="请再备份一次。"
            )


def _require_room(source: BackupSource, target: Path, contents: int, *, reserve: int) -> None:
    """The snapshot and the file both lie there for a moment; on two disks each needs only its own."""
    database = (source.folder / DATABASE_FILE).stat().st_size
    wal = source.folder / f"{DATABASE_FILE}-wal"
    database += wal.stat().st_size if wal.exists() else 0
    beside = target.absolute().parent
    if same_disk(source.folder, beside):
        require_room(beside, 2 * database + contents, reserve=reserve)
    else:
        require_room(source.folder, database, reserve=reserve)
        require_room(beside, database + contents, reserve=0)


def _sweep(*paths: Path) -> None:
    """Take back what is not needed; a disk that was pulled out keeps its own."""
    for path in paths:
        for leftover in ("", "-journal", "-wal", "-shm"):
            try:
                path.with_name(path.name + leftover).unlink(missing_ok=True)
            except OSError:
                continue


def _scaled(progress: Progress | None, half: int) -> Progress | None:
    """Writing is the first half of the work, reading back the second."""
    if progress is None:
        return None

    def tell(done: int, total: int) -> None:
        progress(half * total + done, 2 * total)

    return tell
