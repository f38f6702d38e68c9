"""Exchanges in the background: at a press of the button, soon after a change, and every few minutes by itself.

Gentle on a bad line: each failure makes the next try by itself wait longer. It never interrupts; the status bar and
the page tell how it stands.
"""

from __future__ import annotations

import random

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.background.tasks import Lane, TaskContext, TaskHandle
from desktop_app.shell.context import PageContext
from desktop_app.storage.changes import Changes
from desktop_app.sync.loop import ExchangeReport, exchange
from desktop_app.sync.state import PAUSED, find_link
from desktop_app.sync.watch import Watch
from village_core.domain.errors import UserError

_AFTER_START_MS = 15_000
_AFTER_CHANGE_MS = 20_000
_EVERY_MS = 5 * 60_000
_LONGEST_MS = 30 * 60_000
_PATIENCE_BY_ITSELF = 10.0

ALL_TOPICS = Changes.of("households", "relief", "ledger", "notices", "settings", "sync")


class SyncRunner(QObject):
    """One for a window. `of` finds or makes it."""

    started = Signal()
    finished = Signal(object)
    """An `ExchangeReport`."""
    failed = Signal(object)
    """What stood in the way of an exchange that a person asked for."""
    ended = Signal()
    """After each exchange, whatever came of it."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context.changes)
        self._context = context
        self._handle: TaskHandle | None = None
        self._asked = False
        self._failures = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_time)
        context.changes.changed.connect(self._on_changed)

    @classmethod
    def of(cls, context: PageContext) -> SyncRunner:
        """The runner of the context's window."""
        found = context.changes.findChild(cls)
        return found if isinstance(found, cls) else cls(context)

    @property
    def running(self) -> bool:
        return self._handle is not None and not self._handle.finished

    def start_automatic(self) -> None:
        """Begin to exchange by itself, a little after the window has opened."""
        self._timer.start(_AFTER_START_MS)

    def sync_now(self) -> None:
        """Exchange because a person asked."""
        self._asked = True
        self._start(patience=30.0, total=None)

    def stop(self) -> None:
        """End the exchange at its next step; what got through stays."""
        if self._handle is not None:
            self._handle.cancel()

    def _on_time(self) -> None:
        if not self.running:
            self._start(patience=_PATIENCE_BY_ITSELF, total=None, by_itself=True)

    def _on_changed(self, changes: Changes) -> None:
        soon = self._timer.isActive() and self._timer.remainingTime() > _AFTER_CHANGE_MS
        if soon and self._failures == 0 and changes.topics - {"sync"}:
            self._timer.start(_AFTER_CHANGE_MS)

    def _start(self, *, patience: float, total: float | None, by_itself: bool = False) -> None:
        if self.running:
            return
        workspace = self._context.workspace

        def work(task: TaskContext) -> ExchangeReport | None:
            if by_itself and (find_link(workspace) is None or workspace.state(PAUSED) == "1"):
                return None
            watch = Watch(check=task.raise_if_cancelled)
            return exchange(workspace, patience=patience, total=total, watch=watch)

        self._handle = self._context.tasks.run(
            work,
            lane=Lane.IO,
            owner=self,
            on_done=self._on_done,
            on_error=self._on_error,
            on_cancelled=self._on_cancelled,
        )
        self.started.emit()

    def _on_done(self, report: ExchangeReport | None) -> None:
        self._failures = 0
        self._end()
        if report is not None:
            self.finished.emit(report)
            self._context.changes.announce(ALL_TOPICS if report.received or report.sent else Changes.of("sync"))

    def _on_error(self, error: Exception) -> None:
        asked = self._asked
        self._failures += 1
        self._end()
        self._context.changes.announce(ALL_TOPICS)
        if asked or not isinstance(error, UserError):
            self.failed.emit(error)

    def _on_cancelled(self) -> None:
        self._end()
        self._context.changes.announce(ALL_TOPICS)

    def _end(self) -> None:
        self._asked = False
        wait = min(_EVERY_MS * 2**self._failures, _LONGEST_MS)
        if self._timer.interval():
            self._timer.start(random.randint(wait * 3 // 4, wait))
        self.ended.emit()
