"""要您拿主意 with a voucher whose number was taken: opened, taken back with a reason, from the page alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.ledger.screens.voucher_page import VoucherPage
from desktop_app.sync.questions import Progress
from desktop_app.sync.screens.questions_page import QuestionsPage
from tests.laptops import Laptop, only, sync_until_quiet
from tests.late_vouchers import taken
from tests.sync_e2e.test_sync_page import Desk
from village_core.domain.ledger.periods import period_label
from village_core.records.ledger import Voucher

__all__ = ["taken"]


@pytest.fixture
def laptop(taken: tuple[Laptop, Laptop]) -> Laptop:
    return taken[0]


def test_a_clerk_looks_at_the_late_voucher_and_takes_it_back(
    desk: Desk, taken: tuple[Laptop, Laptop], qtbot: QtBot
) -> None:
    page = desk.open("questions")
    assert isinstance(page, QuestionsPage)

    def links() -> list[QPushButton]:
        return [one for one in page.findChildren(QPushButton) if one.text() == "看这张凭证" and one.isVisible()]

    qtbot.waitUntil(lambda: len(links()) == 2)
    links()[1].click()
    desk.settle()
    looked = desk.page
    assert isinstance(looked, VoucherPage)
    assert looked.detail is not None
    assert looked.detail.both_numbers == "记-2（纸上 记-1）"
    desk.window.navigator.back()
    desk.settle()

    assert not page.case.sheet.isVisible(), "who keeps it has nothing to write"
    page.case.press(2)
    desk.settle()
    assert page.case.sheet.isVisible()
    page.case.press(2)
    desk.settle()
    assert page.case.sheet.fields["reason"].mistake == "选“冲销这张”一定要写：为什么冲销。"
    assert len(taken[0].all(Voucher)) == 2
    field = page.case.sheet.editor("reason").input_widget()
    field.setFocus(Qt.FocusReason.OtherFocusReason)
    qtbot.keyClicks(field, "same thing twice, 1 and 2")
    page.case.press(2)
    desk.settle()
    month = max(one.period for one in taken[0].all(Voucher))
    assert f"冲销了，红字凭证是 {period_label(month)}的 记-" in desk.words()
    assert only(page.table.rows).progress is Progress.SENDING
    assert len(taken[0].all(Voucher)) == 3

    sync_until_quiet(*taken)
    page.load()
    desk.settle()
    assert page.table.rows == []
    assert [len(laptop.all(Voucher)) for laptop in taken] == [3, 3]
