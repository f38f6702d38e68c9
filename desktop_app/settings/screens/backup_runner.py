"""Backups while the window is open: one a day at a quiet moment, its copy when the stick is in, a drill a month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.background.tasks import Lane, TaskContext, TaskHandle
from desktop_app.settings.backups import is_drill_due
from desktop_app.shell.context import PageContext
from desktop_app.storage.automatic_backup import back_up_daily
from desktop_app.storage.drill import DrillReport, OpenRestored, drill
from desktop_app.storage.second_place import CopyReport, copy_to_second_place, find_second_place, get_second_place
from desktop_app.storage.verify import VerifyReport
from desktop_app.storage.workspace import Workspace

_FIRST_LOOK_MS = 5_000
_LOOK_MS = 60_000
_PATIENCE = 5
"""So many looks that found the window at work; then the backup is made all the same."""


@dataclass(frozen=True)
class BackupDeeds:
    """What the window lends: how a restored folder is opened, how a workspace is verified, and how a backup takes its
    place (the window closes for that)."""

    open_restored: OpenRestored
    verify: Verify
    restore: Callable[[Path], None]


class Verify(Protocol):
    """Reads a workspace through; `progress(done, total)` may raise to stop."""

    def __call__(self, workspace: Workspace, progress: Callable[[int, int], None] | None = None) -> VerifyReport: ...


class RestoreWish(QObject):
    """Says to whoever holds the window that a backup shall take the place of what is open. One for each window."""

    wanted = Signal(object)
    """The path of the backup."""

    @classmethod
    def of(cls, context: PageContext) -> RestoreWish:
        found = context.changes.findChild(cls)
        return found if isinstance(found, cls) else cls(context.changes)


@dataclass(frozen=True)
class Round:
    """What one look did."""

    written: Path | None = None
    copied: CopyReport | None = None
    drilled: DrillReport | None = None

    @property
    def did_something(self) -> bool:
        return any((self.written, self.copied, self.drilled))


class BackupRunner(QObject):
    """One for each window."""

    done = Signal(object)
    """A `Round` that did something."""

    def __init__(self, context: PageContext, deeds: BackupDeeds) -> None:
        super().__init__(context.changes)
        self._context = context
        self._deeds = deeds
        self._handle: TaskHandle | None = None
        self._busy_looks = 0
        self._told = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Begin to look."""
        self._timer.start(_FIRST_LOOK_MS)

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def run_now(self) -> None:
        """Do what is due, whether the moment is quiet or not."""
        if self._handle is not None and not self._handle.finished:
            return
        workspace, deeds = self._context.workspace, self._deeds
        self._handle = self._context.tasks.run(
            lambda task: look_after(workspace, deeds, task),
            lane=Lane.IO,
            owner=self,
            on_done=self._on_done,
            on_error=self._on_failed,
        )

    def _look(self) -> None:
        self._timer.start(_LOOK_MS)
        if self._context.tasks.busy and self._busy_looks < _PATIENCE:
            self._busy_looks += 1
            return
        self._busy_looks = 0
        self.run_now()

    def _on_done(self, outcome: Round) -> None:
        self._told = ""
        messages = self._context.messages
        if outcome.drilled is not None and not outcome.drilled.ok:
            messages.warn(outcome.drilled.words)
        elif outcome.copied is not None:
            messages.tell("今天的备份也拷到第二个地方了，读回来核对过。")
        if outcome.did_something:
            self.done.emit(outcome)

    def _on_failed(self, error: Exception) -> None:
        words = f"自动备份没有做成。{error}"
        if words != self._told:  # once, not at each look
            self._told = words
            self._context.messages.warn(words)


def look_after(workspace: Workspace, deeds: BackupDeeds, task: TaskContext) -> Round:
    """Today's backup, its copy, the month's drill: each only when it is due."""

    def going_on(_done: int, _total: int) -> None:
        task.raise_if_cancelled()

    written = back_up_daily(workspace, progress=going_on)
    copied = copy_if_plugged_in(workspace, going_on)
    drilled = None
    if is_drill_due(workspace):
        drilled = drill(workspace, open_restored=deeds.open_restored, verify=deeds.verify, progress=going_on)
        workspace.log_access("drill", drilled.backup, drilled.words)
    return Round(written, copied, drilled)


def copy_if_plugged_in(workspace: Workspace, progress: Callable[[int, int], None]) -> CopyReport | None:
    """Copy to the second place when there is one and it is plugged in."""
    place = get_second_place(workspace)
    folder = find_second_place(place) if place is not None else None
    if place is None or folder is None:
        return None
    return copy_to_second_place(workspace, place, folder, progress=progress)
