"""Exchanges in the background: at a press of the button, soon after a change, and every few minutes by itself.

Gentle on a bad line: each failure makes the next try by itself wait longer, but it never gives up. It never
interrupts; the status bar and the page tell how it stands.
"""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.background.tasks import Lane, TaskContext, TaskHandle
from desktop_app.shell.context import PageContext
from desktop_app.storage.changes import Changes
from desktop_app.sync.backoff import Backoff
from desktop_app.sync.loop import ExchangeReport, exchange
from desktop_app.sync.state import CONTENT_LEFT, PAUSED, find_link
from desktop_app.sync.watch import Progress, Watch
from desktop_app.sync.words import BusyError
from village_core.domain.errors import RefusedError, UserError

_AFTER_START_MS = 15_000
_AFTER_CHANGE_MS = 20_000
_PATIENCE, _PATIENCE_BY_ITSELF = 30.0, 60.0
_SHOWN_EVERY_SECONDS = 0.2
_BETWEEN_PHOTOS_SECONDS = 2.0

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
    progressed = Signal(object)
    """A `Progress`, a few times a second while bytes move."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context.changes)
        self._context = context
        self._handle: TaskHandle | None = None
        self._asked = False
        self._backoff = Backoff()
        self._moved = False
        self._progress: Progress | None = None
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

    @property
    def progress(self) -> Progress | None:
        """How far the exchange is that runs now."""
        return self._progress

    @property
    def next_try_seconds(self) -> float | None:
        """Until it tries again by itself; None while it runs or was never started."""
        return self._timer.remainingTime() / 1000 if self._timer.isActive() else None

    def start_automatic(self) -> None:
        """Begin to exchange by itself, a little after the window has opened."""
        self._timer.start(_AFTER_START_MS)

    def sync_now(self) -> None:
        """Exchange because a person asked."""
        self._asked = True
        self._start(patience=_PATIENCE)

    def stop(self) -> None:
        """End the exchange at its next step; what got through stays."""
        if self._handle is not None:
            self._handle.cancel()

    def _on_time(self) -> None:
        if not self.running:
            self._start(patience=_PATIENCE_BY_ITSELF, by_itself=True)

    def _on_changed(self, changes: Changes) -> None:
        soon = self._timer.isActive() and self._timer.remainingTime() > _AFTER_CHANGE_MS
        if soon and not self._backoff.failing and changes.topics - {"sync"}:
            self._timer.start(_AFTER_CHANGE_MS)

    def _start(self, *, patience: float, by_itself: bool = False) -> None:
        if self.running:
            return
        workspace = self._context.workspace
        self._moved = False

        def work(task: TaskContext) -> ExchangeReport | None:
            if by_itself and (find_link(workspace) is None or workspace.state(PAUSED) == "1"):
                return None
            watch = Watch(task.raise_if_cancelled, self._note_moved, _Shown(self, task).show)
            return exchange(workspace, patience=patience, total=None, watch=watch, again=not by_itself)

        self._handle = self._context.tasks.run(
            work,
            lane=Lane.IO,
            owner=self,
            on_done=self._on_done,
            on_error=self._on_error,
            on_cancelled=self._on_cancelled,
            on_progress=self._on_progress,
        )
        self.started.emit()

    def _note_moved(self) -> None:
        self._moved = True

    def _on_progress(self, _done: int, _total: int) -> None:
        if self._progress is not None:
            self.progressed.emit(self._progress)

    def _on_done(self, report: ExchangeReport | None) -> None:
        more = report is not None and self._context.workspace.state(CONTENT_LEFT) == "1"
        wait = self._backoff.after_success()
        self._end(_BETWEEN_PHOTOS_SECONDS if more else wait)
        if report is not None:
            self.finished.emit(report)
            self._context.changes.announce(ALL_TOPICS if report.received or report.sent else Changes.of("sync"))

    def _on_error(self, error: Exception) -> None:
        asked = self._asked
        if isinstance(error, RefusedError):
            self._end(self._backoff.after_refusal())
        else:
            told = error.seconds if isinstance(error, BusyError) else 0.0
            self._end(self._backoff.after_failure(moved=self._moved, told=told))
        self._context.changes.announce(ALL_TOPICS)
        if asked or not isinstance(error, UserError):
            self.failed.emit(error)

    def _on_cancelled(self) -> None:
        """Somebody pressed 停止: it rests as after an exchange that went well."""
        self._end(self._backoff.after_success())
        self._context.changes.announce(ALL_TOPICS)

    def _end(self, seconds: float) -> None:
        self._asked = False
        self._progress = None
        if self._timer.interval():
            self._timer.start(round(seconds * 1000))
        self.ended.emit()


class _Shown:
    """Hands progress from the thread that exchanges to the window, not too often."""

    def __init__(self, runner: SyncRunner, task: TaskContext) -> None:
        self._runner = runner
        self._task = task
        self._last = 0.0

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last >= _SHOWN_EVERY_SECONDS or progress.done == progress.total:
            self._last = now
            self._runner._progress = progress
            self._task.progress(progress.done, progress.total)
