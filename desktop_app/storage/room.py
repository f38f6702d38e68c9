"""Is there room: asked before anything large is written, so that the disk never runs full half-way."""

from __future__ import annotations

import shutil
from pathlib import Path

from desktop_app.storage.problems import explain_system
from village_core.domain.errors import ProblemOutsideError

_SLACK = 64 << 10
"""Folders, the list of the backup and what the file system keeps for itself."""


class NoRoomError(ProblemOutsideError):
    """There is not enough space; nothing was written and nothing deleted."""


def free_space(folder: Path) -> int:
    """Bytes that may still be written where `folder` is, or will be."""
    there = folder.absolute()
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        return shutil.disk_usage(there).free
    except OSError as error:
        raise explain_system(error) from error


def require_room(folder: Path, needed: int, *, reserve: int = 0, what: str = "这份备份") -> None:
    """Raise `NoRoomError` unless `needed` bytes fit and `reserve` more stay free for daily work."""
    free = free_space(folder)
    if free >= needed + reserve + _SLACK:
        return
    more = needed + reserve + _SLACK - free
    place = folder.absolute().anchor if len(folder.absolute().anchor) > 1 else str(folder.absolute())
    raise NoRoomError(
        f"磁盘满了，放不下{what}：要 {size_words(needed)}，{place} 只剩 {size_words(free)}。",
        safe="资料都在，以前的备份一份也没有动。",
        next_step=f"请再清出 {size_words(more)}（清空回收站、移走照片和视频），或换一个地方备份。",
    )


def same_disk(one: Path, other: Path) -> bool:
    """Whether both lie on one disk, as far as the system tells."""
    try:
        return one.stat().st_dev == other.stat().st_dev
    except OSError:
        return False


def size_words(count: int) -> str:
    """A number of bytes as a person reads it."""
    if count >= 1 << 30:
        return f"{count / (1 << 30):.1f} GB"
    if count >= 1 << 20:
        return f"{count / (1 << 20):.0f} MB"
    return f"{max(1, count >> 10)} KB"
