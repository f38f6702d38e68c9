"""Putting a backup back: unpacked and proved beside first, then exchanged in a way that can be finished after any cut.

The mark `ready` in the staging folder is the moment at which it counts: before it nothing has happened, after it
`finish_restore` carries the exchange through, whoever opens the folder next.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import sqlcipher3.dbapi2
from sqlalchemy import select, text

from desktop_app.storage.attachments import AttachmentStore
from desktop_app.storage.backup import BackupSource, write_from
from desktop_app.storage.container import (
    Manifest,
    Progress,
    check_container,
    damaged,
    hash_file,
    opened_container,
    unpack,
)
from desktop_app.storage.county_clock import KNOWN_DAY
from desktop_app.storage.duties import REVOKED
from desktop_app.storage.engine import HybridClock, open_engine
from desktop_app.storage.entry import admit, admit_recovery
from desktop_app.storage.files import flush_folder, write_whole
from desktop_app.storage.frozen_copy import frozen_copy, opens_with, prove_copy
from desktop_app.storage.key_file import (
    RECOVERY,
    KeyFileError,
    copy_of,
    has_key_file,
    sound_key_file,
    unlock,
    unlock_key,
)
from desktop_app.storage.one_at_a_time import alone
from desktop_app.storage.problems import DamagedDatabaseError, explain_system, explained
from desktop_app.storage.recovery_key import read_recovery_key
from desktop_app.storage.room import require_room
from desktop_app.storage.shelf import BEFORE_RESTORE, backup_name, list_backups, next_number, superfluous
from desktop_app.storage.staging import STAGING_FOLDER
from desktop_app.storage.unfinished import settle_unfinished
from desktop_app.storage.workspace import ATTACHMENT_FOLDER, BACKUP_FOLDER, DATABASE_FILE, KEY_FILE
from village_core.domain.clock import Clock, SystemClock, stamp
from village_core.domain.errors import ProblemOutsideError, RefusedError
from village_core.exchange.change_log import device_state

BACKUP_STATE = "backup."
"""Keys of `device_state` that begin so say where this laptop's backups go and when they went there."""

RawKey = bytes
_READY = "ready"
_LOCK = ".restore.lock"
_REPLACED = ".replaced"
_BESIDE = ("", "-wal", "-shm")


@dataclass(frozen=True)
class RestoreResult:
    """`bytes` and `sha256` of the backup; `before` is the backup of what was there, `missing` counts photos that
    the backup names and that lie nowhere near it."""

    bytes: int
    sha256: str
    key: RawKey = field(repr=False)
    before: str = ""
    missing: int = 0


def restore_backup(
    source: Path,
    folder: Path,
    *,
    passphrase: str = "",
    key: bytes | None = None,
    with_attachments: bool = True,
    clock: Clock | None = None,
    progress: Progress | None = None,
) -> RestoreResult:
    """Put a backup into an empty folder, or in place of the same workspace (the one with the same key).

    What is there is backed up first, and moved to `.replaced` besides; it need not be readable, since a damaged
    workspace is what one restores over. Over the same workspace its own key file stays: who was let in or shut out
    since the backup remains so. Nobody may have the workspace open.
    """
    clock = clock or SystemClock()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise explain_system(error) from error
    with alone(folder / _LOCK, what="另一次恢复"):
        _finish(folder)
        settle_unfinished(folder)
        present = key or present_key(folder, passphrase)
        manifest = check_container(source, progress=progress)
        try:
            return _restore(
                source, manifest, folder, present, passphrase, with_attachments=with_attachments, clock=clock
            )
        except OSError as error:
            raise explain_system(error) from error
        finally:
            if not (folder / STAGING_FOLDER / _READY).exists():
                shutil.rmtree(folder / STAGING_FOLDER, ignore_errors=True)


def _restore(
    source: Path,
    manifest: Manifest,
    folder: Path,
    present: RawKey | None,
    passphrase: str,
    *,
    with_attachments: bool,
    clock: Clock,
) -> RestoreResult:
    staging = folder / STAGING_FOLDER
    _require_room(manifest, source, folder, with_attachments=with_attachments)
    _unpack_all(source, manifest, folder, with_attachments=with_attachments)
    opener = present or open_key_file(staging / KEY_FILE, passphrase)
    if not opens_with(staging / DATABASE_FILE, opener):
        raise RefusedError(
            "这份备份不是这里这份资料的。", safe="资料没有改动。", next_step="请换一个空的文件夹再恢复。"
        )
    if not manifest.fits(opener):
        raise damaged()
    _require_closed(folder / DATABASE_FILE, opener)
    _prove_and_mark(staging / DATABASE_FILE, opener, kept=_kept_state(folder / DATABASE_FILE, opener))
    missing = _fetch_outside(manifest, source, folder, opener) if with_attachments else 0
    before = _back_up_present(folder, opener, clock)
    if present is not None and has_key_file(folder / KEY_FILE):
        (staging / KEY_FILE).unlink()
    _require_closed(folder / DATABASE_FILE, opener)
    write_whole(staging / _READY, json.dumps({"backup": source.name}).encode())
    _finish(folder)
    return RestoreResult(source.stat().st_size, hash_file(source), opener, before.name if before else "", missing)


