"""Two laptops differ in a bank account; the clerk decides in the window with the keyboard; both are equal then."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_app.journal.queries import ACCESS, JournalFilter, list_journal
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.revealing import ReasonDialog
from desktop_app.storage.access_log import list_access
from desktop_app.sync.questions import Progress
from desktop_app.sync.screens.questions_page import QuestionsPage
from desktop_app.sync.screens.sync_page import SyncPage
from desktop_app.window import build_window
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from village_core.records.households import Household

HERE, THERE, RIGHT = "6217000000000001", "6217000000000002", "6217000000000003"


class Desk:
    """The first laptop's window."""

    def __init__(self, qtbot: QtBot, laptop: Laptop, appearance: Appearance) -> None:
        self._qtbot = qtbot
        self.window: MainWindow = build_window(laptop.workspace, appearance=appearance)
        self.window.resize(1366, 768)
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()
        self.window.start()
        self.settle()

    def settle(self) -> None:
        for _ in range(3):
            QApplication.processEvents()
            self._qtbot.waitUntil(lambda: not self.window.tasks.busy, timeout=20_000)

    def questions(self) -> QuestionsPage:
        self.window.navigator.open("questions")
        self.settle()
        page = self.window.navigator.page
        assert isinstance(page, QuestionsPage)
        return page

    def press(self, key: Qt.Key) -> None:
        self._qtbot.keyClick(QApplication.focusWidget(), key)
        self.settle()

    def type(self, text: str) -> None:
        self._qtbot.keyClicks(QApplication.focusWidget(), text)

    def close(self) -> None:
        self.window.close()
        self.window.tasks.shutdown()
        self.window.deleteLater()


@pytest.fixture
def differing(small_county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop]:
    first, second = make_laptop(small_county), make_laptop(small_county)
    household = first.add_household(number="0001", head_name="李琼仙", bank_account="6217000000000000")
    sync_until_quiet(first, second)
    first.edit(Household, household, bank_account=HERE)
    second.edit(Household, household, bank_account=THERE)
    sync_until_quiet(first, second)
    return first, second


@pytest.fixture
def desk(qtbot: QtBot, appearance: Appearance, differing: tuple[Laptop, Laptop], tmp_path: Path) -> Desk:
    return Desk(qtbot, differing[0], appearance)


def accounts(*laptops: Laptop) -> set[str]:
    return {only(laptop.all(Household)).bank_account for laptop in laptops}


def test_the_clerk_decides_with_the_keyboard_and_both_laptops_are_equal(
    desk: Desk, differing: tuple[Laptop, Laptop]
) -> None:
    first, second = differing
    desk.window.navigator.open("sync")
    desk.settle()
    sync_page = desk.window.navigator.page
    assert isinstance(sync_page, SyncPage)
    sync_page.question_button.click()
    desk.settle()
    page = desk.questions()
    shown = only(page.table.rows)
    assert (shown.left.lines[0][1], shown.right.lines[0][1]) == ("**** **** 0001", "**** **** 0002")
    assert (shown.left.who, shown.right.who) == ("李琼仙", "王建平")

    desk.press(Qt.Key.Key_2)
    assert only(page.table.rows).progress is Progress.SENDING
    desk.press(Qt.Key.Key_3)
    desk.type(RIGHT)
    desk.press(Qt.Key.Key_Return)
    sync_until_quiet(first, second)
    page.load()
    desk.settle()

    assert accounts(first, second) == {RIGHT}
    assert page.table.rows == []
    page.chips.chip("decided").click()
    desk.settle()
    past = only(page.table.rows).past
    assert past is not None
    assert past.words == "都不对，改成 **** **** 0003"
    desk.close()


def test_full_numbers_are_shown_only_when_asked_for_and_that_is_noted(
    desk: Desk, differing: tuple[Laptop, Laptop]
) -> None:
    page = desk.questions()
    page.reveal_button.click()
    dialog = page.window().findChild(ReasonDialog)
    assert dialog is not None
    dialog.act_button.click()
    desk.settle()

    shown = page.case.question
    assert shown is not None
    assert (shown.left.lines[0][1], shown.right.lines[0][1]) == (HERE, THERE)
    with differing[0].workspace.reader() as reader:
        assert list_access(reader.session)[0].kind == "reveal"
        household = only(differing[0].all(Household)).id
        assert len(list_journal(reader, JournalFilter(household=household, kind=ACCESS)).lines) == 1
    desk.close()
