"""What is in a backup, and what would be lost against now: told before anything is restored."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from desktop_app.storage.container import (
    Manifest,
    Progress,
    check_container,
    damaged,
    opened_container,
    unpack,
)
from desktop_app.storage.frozen_copy import Counts, count_records, frozen_copy, opens_with, prove_copy
from desktop_app.storage.key_file import has_key_file
from desktop_app.storage.losses import Losses, find_losses
from desktop_app.storage.problems import explain_system
from desktop_app.storage.restore import contents_near, open_key_file, present_key
from desktop_app.storage.room import require_room
from desktop_app.storage.workspace import ATTACHMENT_FOLDER, DATABASE_FILE, KEY_FILE, Workspace
from village_core.domain.clock import CHINA
from village_core.domain.errors import ProblemOutsideError, RefusedError
from village_core.domain.staff.rights import Right

_SCRATCH = ".preview"
_SEE_ROWS = (Right.READ_HOUSEHOLDS, Right.READ_CASES, Right.READ_LEDGER)
"""Rows of any kind may be among those that would be lost."""


def made_words(made_at: str) -> str:
    """When a backup was made, e.g. 2026年11月22日 10:00."""
    if not made_at:
        return "时间没有记（旧版本的备份）"
    moment = datetime.fromisoformat(made_at).astimezone(CHINA)
    return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"


@dataclass(frozen=True)
class RestorePreview:
    """`now` and `losses` are None when there is nothing yet where it would be restored, or nothing readable.

    `contents` counts the files of photos that the backup brings or names, `missing` those that lie nowhere near.
    """

    made_at: str
    bytes: int
    counts: Counts
    contents: int
    missing: int
    now: Counts | None = None
    losses: Losses | None = None
    damaged_now: bool = False

    @property
    def made_words(self) -> str:
        return made_words(self.made_at)

    @property
    def sentences(self) -> list[str]:
        """All of it in plain words, one thought a line."""
        lines = [f"这份备份是 {self.made_words} 做的，里面有：{self.counts.words}。"]
        if self.missing:
            lines.append(f"有 {self.missing} 个照片文件不在备份旁边，恢复后先缺着，县里有的会取回来。")
        if self.damaged_now:
            lines.append("这台电脑上现在的资料有损坏，读不出来；恢复时会原样留在旁边，不会删。")
        if self.now is None or self.losses is None:
            return lines
        lines.append(f"这台电脑上现在有：{self.now.words}。")
        losses = self.losses
        if losses.nothing:
            return [*lines, "备份以后没有改过什么，恢复不会丢东西。"]
        lines.append(f"备份以后改过 {losses.changed} 条：" + "；".join(day.words for day in losses.days) + "。")
        back = losses.changed - losses.unsent
        if losses.with_county and back:
            lines.append(f"其中 {back} 条县里已经有，恢复后同步一次就回来。")
        if losses.unsent:
            where = "还没送到县里，恢复后就没有了" if losses.with_county else "恢复后就没有了（没有登记到县里）"
            if losses.unsent_names:
                names = "、".join(losses.unsent_names[:20]) + (" 等" if losses.unsent > 20 else "")
                lines.append(f"有 {losses.unsent} 条{where}：{names}。")
            else:
                lines += [f"有 {losses.unsent} 条{where}。", "要看是哪些，请由能看农户的人来看。"]
        lines.append("恢复以前会先把现在的资料也备份一份，反悔了还能换回来。")
        return lines

    def as_json(self) -> dict[str, Any]:
        """The document of the command line."""
        losses = self.losses
        return {
            "made_at": self.made_at,
            "bytes": self.bytes,
            "holds": vars(self.counts),
            "contents": self.contents,
            "missing_contents": self.missing,
            "now": vars(self.now) if self.now else None,
            "losses": None
            if losses is None
            else {
                "changed": losses.changed,
                "unsent": losses.unsent,
                "unsent_names": list(losses.unsent_names),
                "days": [{"day": one.day.isoformat(), "kinds": dict(one.kinds)} for one in losses.days],
            },
            "damaged_now": self.damaged_now,
        }


@dataclass
class _Present:
    counts: Counts | None = None
    losses: Losses | None = None
    damaged: bool = field(default=False)


def look_into(workspace: Workspace, source: Path, *, progress: Progress | None = None) -> RestorePreview:
    """The preview for the person at the keyboard, who must have the right to restore; it goes on record. What would be
    lost is named to whom may see all of it, and only counted for others."""
    workspace.require(Right.RESTORE)
    named = all(workspace.duties().may(right) for right in _SEE_ROWS)
    preview = preview_restore(source, workspace.folder, key=workspace.key, named=named, progress=progress)
    workspace.log_access("preview", source.name)
    return preview


def preview_restore(
    source: Path,
    folder: Path,
    *,
    passphrase: str = "",
    key: bytes | None = None,
    named: bool = False,
    progress: Progress | None = None,
) -> RestorePreview:
    """Read a backup through, open it, compare it with what is in `folder`; with names of what would be lost only if
    `named`. Changes nothing."""
    manifest = check_container(source, progress=progress)
    present = key or present_key(folder, passphrase)
    scratch = folder / _SCRATCH
    made_folder = not folder.exists()
    try:
        shutil.rmtree(scratch, ignore_errors=True)
        with opened_container(source) as container:
            require_room(folder, container.getinfo(DATABASE_FILE).file_size, what="要看的备份")
            for name in (DATABASE_FILE, KEY_FILE):
                unpack(container, name, scratch / name, expected=manifest.files[name])
        opener = present or open_key_file(scratch / KEY_FILE, passphrase)
        if not opens_with(scratch / DATABASE_FILE, opener):
            raise RefusedError(
                "这份备份不是这里这份资料的。", safe="资料没有改动。", next_step="请换一个空的文件夹再恢复。"
            )
        if not manifest.fits(opener):
            raise damaged()
        with frozen_copy(scratch / DATABASE_FILE, opener) as then:
            prove_copy(then)
            counts = count_records(then)
            now = _look_at_present(folder, opener, scratch, named=named)
        inside = sum(name.startswith(ATTACHMENT_FOLDER) for name in manifest.files)
        return RestorePreview(
            made_at=manifest.made_at,
            bytes=source.stat().st_size,
            counts=counts,
            contents=inside + len(manifest.outside),
            missing=count_missing(manifest, source, folder),
            now=now.counts,
            losses=now.losses,
            damaged_now=now.damaged,
        )
    except OSError as error:
        raise explain_system(error) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if made_folder and folder.exists() and not any(folder.iterdir()):
            folder.rmdir()


def count_missing(manifest: Manifest, source: Path, folder: Path) -> int:
    """How many photo files the backup names that lie neither in `folder` nor near the backup."""
    places = [folder, *(place.parent for place in contents_near(source))]
    return sum(not any((place / name).is_file() for place in places) for name in manifest.outside)


def _look_at_present(folder: Path, key: bytes, scratch: Path, *, named: bool) -> _Present:
    path = folder / DATABASE_FILE
    if not path.exists() or not has_key_file(folder / KEY_FILE):
        return _Present()
    try:
        with (
            frozen_copy(path, key, immutable=False) as now,
            frozen_copy(scratch / DATABASE_FILE, key) as then,
        ):
            return _Present(count_records(now), find_losses(now, then, named=named))
    except ProblemOutsideError:
        return _Present(damaged=True)