def finish_restore(folder: Path) -> None:
    """Carry an exchange through that was cut off; sweep up one that never came to count. Does nothing otherwise."""
    if not (folder / STAGING_FOLDER).exists():
        return
    with alone(folder / _LOCK, what="另一次恢复"):
        _finish(folder)


def _finish(folder: Path) -> None:
    staging = folder / STAGING_FOLDER
    if not staging.exists():
        return
    try:
        if (staging / _READY).exists():
            _exchange(folder, staging)
        shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise explain_system(error) from error


def _exchange(folder: Path, staging: Path) -> None:
    """Each step may have been done already. What still lies in the staging folder has not been put in place."""
    replaced = folder / _REPLACED
    for path in sorted((staging / ATTACHMENT_FOLDER).glob("??/*")):
        target = folder / ATTACHMENT_FOLDER / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
    if (staging / DATABASE_FILE).exists():
        replaced.mkdir(exist_ok=True)
        for ending in _BESIDE:
            if (folder / f"{DATABASE_FILE}{ending}").exists():
                (folder / f"{DATABASE_FILE}{ending}").replace(replaced / f"{DATABASE_FILE}{ending}")
        flush_folder(folder)
        (staging / DATABASE_FILE).replace(folder / DATABASE_FILE)
    if (staging / KEY_FILE).exists():
        if (folder / KEY_FILE).exists():
            replaced.mkdir(exist_ok=True)
            shutil.copyfile(folder / KEY_FILE, replaced / KEY_FILE)
        copy_of(folder / KEY_FILE).unlink(missing_ok=True)
        (staging / KEY_FILE).replace(folder / KEY_FILE)
    flush_folder(folder)
    (staging / _READY).unlink()


def present_key(folder: Path, passphrase: str) -> bytes | None:
    """The key of the workspace that is there; None when there is none, or when its key file is what is broken."""
    if not has_key_file(folder / KEY_FILE):
        return None
    try:
        if is_recovery_key(passphrase):
            return admit_recovery(folder, passphrase).opened.key
        return admit(folder, passphrase).opened.key
    except KeyFileError:
        return None


def open_key_file(path: Path, secret: str) -> bytes:
    """The key, by a passphrase or the recovery key that was valid when this key file was written."""
    if is_recovery_key(secret):
        return unlock(path, read_recovery_key(secret), kind=RECOVERY).key
    return unlock_key(path, secret)


def is_recovery_key(secret: str) -> bool:
    try:
        read_recovery_key(secret)
    except RefusedError:
        return False
    return True


def _unpack_all(source: Path, manifest: Manifest, folder: Path, *, with_attachments: bool) -> None:
    staging = folder / STAGING_FOLDER
    shutil.rmtree(staging, ignore_errors=True)
    shutil.rmtree(folder / _REPLACED, ignore_errors=True)
    with opened_container(source) as container:
        for name, expected in manifest.files.items():
            content = name not in (DATABASE_FILE, KEY_FILE)
            if content and (not with_attachments or _is_there(folder / name, expected)):
                continue
            unpack(container, name, staging / name, expected=expected)


def _is_there(path: Path, expected: str) -> bool:
    return path.is_file() and hash_file(path) == expected


def _kept_state(path: Path, key: bytes) -> dict[str, str]:
    """What a restore may not take back: that the county has stopped this laptop, which day it was here at least, and
    where its backups go."""
    if not path.exists():
        return {}
    try:
        with frozen_copy(path, key, immutable=False) as connection:
            rows = connection.execute(select(device_state.c.key, device_state.c.value)).all()
    except ProblemOutsideError:
        return {}
    return {row.key: row.value for row in rows if row.key in (REVOKED, KNOWN_DAY) or row.key.startswith(BACKUP_STATE)}


