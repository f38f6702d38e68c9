"""A run that did not end well: told at the next start, with places and without anybody's data."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.shell.crash_report import (
    KEPT_REPORTS,
    crash_text,
    fault_text,
    keep_report,
    list_reports,
    write_crash_report,
)
from desktop_app.shell.error_dialog import ErrorDialog
from desktop_app.shell.main_window import MainWindow, install_hooks
from desktop_app.storage.workspace import Workspace
from desktop_app.support.run_guard import NOT_ENDED_WELL, RunGuard
from desktop_app.window.desk import Desk
from desktop_app.window.support import start_support
from tests.workspaces import PASSPHRASE

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
NUMBER = "532327196504177654"

KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from desktop_app.support.run_guard import RunGuard
guard = RunGuard(Path(sys.argv[1]), now=lambda: datetime.now(UTC))
print(guard.start(), flush=True)
number = "532327196504177654"
def ends_badly(number):
    {how}
ends_badly(number)
"""


def guard_of(folder: Path) -> RunGuard:
    return RunGuard(folder, now=lambda: NOW)


def run_badly(folder: Path, how: str) -> None:
    subprocess.run([sys.executable, "-c", KILLED.replace("{how}", how), str(folder)], capture_output=True, check=False)


def test_a_run_that_ended_well_is_not_told_of(tmp_path: Path) -> None:
    for _ in range(2):
        guard = guard_of(tmp_path)
        assert guard.start() is False
        guard.end()
    assert list_reports(tmp_path) == []


def test_a_run_that_was_killed_is_told_of_once(tmp_path: Path) -> None:
    run_badly(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    guard = guard_of(tmp_path)
    assert guard.start() is True
    guard.end()
    after = guard_of(tmp_path)
    assert after.start() is False
    after.end()


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_fault_of_the_machine_leaves_places_and_no_values(tmp_path: Path) -> None:
    run_badly(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    guard = guard_of(tmp_path)
    assert guard.start() is True
    report = list_reports(tmp_path)[0].read_text(encoding="utf-8")
    guard.end()
    assert "Fatal: Segmentation fault" in report
    assert "ends_badly" in report
    assert NUMBER not in report
    assert str(Path.home()) not in report
    assert not (tmp_path / "reports" / "fault.txt").exists()


def test_a_second_window_takes_the_first_for_no_crash(tmp_path: Path) -> None:
    first, second = guard_of(tmp_path), guard_of(tmp_path)
    first.start()
    assert second.start() is False
    second.end()
    assert (tmp_path / "reports" / "running").exists()
    first.end()


def test_where_nothing_can_be_written_the_window_works_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("", encoding="utf-8")
    guard = guard_of(tmp_path)
    assert guard.start() is False
    guard.end()


def test_a_failing_thread_leaves_a_report_and_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    guard = guard_of(tmp_path)
    guard.start()

    def fail() -> None:
        raise ValueError(f"no such person {NUMBER}")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    guard.end()
    report = list_reports(tmp_path)[0].read_text(encoding="utf-8")
    assert "ValueError" in report
    assert NUMBER not in report
    assert NUMBER not in "".join(capfd.readouterr())


def test_reports_are_few_and_the_oldest_go(tmp_path: Path) -> None:
    for minute in range(KEPT_REPORTS + 15):
        keep_report(f"{minute}", tmp_path, now=NOW + timedelta(minutes=minute))
    kept = [path.read_text(encoding="utf-8") for path in list_reports(tmp_path)]
    assert kept == [str(minute) for minute in range(KEPT_REPORTS + 14, 14, -1)]


def test_two_reports_of_one_second_are_both_kept(tmp_path: Path) -> None:
    assert keep_report("one", tmp_path, now=NOW) != keep_report("two", tmp_path, now=NOW)
    assert [path.read_text(encoding="utf-8") for path in list_reports(tmp_path)] == ["two", "one"]


def test_endless_recursion_and_a_chain_in_a_ring_make_a_small_report(tmp_path: Path) -> None:
    def deeper(number: str) -> None:
        deeper(number + "1")

    try:
        deeper(NUMBER)
    except RecursionError as error:
        error.__cause__ = other = ValueError(NUMBER)
        other.__cause__ = error
        path = write_crash_report(error, tmp_path, now=NOW)
    assert path is not None
    assert path.stat().st_size < 8 << 10
    assert NUMBER not in path.read_text(encoding="utf-8")
    assert "处略去" in path.read_text(encoding="utf-8")


def test_what_the_interpreter_wrote_keeps_no_folder() -> None:
    trace = 'Fatal Python error: Aborted\n\nThread 0x01:\n  File "/home/李琼仙/a.py", line 3 in f\n'
    assert "李琼仙" not in fault_text(trace)
    assert "a.py:3 f" in fault_text(trace)


def test_the_next_start_says_what_is_safe(window: MainWindow) -> None:
    folder = window.workspace.folder
    run_badly(folder, "import os; os._exit(1)")
    guard = start_support(window, folder)
    assert window.frame.messages.words.text() == NOT_ENDED_WELL
    guard.end()


def test_a_defect_keeps_what_is_typed_and_is_shown_once(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[bool] = []
    monkeypatch.setattr(window, "keep_typing", lambda: kept.append(True))
    hook = install_hooks(window)
    try:
        raise ValueError(NUMBER)
    except ValueError as error:
        for _ in range(5):
            hook(ValueError, error, None)
        assert NUMBER not in crash_text(error)
    qtbot.waitUntil(lambda: kept == [True])
    assert len(window.findChildren(ErrorDialog)) == 1
    assert len(list_reports(window.workspace.folder)) == 1
    window.findChildren(ErrorDialog)[0].close()


def test_the_desk_tells_of_the_last_run_and_ends_its_own_well(workspace: Workspace, qtbot: QtBot) -> None:
    workspace.close()
    run_badly(workspace.folder, "import os; os._exit(1)")
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    desk = Desk(app, workspace.folder)
    try:
        desk.start(PASSPHRASE)
        window = desk.window
        assert window is not None
        qtbot.addWidget(window)
        qtbot.waitUntil(lambda: not window.tasks.busy)
        assert window.frame.messages.words.text() == NOT_ENDED_WELL
        assert (workspace.folder / "reports" / "running").exists()
    finally:
        desk.close()
    assert not (workspace.folder / "reports" / "running").exists()


def test_before_there_is_a_window_a_defect_is_shown_and_not_printed(
    tmp_path: Path, qtbot: QtBot, capfd: pytest.CaptureFixture[str]
) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    desk = Desk(app, tmp_path / "nothing")
    desk.start()
    assert desk.entry is not None
    qtbot.addWidget(desk.entry)
    error = ValueError(NUMBER)
    desk.on_defect(ValueError, error, None)
    dialog = desk.entry.findChild(ErrorDialog)
    assert dialog is not None
    assert NUMBER not in dialog.trouble.report + "".join(capfd.readouterr())
    dialog.close()
    desk.close()
