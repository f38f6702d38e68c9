"""A process of its own that works in the window and is killed: `python -m tests.keys.working_window FOLDER STICK URL
CODE`. STICK is where files are saved and printed to, URL and CODE enrol it at a county."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QApplication, QFileDialog

from desktop_app.households.queries import HouseholdFilter, HouseholdRow, list_households
from desktop_app.journal.queries import JournalFilter
from desktop_app.notices.screens.preview_page import PreviewPage
from desktop_app.notices.screens.printing import new_printer
from desktop_app.shell.main_window import MainWindow
from desktop_app.sync.enrolment import join_county
from desktop_app.sync.loop import exchange
from desktop_app.window.desk import Desk
from tests.workspaces import PASSPHRASE
from village_core.records.households import Household

PAGES = ("home", "households", "cases", "ledger", "papers", "sync", "settings", "settings_keys")


def main() -> None:
    """Open, look at every section and at a household, leave a form half filled, save and print a paper, exchange,
    copy, lock, crash once, end; then open once more and die."""
    folder, stick, url, code = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
    app = QApplication(sys.argv[:1])
    desk = Desk(app, folder)
    window = _open(desk)
    for page in PAGES:
        window.navigator.open(page)
        _settle(window)
    name = _open_a_household(window)
    _save_and_print(window, stick)
    join_county(window.workspace, url=url, code=code)
    assert exchange(window.workspace).equal
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
    window = _open(Desk(app, folder))
    _open_a_household(window)
    with window.workspace.unit_of_work(reason=name) as uow:
        uow.session.get(Household, (uow.village, _a_household(window).id)).note = name
        uow.commit()
    os.kill(os.getpid(), signal.SIGKILL)


def _open(desk: Desk) -> MainWindow:
    desk.start(PASSPHRASE)
    assert desk.window is not None
    sys.excepthook = sys.__excepthook__
    _settle(desk.window)
    return desk.window


def _a_household(window: MainWindow) -> HouseholdRow:
    with window.workspace.reader() as reader:
        return list_households(reader, HouseholdFilter())[0]


def _open_a_household(window: MainWindow) -> str:
    household = _a_household(window)
    window.navigator.open("household", household_id=household.id)
    _settle(window)
    window.navigator.open("household_edit", household_id=household.id)
    _settle(window)
    return household.head_name or ""


def _save_and_print(window: MainWindow, stick: Path) -> None:
    """A paper full of names, through Qt's own file dialog and through a printer that writes into a file."""
    window.navigator.open("preview", kind="journal", wanted=JournalFilter(), about="")
    _settle(window)
    page = window.navigator.page
    assert isinstance(page, PreviewPage) and page.paper is not None
    page.choose_file()
    (dialog,) = page.findChildren(QFileDialog)
    dialog.setDirectory(str(stick))
    dialog.selectFile("saved.pdf")
    dialog.accept()
    _settle(window)
    printer = new_printer(page.paper.rendered.data)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(stick / "printed.pdf"))
    page.print_on(printer)
    _settle(window)


def _settle(window: MainWindow) -> None:
    for _ in range(400):
        loop = QEventLoop()
        QTimer.singleShot(20, loop.quit)
        loop.exec()
        if not window.tasks.busy:
            return


if __name__ == "__main__":
    main()
