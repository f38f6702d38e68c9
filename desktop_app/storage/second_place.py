"""The second place for backups: a stick or a folder that is known again by a file in it, whatever its drive letter.

There lie the daily backups and, once each, the encrypted photos that they list.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import shutil
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from desktop_app.storage.automatic_backup import LAST_NUMBER
from desktop_app.storage.container import (
    CHUNK,
    DamagedBackupError,
    Progress,
    check_container,
    forget_cached,
    hash_file,
    opened_container,
    read_manifest,
)
from desktop_app.storage.files import flush_folder, write_whole
from desktop_app.storage.one_at_a_time import alone
from desktop_app.storage.room import require_room, same_disk
from desktop_app.storage.shelf import KnownBackup, list_backups, newest_daily, next_number, number_of, superfluous
from desktop_app.storage.workspace import BACKUP_FOLDER, Workspace
from village_core.domain.clock import stamp
from village_core.domain.errors import ProblemOutsideError, RefusedError

SECOND_PLACE = "backup.second"
"""Key of `device_state`: the place as JSON."""
_MARK = "这是田埂的备份.json"


@dataclass(frozen=True)
class SecondPlace:
    """`path` is where it was seen last, `inside` the way to it on its own volume; `last_at` is ISO 8601 in UTC."""

    id: str
    label: str
    path: str
    inside: str
    same_disk: bool = False
    last_at: str = ""
    last_name: str = ""
    problem: str = ""

    @property
    def day(self) -> datetime | None:
        return datetime.fromisoformat(self.last_at) if self.last_at else None


@dataclass(frozen=True)
class CopyReport:
    """What went to the second place: the backup's name, and how many photos and bytes were new there."""

    name: str
    contents: int
    bytes: int


def get_second_place(workspace: Workspace) -> SecondPlace | None:
    """The place that was chosen, whether it is there now or not."""
    return read_second_place(workspace.state(SECOND_PLACE))


def read_second_place(text: str | None) -> SecondPlace | None:
    """The place as it is kept in `device_state`."""
    if not text:
        return None
    try:
        return SecondPlace(**json.loads(text))
    except (ValueError, TypeError):
        return None


def choose_second_place(workspace: Workspace, folder: Path, *, label: str = "") -> SecondPlace:
    """Make a folder of its own in `folder` and remember it. Refused inside the workspace."""
    if folder.absolute().is_relative_to(workspace.folder.absolute()):
        raise RefusedError(
            "这个文件夹就在资料里面，资料坏了备份也跟着坏。",
            safe="资料没有改动。",
            next_step="请插一个 U 盘，或选别的盘上的文件夹。",
        )
    known, owner = _mark_of(folder), _owner_of(workspace)
    again = bool(known) and _owner_in(folder) in ("", owner)
    identity = known if again else secrets.token_hex(8)
    # Where another laptop's backups lie, this one gets a folder beside: the day's files bear the same names.
    home = folder if again else (folder.parent if known else folder) / f"田埂备份-{identity[:4]}"
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _gone(error) from error
    write_whole(home / _MARK, json.dumps({"id": identity, "owner": owner}).encode())
    root = volume_root(home)
    place = SecondPlace(
        id=identity,
        label=label or root.name or str(root),
        path=str(home.absolute()),
        inside=home.absolute().relative_to(root).as_posix(),
        same_disk=same_disk(workspace.folder, home),
    )
    _keep(workspace, place)
    return place


def forget_second_place(workspace: Workspace) -> None:
    """No further copies; what lies there stays."""
    workspace.set_state(SECOND_PLACE, "")


def find_second_place(place: SecondPlace, *, roots: Iterable[Path] | None = None) -> Path | None:
    """Where the place is now; None while it is not plugged in."""
    for folder in (Path(place.path), *(root / place.inside for root in (volume_roots() if roots is None else roots))):
        if _mark_of(folder) == place.id:
            return folder
    return None


def copy_to_second_place(
    workspace: Workspace, place: SecondPlace, folder: Path, *, progress: Progress | None = None
) -> CopyReport | None:
    """Copy the newest daily backup and the photos it lists; None when it is there already.

    Each file is read back before it counts; old ones go only after that. A stick that is pulled out leaves whole
    files and a remainder that the next time sweeps up.
    """
    newest = newest_daily(workspace.folder / BACKUP_FOLDER)
    if newest is None or (place.last_name == newest.path.name and _is_there(newest, folder)):
        return None
    try:
        with alone(workspace.folder / ".second.lock", what="往第二个地方备份"):
            report = _copy(workspace, newest, folder, progress)
            _count_on(workspace, folder)
    except OSError as error:
        problem = _gone(error)
        _keep(workspace, replace(place, problem=problem.what))
        raise problem from error
    except ProblemOutsideError as error:
        _keep(workspace, replace(place, problem=error.what))
        raise
    done = replace(place, path=str(folder), last_at=stamp(workspace.clock), last_name=newest.path.name, problem="")
    _keep(workspace, done)
    return report


