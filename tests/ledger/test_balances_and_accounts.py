"""科目余额表, opening balances and sub-accounts in the real window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop_app.ledger.screens.account_dialog import AccountDialog
from desktop_app.ledger.screens.accounts_page import AccountsPage
from desktop_app.ledger.screens.balance_page import BalancePage
from desktop_app.ledger.screens.opening_page import OpeningPage
from desktop_app.ledger.screens.template_page import TemplatePage
from desktop_app.ledger.service import enter_opening_balances
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.page import Page
from tests.ledger.books import closing, post
from tests.ledger.clerk import GOOD, Settle, accounts, answer, go, open_dialog, press, type_text
from tests.workspaces import do

__all__ = ["accounts", "go"]


def test_trial_balance_shows_its_pairs_and_refuses_days_in_the_wrong_order(
    window: MainWindow, go: Callable[..., Page], settle: Settle
) -> None:
    post(window.workspace, *GOOD)
    page = go("trial_balance")
    assert isinstance(page, BalancePage)
    assert [row.code for row in page.table.rows] == ["102", "10201", "501", "50103"]
    assert "本期合计借贷各 500.00" in page.table.footer.text()
    assert "三对都相等" in page.table.footer.text()
    page.chips.chip("first").click()
    assert [row.code for row in page.table.rows] == ["102", "501"]
    page.end.set_value(date(2025, 1, 1))
    page.load()
    assert "晚于" in page.mistake.text()


def test_voucher_and_trial_balance_open_in_the_preview(
    window: MainWindow, go: Callable[..., Page], settle: Settle
) -> None:
    posted = post(window.workspace, *GOOD)
    go("voucher", voucher_id=posted.voucher_id).print_page()
    settle()
    assert window.navigator.page is not None
    assert window.navigator.page.title == "记账凭证"
    go("trial_balance").print_page()
    settle()
    assert window.navigator.page.title == "科目余额表"


def test_opening_balances_are_copied_and_saved_when_both_sides_agree(
    window: MainWindow, go: Callable[..., Page], settle: Settle
) -> None:
    page = go("opening_balances")
    assert isinstance(page, OpeningPage)
    assert page.why.isHidden()
    sides = page.grid.lines
    debit, credit = list(sides["10201"])
    type_text(sides["10201"][debit].line, "900")
    press(sides["10201"][debit].line, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is sides["111"][debit].line
    page.save_button.click()
    assert "还不相等" in page.sheet.fields["balances"].mistake
    type_text(sides["301"][credit].line, "900")
    assert "两边相等" in page.grid.totals.text()
    page.save_button.click()
    settle()
    assert closing(window.workspace) == {"102": 900_00, "10201": 900_00, "301": -900_00}


def test_opening_balances_are_mended_with_a_reason(window: MainWindow, go: Callable[..., Page], settle: Settle) -> None:
    day = date(2026, 1, 1)
    do(window.workspace, lambda uow: enter_opening_balances(uow, on=day, balances={"10201": 5, "301": -5}))
    page = go("opening_balances")
    assert isinstance(page, OpeningPage)
    for code, side in (("10201", 0), ("301", 1)):
        list(page.grid.lines[code].values())[side].set_value(7)
    page.save_button.click()
    assert page.sheet.fields["why"].mistake
    type_text(page.why.editor.input_widget(), "抄错")
    page.save_button.click()
    answer(window, settle)
    assert closing(window.workspace)["10201"] == 7


def test_new_sub_account_is_opened_below_the_chosen_one(
    window: MainWindow, go: Callable[..., Page], settle: Settle
) -> None:
    page = go("accounts")
    assert isinstance(page, AccountsPage)
    page.table.select(lambda row: row.code == "113")
    page.add_new()
    dialog = open_dialog(window, AccountDialog)
    assert isinstance(dialog, AccountDialog)
    assert "113-01" in dialog.parent_field.note.text()
    dialog.add_button.click()
    assert dialog.name_field.mistake
    dialog.name_field.editor.set_value("普建国")
    dialog.add_button.click()
    settle()
    page.chips.chip("own").click()
    assert [row.name for row in page.table.rows] == ["基本户", "普建国", "发包收入", "办公费"]


def test_missing_sub_account_is_opened_from_the_form(
    window: MainWindow, go: Callable[..., Page], settle: Settle
) -> None:
    page = go("voucher_template", template="member_debt_received")
    assert isinstance(page, TemplatePage)
    page.account_button.click()
    dialog = open_dialog(window, AccountDialog)
    assert isinstance(dialog, AccountDialog)
    dialog.choose_parent("113")
    dialog.name_field.editor.set_value("李琼仙")
    dialog.add_button.click()
    settle()
    assert page.sheet.editor("credit").value() == "11301"
