"""A reason that is only half written takes nothing back: whatever comes in between, she sees it or it is gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.shell.revealing import ReasonDialog
from desktop_app.storage.changes import Changes
from desktop_app.sync.screens.questions_page import QuestionsPage
from tests.counties import County
from tests.county_server.test_decisions import decide
from tests.keyboard import type_words
from tests.laptops import Laptop, LaptopMaker, join, only, sync_until_quiet
from tests.ledger.books import open_accounts, post
from tests.seats import take_over
from tests.sync_e2e.test_sync_page import Desk
from village_core.exchange.seats import SeatKind
from village_core.records.held import HeldChange, HeldDecision
from village_core.records.households import Household
from village_core.records.ledger import Voucher

ACCOUNT = "6217001234567891234"
Pair = tuple[Laptop, Laptop]


@pytest.fixture
def pair(small_county: County, make_laptop: LaptopMaker) -> Pair:
    """记-1 was posted twice, once with an account in its text; beside it stands one household."""
    first, second = make_laptop(small_county, enrolled=False), make_laptop(small_county, enrolled=False)
    for laptop, fen in ((first, 5000), (second, 700)):
        open_accounts(laptop.workspace)
        post(laptop.workspace, ("10201", fen), ("50103", -fen), summary=f"付到 {ACCOUNT}")
    first.add_household(number="0001", head_name="罗铉")
    for laptop in (first, second):
        join(laptop)
    take_over(first, SeatKind.LEDGER)
    sync_until_quiet(first, second)
    return first, second


@pytest.fixture
def laptop(pair: Pair) -> Laptop:
    return pair[0]


@pytest.fixture
def page(desk: Desk) -> QuestionsPage:
    """The late voucher's question, 冲销这张 pressed once and half a reason written."""
    page = desk.open("questions")
    assert isinstance(page, QuestionsPage)
    page.case.press(2)
    desk.settle()
    type_words(page.case.sheet.editor("reason").input_widget(), "金额")
    return page


def ask_another(pair: Pair) -> None:
    """A newer question: both laptops changed one account."""
    first, second = pair
    household = only(first.all(Household)).id
    for laptop, account in ((second, "6217000000000002"), (first, "6217000000000001")):
        laptop.edit(Household, household, bank_account=account)
        laptop.sync()


def announce(page: QuestionsPage, desk: Desk) -> None:
    page.context.changes.announce(Changes.of("sync", "ledger"))
    desk.settle()


def look_and_return(page: QuestionsPage, desk: Desk) -> None:
    links = [one for one in page.findChildren(QPushButton) if one.text() == "看这张凭证" and one.isVisible()]
    links[1].click()
    desk.settle()
    announce(page, desk)
    desk.window.navigator.back()
    desk.settle()


def show_numbers(page: QuestionsPage, desk: Desk) -> None:
    assert page.reveal_button.isVisible()
    assert ACCOUNT not in desk.words() and "付到 **** **** 1234" in desk.words()
    page.reveal_button.click()
    dialog = page.window().findChild(ReasonDialog)
    assert dialog is not None
    dialog.act_button.click()
    desk.settle()
    assert f"付到 {ACCOUNT}" in desk.words()


def show_them_and_go_elsewhere(page: QuestionsPage, desk: Desk) -> None:
    """Leaving covers the numbers again, while the page is not in sight."""
    show_numbers(page, desk)
    look_and_return(page, desk)


@pytest.mark.parametrize("way", [announce, look_and_return, show_numbers, show_them_and_go_elsewhere])
def test_the_box_and_what_stands_in_it_stay_in_sight_and_it_goes_along_with_no_other_answer(
    way: Callable[[QuestionsPage, Desk], None], page: QuestionsPage, desk: Desk, laptop: Laptop
) -> None:
    assert "冲销不能撤回" in desk.words()
    way(page, desk)
    assert page.case.sheet.isVisible()
    assert page.case.sheet.editor("reason").value() == "金额"
    page.case.press(1)
    desk.settle()
    decision = only(laptop.all(HeldDecision))
    assert (decision.choice, decision.reason) == ("offered", "")
    page.case.press(2)
    desk.settle()
    assert page.case.sheet.editor("reason").value() == "", "what was written for another answer"
    page.case.press(2)
    desk.settle()
    assert len(laptop.all(Voucher)) == 2


def test_an_exchange_that_brings_a_newer_question_leaves_the_cursor_where_she_writes(
    page: QuestionsPage, desk: Desk, pair: Pair, qtbot: QtBot
) -> None:
    ask_another(pair)
    announce(page, desk)
    assert len(page.table.rows) == 2
    area = QApplication.focusWidget()
    assert isinstance(area, QPlainTextEdit)
    qtbot.keyClick(area, Qt.Key.Key_2)  # type: ignore[no-untyped-call]
    desk.settle()
    assert page.case.sheet.editor("reason").value() == "金额2"
    assert len(pair[0].all(Voucher)) == 2


def test_when_her_question_is_answered_elsewhere_the_next_one_does_not_take_her_keys(
    page: QuestionsPage, desk: Desk, pair: Pair, qtbot: QtBot
) -> None:
    ask_another(pair)
    late = next(one.id for one in pair[0].all(HeldChange) if one.subject_table == "voucher")
    decide(pair[1], "offered", late)
    sync_until_quiet(*pair)
    announce(page, desk)
    assert page.case.question is not None and page.case.question.id != late
    assert "您正在写的那件事，刚才在别处定了，写的没有用上。" in desk.words()
    at = QApplication.focusWidget() or desk.window
    qtbot.keyClick(at, Qt.Key.Key_2)  # type: ignore[no-untyped-call]
    desk.settle()
    assert len(pair[0].all(HeldDecision)) == 1, "only the other laptop's"


def test_a_box_that_was_scrolled_away_is_shown_before_anything_is_taken_back(
    page: QuestionsPage, desk: Desk, laptop: Laptop
) -> None:
    desk.window.resize(desk.window.minimumWidth(), 500)
    desk.settle()
    bar = page.case._column.verticalScrollBar()
    bar.setValue(0)
    desk.settle()
    area = page.case.sheet.editor("reason").input_widget()
    assert area.visibleRegion().isEmpty()
    page.case.press(2)
    desk.settle()
    assert len(laptop.all(Voucher)) == 2
    assert not area.visibleRegion().isEmpty()
    page.case.press(2)
    desk.settle()
    assert only([one.reason for one in laptop.all(Voucher) if one.reverses]) == "金额"


def test_a_reason_too_long_for_the_voucher_is_said_and_not_cut(page: QuestionsPage, desk: Desk, laptop: Laptop) -> None:
    type_words(page.case.sheet.editor("reason").input_widget(), "记" * 149)
    page.case.press(2)
    desk.settle()
    assert page.case.sheet.fields["reason"].mistake == "最多写 150 个字，现在有 151 个。"
    assert len(laptop.all(Voucher)) == 2
