"""Whether the last run of the window ended as it should, and a report when the system killed it."""

from __future__ import annotations

import faulthandler
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import IO

from desktop_app.shell.crash_report import REPORT_FOLDER, fault_text, keep_report, write_crash_report
from desktop_app.storage.one_at_a_time import alone
from village_core.domain.errors import ProblemOutsideError

NOT_ENDED_WELL = "上次没有正常关闭（断电、死机或被强行关掉）。存下的都在；填到一半的表，回到那一页会接着显示。"
_RUNNING = "running"
_LOCK = "running.lock"
_FAULT = "fault.txt"


class RunGuard:
    """From opening a folder to closing it. Where the disk takes nothing the window works all the same."""

    def __init__(self, folder: Path, *, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._reports = folder / REPORT_FOLDER
        self._now = now
        self._hold = alone(self._reports / _LOCK, what="田埂")
        self._fault: IO[str] | None = None
        self._ours = False

    def start(self) -> bool:
        """Begin the run; True when the one before did not end well. Another window on the folder is left alone."""
        threading.excepthook = self._on_thread_error
        try:
            self._reports.mkdir(parents=True, exist_ok=True)
            self._hold.__enter__()
        except (OSError, ProblemOutsideError):
            return False
        self._ours = True
        died = (self._reports / _RUNNING).exists()
        try:
            self._keep_fault()
            (self._reports / _RUNNING).write_text("", encoding="utf-8")
            self._fault = (self._reports / _FAULT).open("w", encoding="utf-8")
            faulthandler.enable(self._fault)
        except (OSError, RuntimeError):
            return died
        return died

    def end(self) -> None:
        """The run ends as it should."""
        threading.excepthook = threading.__excepthook__
        if not self._ours:
            return
        self._ours = False
        if self._fault is not None:
            faulthandler.disable()
            self._fault.close()
            self._fault = None
        with suppress(OSError):  # what cannot be taken away is told of at the next start, which harms nobody
            (self._reports / _FAULT).unlink(missing_ok=True)
            (self._reports / _RUNNING).unlink(missing_ok=True)
        self._hold.__exit__(None, None, None)

    def _keep_fault(self) -> None:
        """What the interpreter wrote as it was killed becomes a report like the others; its folders are left out."""
        raw = self._reports / _FAULT
        if not raw.exists():
            return
        with raw.open(encoding="utf-8", errors="replace") as file:
            trace = file.read(64 << 10)
        if trace.strip():
            keep_report(fault_text(trace), self._folder, now=self._now())
        raw.unlink()

    def _on_thread_error(self, told: threading.ExceptHookArgs) -> None:
        """Python would print the message, with whatever it holds, to where the desktop keeps what is printed."""
        if told.exc_value is not None and not isinstance(told.exc_value, SystemExit):
            write_crash_report(told.exc_value, self._folder, now=self._now())
