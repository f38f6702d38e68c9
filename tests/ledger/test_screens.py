"""The pages of the books in the real window, driven by the keyboard as a clerk does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QWidget
from sqlalchemy import update

from desktop_app.ledger import queries
from desktop_app.ledger.screens.account_dialog import AccountDialog
from desktop_app.ledger.screens.accounts_page import AccountsPage
from desktop_app.ledger.screens.balance_page import BalancePage
from desktop_app.ledger.screens.choice_page import ChoicePage
from desktop_app.ledger.screens.grid_page import GridPage
from desktop_app.ledger.screens.import_page import ImportPage
from desktop_app.ledger.screens.ledger_page import LedgerPage
from desktop_app.ledger.screens.opening_page import OpeningPage
from desktop_app.ledger.screens.template_page import TemplatePage
from desktop_app.ledger.screens.voucher_page import VoucherPage
from desktop_app.ledger.service import enter_opening_balances, lock_month, post_relief_payment, save_draft
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.page import Page
from desktop_app.widgets.question import Question
from tests.keyboard import type_words
from tests.ledger.books import closing, do, entry, open_accounts, post
from tests.ledger.sheets import BOOKS, RENT, write_sheet
from village_core.domain.ids import new_id
from village_core.records.ledger import VoucherDraft

Settle = Callable[[], None]
P = TypeVar("P", bound=Page)

GOOD = (("10201", 500_00), ("50103", -500_00))


def press(widget: QWidget | None, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    assert widget is not None
    QTest.keyClick(widget, key, modifier)


def type_text(widget: QWidget | None, text: str) -> None:
    assert widget is not None
    widget.setFocus()
    type_words(widget, text)


@pytest.fixture(autouse=True)
def _accounts(window: MainWindow) -> None:
    open_accounts(window.workspace)


@pytest.fixture
def go(window: MainWindow, settle: Settle) -> Callable[..., Page]:
    """Open a page and wait until it shows what it has to show."""

    def open_page(key: str, **arguments: object) -> Page:
        window.navigator.open(key, **arguments)
        settle()
        page = window.navigator.page
        assert page is not None
        return page

    return open_page


def shown(window: MainWindow, kind: type[P]) -> P:
    page = window.navigator.page
    assert isinstance(page, kind)
    return page


def answer(window: MainWindow, settle: Settle) -> None:
    """Press the button of the open question that does the deed."""
    question = next(child for child in window.findChildren(Question) if child.isVisible())
    question.act_button.click()
    settle()


def open_dialog(window: MainWindow, kind: type[QDialog]) -> QDialog:
    return next(child for child in window.findChildren(kind) if child.isVisible())


def count_vouchers(window: MainWindow) -> int:
    with window.workspace.reader() as reader:
        return len(queries.list_vouchers(reader))


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


def test_wrong_voucher_is_reversed_with_a_reason(window: MainWindow, go: Callable[..., Page], settle: Settle) -> None:
    posted = post(window.workspace, *GOOD)
    page = go("voucher", voucher_id=posted.voucher_id)
    assert isinstance(page, VoucherPage)
    page.reverse_button.click()
    page.dialog.act_button.click()
    assert page.dialog.sheet.fields["reason"].mistake
    type_text(page.dialog.sheet.editor("reason").input_widget(), "记错了")
    page.dialog.act_button.click()
    settle()
    red = shown(window, VoucherPage)
    assert red.title == "凭证 记-1"
    assert red.paper.voucher.debit_fen == -500_00
    assert not red.reverse_button.isEnabled()
    red.other_button.click()
    settle()
    assert page.paper.voucher.mark == "已冲销"
    assert set(closing(window.workspace).values()) == {0}


def test_a_grants_voucher_leads_to_its_case(window: MainWindow, go: Callable[..., Page]) -> None:
    paid = do(
        window.workspace,
        lambda uow: post_relief_payment(
            uow,
            case_id=new_id(),
            household_name="罗铉",
            amount_fen=3000_00,
            paid_on=date(2026, 10, 30),
            bank_account_code="10201",
            bank_receipt_no="17",
        ),
    )
    page = go("voucher", voucher_id=paid.voucher_id)
    assert isinstance(page, VoucherPage)
    assert not page.case_button.isHidden()
    assert page.notes.text() == "银行回单号：17"


def test_month_list_filters_and_locks(window: MainWindow, go: Callable[..., Page], settle: Settle) -> None:
    post(window.workspace, *GOOD)
    do(window.workspace, lambda uow: save_draft(uow, entry(*GOOD, on=date(2026, 4, 1))))
    page = go("ledger", period="2026-03")
    assert isinstance(page, LedgerPage)
    assert [row.number for row in page.table.rows] == ["记-1"]
    assert page.subtitle == "现金 0.00　银行 500.00"
    page.lock_button.click()
    answer(window, settle)
    assert not page.lock_button.isEnabled()
    page.months.set_value("2026-04")
    page.months.changed.emit()
    settle()
    assert [row.status for row in page.table.rows] == ["draft"]
    page.lock_button.click()
    answer(window, settle)
    assert window.trouble is not None
    window.trouble.close()
    with window.workspace.reader() as reader:
        assert queries.locked_periods(reader) == {"2026-03"}


def test_locked_month_is_refused_at_the_date(window: MainWindow, go: Callable[..., Page]) -> None:
    do(window.workspace, lambda uow: lock_month(uow, "2026-10"))
    page = go("voucher_template", template="rent_received")
    assert isinstance(page, TemplatePage)
    type_text(page.sheet.editor("amount").input_widget(), "1")
    page.sheet.editor("voucher_date").set_value(date(2026, 10, 31))
    page.save_button.click()
    assert "2026年10月已经锁账" in page.sheet.fields["voucher_date"].mistake


def test_laptop_without_the_right_sees_no_button_to_post(window: MainWindow, go: Callable[..., Page]) -> None:
    window.workspace.set_state("rights.may_post", "0")
    page = go("voucher_entry")
    assert isinstance(page, GridPage)
    assert page.save_button.isHidden()
    assert not page.draft_button.isHidden()


def test_import_shows_what_it_would_do_and_then_does_it(
    window: MainWindow, go: Callable[..., Page], settle: Settle, tmp_path: Path
) -> None:
    bad = ("2025-03-01", "记-1", "坏", "10201", "基本户", "1.234", "", "")
    path = write_sheet(tmp_path / "凭证.xlsx", [*BOOKS, bad])
    page = go("voucher_import", path=path)
    assert isinstance(page, ImportPage)
    assert "共 10 行：新的 9 行（2 张凭证）" in page.words.text()
    assert [note.row for _, note in page.table.rows] == [11]
    assert page.take_button.text() == "导入 9 行"
    assert count_vouchers(window) == 0
    page.take_button.click()
    settle()
    assert count_vouchers(window) == 3
    assert page.take_button.isHidden()
    assert "已经导入" in page.summary.title.text()


def test_file_that_is_no_sheet_is_told_where_it_was_dropped(go: Callable[..., Page], tmp_path: Path) -> None:
    path = tmp_path / "网页.xls"
    path.write_bytes(b"<html><table></table></html>")
    page = go("voucher_import", path=path)
    assert isinstance(page, ImportPage)
    assert "改了名字的网页" in page.drop.mistake.text()
    assert not page.drop.isHidden()


def test_vouchers_are_exported_from_the_list(
    window: MainWindow, go: Callable[..., Page], settle: Settle, tmp_path: Path
) -> None:
    post(window.workspace, *GOOD)
    page = go("ledger")
    assert isinstance(page, LedgerPage)
    page.export_to(tmp_path / "出.xlsx")
    settle()
    assert (tmp_path / "出.xlsx").exists()
    assert "没有加密" in window.frame.messages.words.text()


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


def test_start_page_and_search_know_the_books(window: MainWindow, go: Callable[..., Page], settle: Settle) -> None:
    post(window.workspace, *GOOD, summary="收鱼塘发包款")
    do(window.workspace, lambda uow: save_draft(uow, entry(*GOOD)))
    with window.workspace.reader() as reader:
        due = [item for provide in window.registry.due for item in provide(reader)]
        hits = [hit for provide in window.registry.search for hit in provide(reader, "鱼塘", 5)]
        figures = [figure for provide in window.registry.overviews for figure in provide(reader).figures]
    assert "1 张凭证还是草稿，没有记账" in [item.title for item in due]
    assert [(hit.kind, hit.page) for hit in hits] == [("凭证", "voucher")]
    assert "¥ 500.00" in [figure.value for figure in figures]


PAGES = (
    "ledger", "voucher_new", "voucher_entry", "voucher_import", "opening_balances", "trial_balance", "accounts"
)  # fmt: skip


@pytest.mark.parametrize("percent", [100, 150])
def test_every_page_fits_a_small_screen_at_every_type_size(
    window: MainWindow, settle: Settle, percent: int, tmp_path: Path
) -> None:
    posted = post(window.workspace, *GOOD)
    path = write_sheet(tmp_path / "a.xlsx", RENT)
    window.appearance.set_percent(percent)
    settle()
    places: list[tuple[str, dict[str, object]]] = [(key, {}) for key in PAGES]
    places += [
        ("voucher", {"voucher_id": posted.voucher_id}),
        ("voucher_template", {"template": "relief_paid"}),
        ("voucher_import", {"path": path}),
    ]
    for key, arguments in places:
        window.navigator.open(key, **arguments)
        settle()
        least = window.minimumSizeHint()
        assert (least.width(), least.height()) <= (1366, 768), key
        assert least.height() <= 768, key


def test_everything_on_the_page_is_reached_by_tab(window: MainWindow, go: Callable[..., Page]) -> None:
    page = go("ledger")
    assert isinstance(page, LedgerPage)
    reached: set[QWidget] = set()
    for _ in range(30):
        at = QApplication.focusWidget()
        assert at is not None
        reached.add(at)
        press(at, Qt.Key.Key_Tab)
    assert {page.opening_button, page.accounts_button, page.lock_button, page.months.input_widget()} <= reached
