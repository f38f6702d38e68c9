"""Two laptops differ in a bank account; the clerk decides in the window with the keyboard; both are equal then."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from desktop_app.journal.queries import ACCESS, JournalFilter, list_journal
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.revealing import ReasonDialog
from desktop_app.storage.access_log import list_access
from desktop_app.sync.questions import Progress, get_full_question
from desktop_app.sync.screens.questions_page import QuestionsPage
from desktop_app.sync.screens.sync_page import SyncPage
from desktop_app.window import build_window
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from village_core.domain.ids import new_id
from village_core.exchange.questions import read_document
from village_core.records.held import HeldDecision
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

    def reveal(self, page: QuestionsPage) -> None:
        page.reveal_button.click()
        dialog = page.window().findChild(ReasonDialog)
        assert dialog is not None
        dialog.act_button.click()
        self.settle()

    def words(self) -> str:
        return "\n".join(one.text() for one in self.window.findChildren(QLabel) if one.isVisible())

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


def numbers_on(page: QuestionsPage) -> tuple[str, str]:
    shown = page.case.question
    assert shown is not None
    return shown.left.lines[0][1], shown.right.lines[0][1]


def offer_another(second: Laptop) -> None:
    """From a form that was open there since before the question."""
    household = only(second.all(Household)).id
    with second.workspace.unit_of_work(reason="改户情", seen=1) as uow:
        row = uow.session.get(Household, (uow.village, household))
        assert row is not None
        row.bank_account = RIGHT
        uow.commit()
    second.sync()


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
    desk.reveal(page)
    assert numbers_on(page) == (HERE, THERE)
    with differing[0].workspace.reader() as reader:
        assert list_access(reader.session)[0].kind == "reveal"
        household = only(differing[0].all(Household)).id
        assert len(list_journal(reader, JournalFilter(household=household, kind=ACCESS)).lines) == 1
    desk.close()


def test_full_numbers_stay_while_nothing_changes_and_are_covered_when_another_offer_comes(
    desk: Desk, differing: tuple[Laptop, Laptop]
) -> None:
    first, second = differing
    page = desk.questions()
    desk.reveal(page)
    page.load()
    desk.settle()
    assert numbers_on(page) == (HERE, THERE)

    offer_another(second)
    first.sync()
    page.load()
    desk.settle()
    assert numbers_on(page) == ("**** **** 0001", "**** **** 0003"), "what nobody asked to see"
    assert page.reveal_button.text() == "显示号码"
    assert "号码又遮住了" in desk.words()
    page.case.press(2)
    desk.settle()
    sync_until_quiet(first, second)
    assert accounts(first, second) == {RIGHT}
    desk.close()


def test_the_right_side_is_decided_as_it_stood_on_the_screen_and_a_newer_offer_is_asked_about(
    desk: Desk, differing: tuple[Laptop, Laptop]
) -> None:
    first, second = differing
    page = desk.questions()
    desk.reveal(page)
    offer_another(second)
    first.sync()
    assert numbers_on(page) == (HERE, THERE), "the page has not heard of it yet"
    page.case.press(2)
    desk.settle()
    assert read_document(only(first.all(HeldDecision)).value) == {
        "bank_account": THERE,
        "standing": {"bank_account": HERE},
    }
    sync_until_quiet(first, second)

    assert accounts(first, second) == {THERE}
    page.load()
    desk.settle()
    asked = only(page.table.rows)
    assert (asked.progress, asked.right.lines[0][1]) == (Progress.OPEN, "**** **** 0003")
    desk.close()


def test_full_numbers_that_come_when_the_page_was_left_or_the_cursor_went_on_are_not_shown(
    desk: Desk, differing: tuple[Laptop, Laptop]
) -> None:
    page = desk.questions()
    question = only(page.table.rows)
    with differing[0].workspace.reader() as reader:
        full = get_full_question(reader, question.id)
    assert full is not None
    page._on_revealed(replace(full, id=new_id()))
    assert numbers_on(page)[0] == "**** **** 0001"
    desk.window.navigator.open("sync")
    desk.settle()
    page._on_revealed(full)
    assert numbers_on(page)[0] == "**** **** 0001"
    desk.close()