def _copy(workspace: Workspace, newest: KnownBackup, folder: Path, progress: Progress | None) -> CopyReport:
    for leftover in (*folder.glob(".*.part"), *folder.glob("attachments/??/.*.part")):
        leftover.unlink()
    with opened_container(newest.path) as container:
        listed = read_manifest(container).outside
    new = {
        name: size
        for name, size in listed.items()
        if (workspace.folder / name).is_file() and _size(folder / name) != size
    }
    total = sum(new.values()) + newest.bytes
    require_room(folder, total, what="要拷过去的备份")
    done = 0
    for name, size in new.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        _copy_file(workspace.folder / name, folder / name)
        done += size
        if progress is not None:
            progress(done, total)
    _copy_file(newest.path, folder / newest.path.name)
    check_container(folder / newest.path.name)
    for old in superfluous(list_backups(folder), newest=folder / newest.path.name):
        old.path.unlink()
    if progress is not None:
        progress(total, total)
    return CopyReport(newest.path.name, len(new), total)


def _is_there(newest: KnownBackup, folder: Path) -> bool:
    """A day's backup is written again when the clock went back: the name alone does not tell."""
    there = folder / newest.path.name
    return there.exists() and number_of(there) == newest.number


def _count_on(workspace: Workspace, folder: Path) -> None:
    """The next backup is newer than all of these, also on a laptop that was restored and counts from less."""
    highest = next_number(folder) - 1
    if highest > int(workspace.state(LAST_NUMBER) or 0):
        workspace.set_state(LAST_NUMBER, str(highest))


def _copy_file(source: Path, target: Path) -> None:
    """Copy, flush, read back, rename."""
    beside = target.with_name(f".{target.name}.part")
    with source.open("rb") as content, beside.open("wb") as file:
        shutil.copyfileobj(content, file, CHUNK)
        file.flush()
        os.fsync(file.fileno())
        forget_cached(file)
    if hash_file(beside) != hash_file(source):
        beside.unlink()
        raise DamagedBackupError(
            "拷到第二个地方的文件读回来和原来不一样。",
            safe="电脑里的备份都在，那里以前的备份也没有动。",
            next_step="这个 U 盘可能坏了，请换一个。",
        )
    beside.replace(target)
    flush_folder(target.parent)


def volume_root(path: Path) -> Path:
    """The top of the volume on which `path` lies."""
    there = path.absolute()
    while there != there.parent and not os.path.ismount(there):
        there = there.parent
    return there


def volume_roots() -> list[Path]:
    """Where sticks and disks are mounted now."""
    if sys.platform == "win32":
        import ctypes

        drives = ctypes.windll.kernel32.GetLogicalDrives()
        return [Path(f"{chr(65 + number)}:/") for number in range(2, 26) if drives >> number & 1]
    patterns = ("media/*", "media/*/*", "run/media/*/*", "mnt/*", "Volumes/*")
    return [path for pattern in patterns for path in sorted(Path("/").glob(pattern)) if os.path.ismount(path)]


def _mark_of(folder: Path, name: str = "id") -> str:
    try:
        return str(json.loads((folder / _MARK).read_bytes())[name])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _owner_in(folder: Path) -> str:
    """Whose backups lie there; '' where the mark is of an older program."""
    return _mark_of(folder, "owner")


def _owner_of(workspace: Workspace) -> str:
    """Tells two laptops apart and stays through a restore; says nothing of the key."""
    return hashlib.blake2b(workspace.key, digest_size=8, person=b"second place").hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1


def _keep(workspace: Workspace, place: SecondPlace) -> None:
    workspace.set_state(SECOND_PLACE, json.dumps(asdict(place), ensure_ascii=False))


def _gone(error: OSError) -> ProblemOutsideError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        what, next_step = "第二个地方满了，没有拷完。", "请在那里清出一些空间，或换一个 U 盘。"
    elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        what, next_step = "第二个地方不能写入。", "请打开 U 盘的写保护开关，或换一个文件夹。"
    else:
        what, next_step = "往第二个地方拷的时候断了，可能 U 盘拔掉了。", "请把 U 盘插好，会接着拷；还不行就换一个。"
    return ProblemOutsideError(what, safe="电脑里的备份都在，那里以前的备份也没有动。", next_step=next_step)