def _prove_and_mark(path: Path, key: bytes, *, kept: Mapping[str, str]) -> None:
    """A restored database is marked, so that the county gives it a new history."""
    with frozen_copy(path, key) as connection:
        prove_copy(connection)
    engine = open_engine(path, key, clock=HybridClock(SystemClock()))
    try:
        with explained(), engine.execution_options(write=True).begin() as connection:
            for name, value in {"restored": "1", "journal.restored": "1", **kept}.items():
                connection.execute(
                    text("INSERT OR REPLACE INTO device_state VALUES (:name, :value)"), {"name": name, "value": value}
                )
        with explained(), engine.execution_options(bare=True).connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
    finally:
        engine.dispose()


def contents_near(source: Path) -> list[Path]:
    """Where the photos of a backup without photos may lie: beside it (second place), or in its workspace."""
    return [source.absolute().parent / ATTACHMENT_FOLDER, source.absolute().parent.parent / ATTACHMENT_FOLDER]


def find_content(name: str, source: Path, store: AttachmentStore) -> Path | None:
    """The file of a content near a backup that opens with the key and is what its name says; None otherwise."""
    short = name.removeprefix(f"{ATTACHMENT_FOLDER}/")
    for place in contents_near(source):
        path = place / short
        if path.is_file() and store.is_sealed_as(short, path.read_bytes()):
            return path
    return None


def _fetch_outside(manifest: Manifest, source: Path, folder: Path, key: bytes) -> int:
    """Bring photos that lie outside the backup into the staging folder. Returns how many are nowhere."""
    store = AttachmentStore(folder / ATTACHMENT_FOLDER, key)
    missing = 0
    for name, size in manifest.outside.items():
        here = folder / name
        if here.is_file() and here.stat().st_size == size:
            continue
        found = find_content(name, source, store)
        if found is None:
            missing += 1
            continue
        target = folder / STAGING_FOLDER / name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, found.read_bytes())
    return missing


def _back_up_present(folder: Path, key: bytes, clock: Clock) -> Path | None:
    """A backup of what is there now; None where nothing is, or nothing whole: that goes to `.replaced` as it is."""
    path = folder / DATABASE_FILE
    if not path.exists() or not opens_with(path, key):
        return None
    engine = open_engine(path, key, clock=HybridClock(clock))
    try:
        target = folder / BACKUP_FOLDER / backup_name(BEFORE_RESTORE, clock.now())
        target.parent.mkdir(exist_ok=True)
        number = next_number(target.parent)
        source = BackupSource(folder, key, engine, stamp(clock), number, key_file=_key_file_for(folder))
        write_from(source, target, with_attachments=False)
        for old in superfluous(list_backups(target.parent), newest=target):
            if old.kind == BEFORE_RESTORE:
                old.path.unlink()
    except DamagedDatabaseError:
        return None
    finally:
        engine.dispose()
    return target


def _key_file_for(folder: Path) -> Path:
    """The key file of the workspace; where both copies are lost, the one that comes back, which opens it too."""
    try:
        return sound_key_file(folder / KEY_FILE)
    except KeyFileError:
        return folder / STAGING_FOLDER / KEY_FILE


def _require_closed(path: Path, key: bytes) -> None:
    """Refuse while another window or program has the workspace open: it would go on writing into the old file."""
    if not path.exists():
        return
    link = sqlcipher3.dbapi2.connect(str(path), timeout=1.0, isolation_level=None)
    try:
        link.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        link.execute("PRAGMA locking_mode = EXCLUSIVE")
        link.execute("BEGIN EXCLUSIVE")
        link.execute("ROLLBACK")
    except sqlcipher3.dbapi2.OperationalError as error:
        if "locked" in str(error).lower():
            raise ProblemOutsideError(
                "这份资料正在别的田埂窗口里开着，现在不能恢复。",
                safe="资料没有改动。",
                next_step="请关掉那个窗口，再恢复一次。",
            ) from error
    except sqlcipher3.dbapi2.DatabaseError:
        return  # too damaged to be open anywhere
    finally:
        link.close()


def _require_room(manifest: Manifest, source: Path, folder: Path, *, with_attachments: bool) -> None:
    """What is unpacked, what is fetched from beside it, and the backup of what is there now."""
    with opened_container(source) as container:
        wanted = {name: container.getinfo(name).file_size for name in manifest.files}
    if with_attachments:
        wanted |= manifest.outside
    contents = {name: size for name, size in wanted.items() if name.startswith(ATTACHMENT_FOLDER)}
    needed = wanted[DATABASE_FILE]
    if with_attachments:
        needed += sum(size for name, size in contents.items() if not (folder / name).is_file())
    if (folder / DATABASE_FILE).exists():
        needed += 2 * (folder / DATABASE_FILE).stat().st_size
    require_room(folder, needed, what="恢复出来的资料")
