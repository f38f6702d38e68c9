"""Backups that nobody asked for: one a day, and one before each import. They lie beside the workspace.

Without photos: their files never change and stay where they are; each backup lists them. An old backup goes only
after the new one was read back and opened.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, select

from desktop_app.storage.backup import write_backup
from desktop_app.storage.container import Progress
from desktop_app.storage.problems import explain_system, explained
from desktop_app.storage.shelf import (
    BEFORE_IMPORT,
    backup_name,
    daily_name,
    list_backups,
    newest_daily,
    next_number,
    rules,
    superfluous,
)
from desktop_app.storage.workspace import BACKUP_FOLDER, Workspace
from village_core.domain.clock import stamp, today
from village_core.domain.errors import ProblemOutsideError
from village_core.exchange.change_log import change_log

LAST_BACKUP = "backup.last_at"
"""Key of `device_state`: when the last automatic backup was read back."""
FIRST_BACKUP = "backup.first_at"
"""When the first one was: how long this laptop has been worked on."""
LAST_NUMBER = "backup.number"
"""The highest number of an automatic backup that was seen, here or in the second place."""
LAST_SEQ = "backup.last_seq"
"""The newest change that the last automatic backup holds."""
LAST_PROBLEM = "backup.problem"
"""Why the last try failed, in words; '' when it did not."""


def back_up_daily(workspace: Workspace, *, progress: Progress | None = None) -> Path | None:
    """Today's automatic backup, or None when it is there already.

    It is there when it is also the last that was written: after the clock went back, a file of this day is an old one.
    """
    target = workspace.folder / BACKUP_FOLDER / daily_name(today(workspace.clock))
    newest = newest_daily(target.parent)
    if newest is not None and newest.path == target and not _clock_went_back(workspace):
        return None
    return _write(workspace, target, progress=progress)


def back_up_before_import(workspace: Workspace, *, progress: Progress | None = None) -> Path | None:
    """A backup to go back to when the wrong sheet was imported; None when the last one holds everything."""
    if workspace.state(LAST_SEQ) == str(_newest_change(workspace)) and list_backups(workspace.folder / BACKUP_FOLDER):
        return None
    name = backup_name(BEFORE_IMPORT, workspace.clock.now())
    return _write(workspace, workspace.folder / BACKUP_FOLDER / name, progress=progress)


def _write(workspace: Workspace, target: Path, *, progress: Progress | None) -> Path:
    newest = _newest_change(workspace)
    try:
        target.parent.mkdir(exist_ok=True)
        number = next_number(target.parent, above=int(workspace.state(LAST_NUMBER) or 0))
        write_backup(
            workspace, target, with_attachments=False, reserve=rules().reserve, number=number, progress=progress
        )
        for old in superfluous(list_backups(target.parent), newest=target):
            old.path.unlink()
    except OSError as error:
        raise explain_system(error) from error
    except ProblemOutsideError as error:
        _note_problem(workspace, error)
        raise
    now = stamp(workspace.clock)
    workspace.set_state(LAST_BACKUP, now)
    workspace.set_state(LAST_NUMBER, str(number))
    workspace.set_state(LAST_SEQ, str(newest))
    workspace.set_state(LAST_PROBLEM, "")
    if workspace.state(FIRST_BACKUP) is None:
        workspace.set_state(FIRST_BACKUP, now)
    return target


def _clock_went_back(workspace: Workspace) -> bool:
    return (workspace.state(LAST_BACKUP) or "") > stamp(workspace.clock)


def _note_problem(workspace: Workspace, error: ProblemOutsideError) -> None:
    """Kept for the page; a disk that takes nothing more takes no note either, and the person is told anyway."""
    try:
        workspace.set_state(LAST_PROBLEM, str(error))
    except ProblemOutsideError as worse:
        worse.__context__ = error


def _newest_change(workspace: Workspace) -> int:
    with explained(), workspace.engine.connect() as connection:
        return connection.scalar(select(func.max(change_log.c.seq))) or 0
