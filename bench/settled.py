"""Tells when a window has come to rest: shown, nothing running, and no repaint any more. Loads nothing but QtCore."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

_QUIET_SECONDS = 0.25
_LOOK_EVERY_MS = 20


class SettledWatch(QObject):
    """Prints the moment of the last repaint and the memory as JSON, then ends the program."""

    def __init__(
        self, window: QWidget, *, busy: Callable[[], bool] = lambda: False, since: float | None = None
    ) -> None:
        super().__init__(window)
        self._busy = busy
        self._since = since
        self._last = time.monotonic()
        for watched in (window, window.windowHandle()):
            watched.installEventFilter(self)
        self._timer = QTimer(self, interval=_LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Only the window itself is watched: it gets one request for all repaints of its widgets."""
        del watched
        if event.type() in (QEvent.Type.UpdateRequest, QEvent.Type.Expose, QEvent.Type.Show):
            QTimer.singleShot(0, self, self._note)
        return False

    def _note(self) -> None:
        self._last = time.monotonic()

    def _look(self) -> None:
        if self._busy():
            self._note()
        elif time.monotonic() - self._last > _QUIET_SECONDS:
            self._timer.stop()
            print(json.dumps({"since": self._since, "settled": self._last, "memory_mb": _memory_mb()}), flush=True)
            QCoreApplication.quit()


def _memory_mb() -> float:
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
