"""Backups in the background of the real window: how long, and how long the window stood still."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measures import Measure, Size
from bench.villages import full_village

if TYPE_CHECKING:
    from desktop_app.background.tasks import TaskContext
    from desktop_app.shell.main_window import MainWindow

_PHOTO_BYTES = 1_500_000
_TICK_MS = 4
_IDLE = """
import select, sys, time
longest, last = 0.0, time.perf_counter()
while not select.select([sys.stdin], [], [], 0.004)[0]:
    now = time.perf_counter()
    longest, last = max(longest, now - last), now
print(longest)
"""


def measure(size: Size, work: Path) -> list[Measure]:
    """A village with that many megabytes of photos: the daily backup with its copy, a copy of a further day, a backup
    with everything in one file."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from desktop_app.settings.screens.backup_runner import copy_if_plugged_in
    from desktop_app.storage.automatic_backup import back_up_daily
    from desktop_app.storage.backup import write_backup
    from desktop_app.storage.second_place import choose_second_place
    from desktop_app.window.desk import build_window

    workspace = full_village(work / "village", size.households)
    for _ in range(max(2, size.backup_megabytes * 1_000_000 // _PHOTO_BYTES)):
        workspace.attachments.put(secrets.token_bytes(_PHOTO_BYTES))
    (work / "stick").mkdir()
    choose_second_place(workspace, work / "stick")
    app = QApplication.instance() or QApplication(["bench"])
    assert isinstance(app, QApplication)
    window = build_window(workspace)
    window.resize(1366, 768)
    window.show()
    window.start()
    _settle(window)
    amount = f"{size.backup_megabytes} MB of photos"

    def daily(_: TaskContext) -> object:
        return back_up_daily(workspace)

    def copy(_: TaskContext) -> object:
        return copy_if_plugged_in(workspace, lambda _done, _total: None)

    def whole(_: TaskContext) -> object:
        return write_backup(workspace, work / "all.tgb")

    def nothing(_: TaskContext) -> object:
        time.sleep(1.0)
        return None

    measures: list[Measure] = []
    for name, deed in (
        ("nothing in the background", nothing),
        (f"daily backup beside {amount}", daily),
        (f"  first copy to the second place, {amount}", copy),
        (f"backup into one file, {amount}", whole),
    ):
        measures += _in_background(window, deed, name)
    for path in (workspace.folder / "backups").glob("auto-*.tgb"):
        path.rename(path.with_name("auto-2026-11-21.tgb"))
    workspace.attachments.put(secrets.token_bytes(_PHOTO_BYTES))
    measures += _in_background(
        window, lambda task: (daily(task), copy(task)), "backup and copy of a further day, one new photo"
    )
    window.close()
    window.tasks.shutdown()
    workspace.close()
    return measures


def _in_background(window: MainWindow, deed: Callable[[TaskContext], object], name: str) -> list[Measure]:
    """Seconds of the deed in the IO lane, and the longest time between two frames meanwhile.

    Beside it the longest that a process without any work had to wait: so long the machine itself was busy elsewhere.
    """
    from PySide6.QtCore import QTimer

    from desktop_app.background.tasks import Lane

    gaps = [0.0]
    last = time.perf_counter()

    def frame() -> None:
        nonlocal last
        window.repaint()
        now = time.perf_counter()
        gaps.append(now - last)
        last = now

    timer = QTimer(window)
    timer.timeout.connect(frame)
    idle = subprocess.Popen([sys.executable, "-c", _IDLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    timer.start(_TICK_MS)
    failures: list[Exception] = []
    start = last = time.perf_counter()
    window.tasks.run(deed, lane=Lane.IO, owner=window, on_error=failures.append)
    _settle(window)
    seconds = time.perf_counter() - start
    timer.stop()
    waited = float(idle.communicate("end\n")[0])
    assert not failures, failures
    return [
        Measure(name, seconds, "s"),
        Measure("  longest frame of the window", max(gaps) * 1000, "ms", bar=100),
        Measure("  longest wait of an idle process meanwhile", waited * 1000, "ms"),
    ]


def _settle(window: MainWindow) -> None:
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QApplication

    QApplication.processEvents()
    while window.tasks.busy:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
