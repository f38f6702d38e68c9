"""A voucher is written: from a model, in the grid, as a draft; in the real window, as a clerk does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from sqlalchemy import update

from desktop_app.ledger.screens.choice_page import ChoicePage
from desktop_app.ledger.screens.grid_page import GridPage
from desktop_app.ledger.screens.ledger_page import LedgerPage
from desktop_app.ledger.screens.template_page import TemplatePage
from desktop_app.ledger.screens.voucher_page import VoucherPage
from desktop_app.ledger.service import save_draft
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.page import Page
from desktop_app.widgets.question import Question
from tests.ledger.books import closing, entry
from tests.ledger.clerk import GOOD, Settle, accounts, answer, count_vouchers, go, open_dialog, press, shown, type_text
from tests.workspaces import do
from village_core.records.ledger import VoucherDraft

__all__ = ["accounts", "go"]


def test_clerk_books_rent_in_plain_words(window: MainWindow, go: Callable[..., Page], settle: Settle) -> None:
    go("ledger")
    window.navigator.page.add_new()  # type: ignore[union-attr]  # Ctrl+N
    settle()
    choice = shown(window, ChoicePage)
    type_text(choice.search.line, "租金")
    press(choice.search.line, Qt.Key.Key_Return)
    settle()
    page = shown(window, TemplatePage)
    assert page.title == "收租金"
    assert page.sheet.editor("credit").value() == "50102"
    amount = page.sheet.editor("amount")
    type_text(amount.input_widget(), "1200")
    assert "借：102-01 银行存款—基本户" in page.lines.text()
    assert "贷：501-02 经营收入—出租收入" in page.lines.text()
    assert "人民币壹仟贰佰元整" in page.lines.text()
    page.save_button.click()
    answer(window, settle)
    voucher = shown(window, VoucherPage)
    assert voucher.title == "凭证 记-1"
    assert voucher.paper.voucher.debit_fen == 1200_00
    assert "记账凭证 记-1" in voucher.paper.accessibleName()
    assert closing(window.workspace)["50102"] == -1200_00


def test_nothing_is_posted_when_she_wants_another_look(
    window: MainWindow, go: Callable[..., Page], settle: Settle
) -> None:
    page = go("voucher_template", template="cash_drawn")
    assert isinstance(page, TemplatePage)
    type_text(page.sheet.editor("amount").input_widget(), "50")
    page.save_button.click()
    question = open_dialog(window, Question)
    assert isinstance(question, Question)
    assert question.focusWidget() is question.safe_button
    question.safe_button.click()
    settle()
    assert count_vouchers(window) == 0
    assert page.sheet.editor("amount").value() == 50_00


def test_empty_form_marks_what_is_missing(window: MainWindow, go: Callable[..., Page]) -> None:
    page = go("voucher_template", template="loan_received")
    assert isinstance(page, TemplatePage)
    page.save_button.click()
    assert page.sheet.fields["amount"].mistake
    assert page.sheet.fields["credit"].mistake, "a year's loan or a longer one is for her to say"


def test_loan_asks_for_the_resolution_and_keeps_it(window: MainWindow, go: Callable[..., Page], settle: Settle) -> None:
    page = go("voucher_template", template="loan_received")
    assert isinstance(page, TemplatePage)
    assert "债务" in page.warning.message.text()
    type_text(page.sheet.editor("amount").input_widget(), "5000")
    page.sheet.editor("credit").set_value("201")
    page.save_button.click()
    answer(window, settle)
    assert count_vouchers(window) == 0
    reason = page.sheet.fields["reason"]
    assert not reason.isHidden()
    assert "防范新增村级组织债务" in page.refusal.clause.text()
    type_text(reason.editor.input_widget(), "村民代表会议决议")
    page.save_button.click()
    answer(window, settle)
    assert shown(window, VoucherPage).notes.text() == "原因：村民代表会议决议"


@pytest.mark.qt_log_ignore("does not support", extend=True)
def test_voucher_is_written_with_the_keyboard_alone(
    window: MainWindow, go: Callable[..., Page], settle: Settle
) -> None:
    page = go("voucher_entry")
    assert isinstance(page, GridPage)

    def here() -> object:
        return QApplication.focusWidget()

    assert here() is page.sheet.editor("voucher_date").input_widget()
    press(QApplication.focusWidget(), Qt.Key.Key_Return)
    press(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert here() is page.grid.rows[0].summary.line
    for text in ("买纸", "51302", "300"):
        type_text(QApplication.focusWidget(), text)
        press(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert here() is page.grid.rows[1].summary.line
    assert page.grid.rows[1].summary.value() == "买纸"
    press(QApplication.focusWidget(), Qt.Key.Key_Return)
    type_text(QApplication.focusWidget(), "102-01")
    press(QApplication.focusWidget(), Qt.Key.Key_Return)
    press(QApplication.focusWidget(), Qt.Key.Key_Return)
    press(QApplication.focusWidget(), Qt.Key.Key_Equal)
    assert page.grid.rows[1].credit.value() == 300_00
    assert "借贷相等" in page.grid.totals.text()
    press(QApplication.focusWidget(), Qt.Key.Key_Return)
    press(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert here() is page.save_button, "an empty line below a balanced voucher means: done"
    press(QApplication.focusWidget(), Qt.Key.Key_Return)
    answer(window, settle)
    assert shown(window, VoucherPage).title == "凭证 记-1"
    assert closing(window.workspace)["51302"] == 300_00


def test_unbalanced_and_unknown_lines_are_marked_and_not_posted(
    window: MainWindow, go: Callable[..., Page], settle: Settle
) -> None:
    page = go("voucher_entry")
    assert isinstance(page, GridPage)
    first, second = page.grid.rows[:2]
    for row, account, editor in ((first, "51302", first.debit), (second, "没有的科目", second.credit)):
        type_text(row.summary.line, "付款")
        type_text(row.account.line, account)
        type_text(editor.line, "300")
    page.save_button.click()
    assert "没有叫" in second.mistake.text()
    assert not second.mistake.isHidden()
    second.account.line.setText("10201")
    second.credit.line.setText("299.99")
    page.save_button.click()
    assert "借方比贷方多 0.01" in page.sheet.fields["lines"].mistake
    assert count_vouchers(window) == 0


def test_a_line_can_be_taken_out(go: Callable[..., Page]) -> None:
    page = go("voucher_entry")
    assert isinstance(page, GridPage)
    for row, amount in zip(page.grid.rows, ("1", "2"), strict=False):
        type_text(row.account.line, "51302")
        type_text(row.debit.line, amount)
    press(page.grid.rows[0].debit.line, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert [posting.debit_fen for posting in page.grid.value()] == [200]


def test_draft_is_kept_listed_opened_again_and_thrown_away_with_a_way_back(
    window: MainWindow, go: Callable[..., Page], settle: Settle
) -> None:
    go("ledger")
    page = go("voucher_template", template="rent_received")
    assert isinstance(page, TemplatePage)
    type_text(page.sheet.editor("amount").input_widget(), "88")
    page.save_now()
    settle()
    ledger = shown(window, LedgerPage)
    assert [row.status for row in ledger.table.rows] == ["draft"]
    assert "1 张草稿没有记账" in ledger.table.footer.text()
    press(ledger.table.view, Qt.Key.Key_Return)
    settle()
    draft = shown(window, TemplatePage)
    assert draft.subtitle == "草稿 D00-0001"
    assert draft.sheet.editor("amount").value() == 88_00
    draft.delete_button.click()
    answer(window, settle)
    assert shown(window, LedgerPage).table.rows == []
    window.frame.messages.undo()
    settle()
    assert len(shown(window, LedgerPage).table.rows) == 1


def test_a_draft_that_makes_no_sense_opens_empty_and_says_so(
    window: MainWindow, go: Callable[..., Page], settle: Settle
) -> None:
    saved = do(window.workspace, lambda uow: save_draft(uow, entry(*GOOD)))
    do(window.workspace, lambda uow: uow.session.execute(update(VoucherDraft).values(body="[[")))
    page = go("voucher_entry", draft_id=saved.draft_id)
    assert isinstance(page, GridPage)
    assert page.grid.value() == ()
    assert any("读不出来" in label.text() for label in page.refusal.findChildren(QLabel))
    assert page.delete_button.isVisible()


def test_typed_text_survives_leaving_the_page(window: MainWindow, go: Callable[..., Page], settle: Settle) -> None:
    page = go("voucher_entry")
    assert isinstance(page, GridPage)
    type_text(page.grid.rows[0].account.line, "51302")
    type_text(page.grid.rows[0].debit.line, "77")
    go("ledger")
    again = go("voucher_entry")
    assert isinstance(again, GridPage)
    assert again.grid.value()[0].debit_fen == 77_00
