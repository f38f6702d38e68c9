"""A process of its own that works in the window: `python -m tests.keys.working_window FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from desktop_app.households.queries import HouseholdFilter, list_households
from desktop_app.shell.main_window import MainWindow
from desktop_app.window.desk import Desk
from tests.workspaces import PASSPHRASE

PAGES = ("home", "households", "cases", "ledger", "papers", "sync", "settings", "settings_keys")


def main() -> None:
    """Open, look at every section and at a household, leave a form half filled, copy, lock, crash once, end."""
    folder = Path(sys.argv[1])
    app = QApplication(sys.argv[:1])
    desk = Desk(app, folder)
    desk.start(PASSPHRASE)
    window = desk.window
    assert window is not None
    sys.excepthook = sys.__excepthook__
    for page in PAGES:
        window.navigator.open(page)
        _settle(window)
    with window.workspace.reader() as reader:
        household = list_households(reader, HouseholdFilter())[0]
    name = household.head_name or ""
    window.navigator.open("household", household_id=household.id)
    _settle(window)
    window.navigator.open("household_edit", household_id=household.id)
    _settle(window)
    window.search.setText(name)
    QGuiApplication.clipboard().setText(name)
    window.fail(RuntimeError(name))
    window.trouble.accept()
    desk.back_up()
    desk.keyboard.lock.lock()
    _settle(window)
    assert window.windowTitle() == "田埂"
    window.close()
    desk.close()


def _settle(window: MainWindow) -> None:
    for _ in range(400):
        loop = QEventLoop()
        QTimer.singleShot(20, loop.quit)
        loop.exec()
        if not window.tasks.busy:
            return


if __name__ == "__main__":
    main()
