"""What the window tells of a run that did not end well, and 导出诊断."""

from __future__ import annotations

from pathlib import Path

from desktop_app.shell.main_window import MainWindow
from desktop_app.support.run_guard import NOT_ENDED_WELL, RunGuard


def start_support(window: MainWindow, folder: Path) -> RunGuard:
    """Watch over this run, and say so when the last one was cut off. The caller ends the guard."""
    guard = RunGuard(folder, now=window.workspace.clock.now)
    if guard.start():
        window.warn(NOT_ENDED_WELL)
    window.diagnosis_asked.connect(lambda: show_diagnosis(window))
    return guard


def show_diagnosis(window: MainWindow) -> None:
    """Loaded when it is asked for, so that the window opens without it."""
    from desktop_app.support.screens.diagnosis_dialog import DiagnosisDialog

    DiagnosisDialog(window.context, window).open()
