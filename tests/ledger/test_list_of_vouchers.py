"""Vouchers that are posted: taken back, found, locked, taken in from a file, written to one and printed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from desktop_app.ledger import queries
from desktop_app.ledger.screens.grid_page import GridPage
from desktop_app.ledger.screens.import_page import ImportPage
from desktop_app.ledger.screens.ledger_page import LedgerPage
from desktop_app.ledger.screens.template_page import TemplatePage
from desktop_app.ledger.screens.voucher_page import VoucherPage
from desktop_app.ledger.service import lock_month, post_relief_payment, save_draft
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.page import Page
from desktop_app.shell.revealing import ReasonDialog
from desktop_app.storage.access_log import list_access
from tests.ledger.books import closing, entry, post
from tests.ledger.clerk import GOOD, Settle, accounts, answer, count_vouchers, go, shown, type_text
from tests.ledger.sheets import BOOKS, write_sheet
from tests.staff.acting import add, sit_down
from tests.workspaces import do
from village_core.domain.ids import new_id

__all__ = ["accounts", "go"]


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


def test_cells_that_an_import_did_not_understand_are_covered_until_asked_for(
    window: MainWindow, go: Callable[..., Page], settle: Settle, tmp_path: Path
) -> None:
    account = "6217001234567891234"
    bad = ("2025-03-01", account, "坏", "10201", "基本户", "1.00", "", "")
    page = go("voucher_import", path=write_sheet(tmp_path / "凭证.xlsx", [*BOOKS, bad]))
    assert isinstance(page, ImportPage)
    (row,) = page.table.rows
    assert account not in row[1].reason
    assert row[1].reason.startswith("“**** **** 1234”不是凭证号")
    page.reveal_button.click()
    dialog = window.findChild(ReasonDialog)
    assert dialog is not None
    dialog.act_button.click()
    settle()
    assert account in page.table.rows[0][1].reason
    page.reveal_button.click()
    assert account not in page.table.rows[0][1].reason
    with window.workspace.reader() as reader:
        assert [one.kind for one in list_access(reader.session)].count("reveal") == 1


def test_what_was_asked_for_of_one_sheet_uncovers_nothing_of_the_next(
    window: MainWindow, go: Callable[..., Page], settle: Settle, tmp_path: Path
) -> None:
    bad = ("2025-03-01", "6217001234567891234", "坏", "10201", "基本户", "1.00", "", "")
    first, second, third = (write_sheet(tmp_path / f"{name}.xlsx", [*BOOKS, bad]) for name in "甲乙丙")
    page = go("voucher_import", path=first)
    assert isinstance(page, ImportPage)

    def give_reason() -> None:
        dialog = next(one for one in window.findChildren(ReasonDialog) if one.isVisible())
        dialog.act_button.click()
        settle()

    def covered() -> bool:
        return "**** **** 1234" in page.table.rows[0][1].reason and page.reveal_button.text() == "显示号码"

    page.reveal_button.click()
    give_reason()
    assert not covered()
    page.look_at(second)
    settle()
    assert page.summary.title.text().startswith("看过一遍“乙.xlsx”")
    assert covered()
    page.reveal_button.click()
    page.look_at(third)
    settle()
    give_reason()
    assert covered(), "the reason was given for the sheet before"
    page.look_at(first)
    page.look_at(second)
    settle()
    assert page.summary.title.text().startswith("看过一遍“乙.xlsx”"), "the one that was dropped last"


def test_without_combined_duties_the_import_asks_who_reviewed_the_vouchers(
    window: MainWindow, go: Callable[..., Page], settle: Settle, tmp_path: Path
) -> None:
    add(window.workspace, "罗会计", "会计")
    sit_down(window.workspace, add(window.workspace, "杨文清", "报账员"))
    page = go("voucher_import", path=write_sheet(tmp_path / "凭证.xlsx", BOOKS))
    assert isinstance(page, ImportPage)
    page.take_button.click()
    settle()
    assert page.review.mistake == "请选原来由谁审核。"
    assert count_vouchers(window) == 0
    page.reviewer.set_value("罗会计")
    page.take_button.click()
    settle()
    assert count_vouchers(window) == 3
    assert page.review.isHidden()


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
