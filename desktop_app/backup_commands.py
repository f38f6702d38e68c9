"""The commands around backups: writing, restoring with a preview, and the drill that shows that it would work."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from desktop_app.commands import StderrProgress, ask_passphrase, folder_of, opened, say
from desktop_app.storage.key_file import KeyFileError
from desktop_app.storage.problems import DamagedDatabaseError
from desktop_app.storage.workspace import Workspace
from village_core.domain.errors import ProblemOutsideError, RefusedError
from village_core.domain.staff.rights import Right

Json = dict[str, Any]
T = TypeVar("T")

DRILL = "drill"


def backup(options: argparse.Namespace) -> Json:
    """`backup FILE`, or `backup drill [FILE]`; a file of that very name is `./drill`."""
    if options.target == DRILL:
        return _drill(options)
    if options.file is not None:
        raise RefusedError("一次只能写一个备份文件。", next_step="请写：tiangeng backup 文件名。")
    from desktop_app.storage.backup import write_backup

    target = Path(options.target)
    with opened(options) as workspace:
        workspace.require(Right.BACK_UP)
        result = write_backup(workspace, target, progress=StderrProgress("正在备份"))
        workspace.log_access("backup", target.name)
    say(options, "备份写好了，已读回核对，并打开检查过。")
    return asdict(result)


def _drill(options: argparse.Namespace) -> Json:
    from desktop_app.bootstrap import open_with_key
    from desktop_app.storage.drill import drill
    from desktop_app.sync.proof import verify_all

    with opened(options) as workspace:
        workspace.require(Right.BACK_UP)
        report = drill(
            workspace,
            options.file,
            open_restored=open_with_key,
            verify=verify_all,
            progress=StderrProgress("正在试恢复"),
        )
        workspace.log_access("drill", report.backup, report.words)
    say(options, report.words)
    return {**report.as_json(), "exit_status": 0 if report.ok else 1}


def restore(options: argparse.Namespace) -> Json:
    """`restore FILE`; with `--preview` it only tells what would come and what would go."""
    from desktop_app.bootstrap import open_with_key
    from desktop_app.storage.restore import restore_backup

    passphrase, folder = ask_passphrase(options), folder_of(options)
    if options.preview:
        return _preview(options, folder, passphrase)
    _as_who_may_restore(options, folder, passphrase, then=lambda _: None)
    result = restore_backup(options.file, folder, passphrase=passphrase, progress=StderrProgress("正在恢复"))
    workspace = open_with_key(folder, result.key)
    workspace.log_access("restore", options.file.name)
    workspace.close()
    say(options, "已从备份恢复。" + (f"恢复以前的资料也备份了：backups/{result.before}。" if result.before else ""))
    if result.missing:
        say(options, f"有 {result.missing} 个照片文件不在备份旁边，县里有的会在同步时取回来。")
    return {"bytes": result.bytes, "sha256": result.sha256}


def _preview(options: argparse.Namespace, folder: Path, passphrase: str) -> Json:
    """Where nobody could be asked, nobody's rows are named."""
    from desktop_app.storage.restore_preview import look_into, preview_restore

    progress = StderrProgress("正在读备份")
    preview = _as_who_may_restore(
        options, folder, passphrase, then=lambda present: look_into(present, options.file, progress=progress)
    ) or preview_restore(options.file, folder, passphrase=passphrase, progress=progress)
    for sentence in preview.sentences:
        say(options, sentence)
    return preview.as_json()


def _as_who_may_restore(
    options: argparse.Namespace, folder: Path, passphrase: str, *, then: Callable[[Workspace], T]
) -> T | None:
    """`then` with the workspace that is there, opened by who may restore over it. None where there is none, with the
    recovery key, and where it does not open: a broken one has nobody left to ask."""
    from desktop_app.bootstrap import has_workspace
    from desktop_app.storage.restore import is_recovery_key

    if not has_workspace(folder) or is_recovery_key(passphrase):
        return None
    try:
        with opened(options, passphrase=passphrase) as present:
            present.require(Right.RESTORE)
            return then(present)
    except (DamagedDatabaseError, KeyFileError):
        return None
    except ProblemOutsideError as error:
        if type(error) is not ProblemOutsideError:  # a wrong passphrase, a wait, somebody who may not come in
            raise
        return None
