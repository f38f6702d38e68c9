"""Exchanges in the background: at a press of the button, soon after a change, when the network comes back, and every
few minutes by itself.

Gentle on a bad line: each failure makes the next try by itself wait longer, but it never gives up. It never
interrupts and does not begin while something is being saved; the status bar and the page tell how it stands.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from desktop_app.background.tasks import Lane, TaskContext, TaskHandle
from desktop_app.shell.context import PageContext
from desktop_app.storage.changes import Changes
from desktop_app.sync.backoff import Backoff
from desktop_app.sync.loop import ExchangeReport, exchange
from desktop_app.sync.standing import Doing
from desktop_app.sync.state import CONTENT_LEFT, PAUSED, find_link
from desktop_app.sync.trouble import Trouble, trouble_of
from desktop_app.sync.watch import Progress, Watch
from desktop_app.sync.words import BusyError
from village_core.domain.errors import RefusedError, UserError

if TYPE_CHECKING:
    from desktop_app.sync.screens.reachability import Reachability

_AFTER_START_MS = 15_000
_AFTER_CHANGE_MS = 20_000
_AFTER_NETWORK_MS = 1_500
_AFTER_SAVING_MS = 1_000
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
    progressed = Signal()
    """A few times a second while bytes move, and when it waits for its next try: `doing` tells."""
    moved_on = Signal()
    """Something about the next exchange is otherwise than before: `doing` tells."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(context.changes)
        self._context = context
        self._handle: TaskHandle | None = None
        self._asked = False
        self._backoff = Backoff()
        self._moved = self._stopping = self._stopped = self._announcing = False
        self._progress: Progress | None = None
        self._waits_until: float | None = None
        self._trouble: Trouble | None = None
        self._reachability: Reachability | None = None
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
    def doing(self) -> Doing:
        """All of it, for the page."""
        waits = self._waits_until
        return Doing(
            running=self.running,
            stopping=self._stopping,
            stopped=self._stopped,
            offline=self._reachability is not None and self._reachability.offline,
            progress=self._progress,
            waits=max(0.0, waits - time.monotonic()) if waits is not None else None,
            next_try=self.next_try_seconds,
            trouble=self._trouble,
        )

    @property
    def next_try_seconds(self) -> float | None:
        """Until it tries again by itself; None while it runs or was never started."""
        return self._timer.remainingTime() / 1000 if self._timer.isActive() else None

    def start_automatic(self) -> None:
        """Begin to exchange by itself, a little after the window has opened."""
        self._timer.start(_AFTER_START_MS)

    def watch_network(self, reachability: Reachability) -> None:
        """Try at once when the network comes back."""
        self._reachability = reachability
        reachability.came_back.connect(self._on_network)
        reachability.changed.connect(self.moved_on)

    def sync_now(self) -> None:
        """Exchange because a person asked."""
        self._asked = True
        self._start(patience=_PATIENCE)

    def stop(self) -> None:
        """End the exchange at its next step; what got through stays."""
        if self._handle is not None and self.running:
            self._stopping = True
            self._handle.cancel()

    def _on_time(self) -> None:
        if self._reachability is None:
            # Not at the start of the window: Qt's network module takes its time to load.
            from desktop_app.sync.screens.reachability import Reachability

            self.watch_network(Reachability(self))
        if self._context.tasks.saving:
            self._timer.start(_AFTER_SAVING_MS)
        elif not self.running:
            self._start(patience=_PATIENCE_BY_ITSELF, by_itself=True)

    def _on_network(self) -> None:
        if self._timer.isActive() and self._timer.remainingTime() > _AFTER_NETWORK_MS:
            self._timer.start(_AFTER_NETWORK_MS)
            self.moved_on.emit()

    def _on_changed(self, changes: Changes) -> None:
        if self._announcing:
            return
        soon = self._timer.isActive() and self._timer.remainingTime() > _AFTER_CHANGE_MS
        if soon and not self._backoff.failing and changes.topics - {"sync"}:
            self._timer.start(_AFTER_CHANGE_MS)
            self.moved_on.emit()

    def _start(self, *, patience: float, by_itself: bool = False) -> None:
        if self.running:
            return
        workspace = self._context.workspace
        self._moved = self._stopping = self._stopped = False

        def work(task: TaskContext) -> ExchangeReport | None:
            if by_itself and (find_link(workspace) is None or workspace.state(PAUSED) == "1"):
                return None
            shown = _Shown(self, task)
            watch = Watch(task.raise_if_cancelled, self._note_moved, shown.show, shown.show_waiting)
            return exchange(workspace, patience=patience, total=None, watch=watch, pause=task.rest, again=not by_itself)

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
        self.progressed.emit()

    def _on_done(self, report: ExchangeReport | None) -> None:
        more = report is not None and self._context.workspace.state(CONTENT_LEFT) == "1"
        wait = self._backoff.after_success()
        if report is not None:
            self._trouble = None
        self._end(_BETWEEN_PHOTOS_SECONDS if more else wait)
        if report is not None:
            self._announce(everything=bool(report.received or report.sent))
            self.finished.emit(report)

    def _on_error(self, error: Exception) -> None:
        asked = self._asked
        self._trouble = trouble_of(error) if isinstance(error, UserError) else None
        if isinstance(error, RefusedError):
            self._end(self._backoff.after_refusal())
        else:
            told = error.seconds if isinstance(error, BusyError) else 0.0
            self._end(self._backoff.after_failure(moved=self._moved, told=told))
        self._announce(everything=self._moved)
        if asked or not isinstance(error, UserError):
            self.failed.emit(error)

    def _on_cancelled(self) -> None:
        """Somebody pressed 停: it rests as after an exchange that went well."""
        self._stopped = True
        self._end(self._backoff.after_success())
        self._announce(everything=self._moved)

    def _announce(self, *, everything: bool) -> None:
        """What came in is no change of hers: it is no reason to exchange again soon."""
        self._announcing = True
        try:
            self._context.changes.announce(ALL_TOPICS if everything else Changes.of("sync"))
        finally:
            self._announcing = False

    def _end(self, seconds: float) -> None:
        self._asked = self._stopping = False
        self._progress = None
        self._waits_until = None
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

    def show_waiting(self, seconds: float | None) -> None:
        """Until the next try of the same exchange."""
        self._runner._waits_until = time.monotonic() + seconds if seconds is not None else None
        self._task.progress(0, 0)
