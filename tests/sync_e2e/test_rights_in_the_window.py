"""What the clerk sees of 救助审批权 and 记账权 on a laptop that has them, and on one that has not."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.ledger.screens.entry_page import EntryPage
from desktop_app.ledger.service import add_sub_account
from desktop_app.relief.screens.meeting_form import ResolutionForm
from desktop_app.relief.screens.payment_form import PaymentForm
from desktop_app.relief.screens.step_pages import page_key
from desktop_app.shell.appearance import Appearance
from desktop_app.window import build_window
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from tests.ledger.books import post
from tests.relief.village import add_household, furnish, start_case, usual_step, walk
from tests.seats import take_over
from tests.sync_e2e.test_sync_page import Desk
from village_core.domain.relief.steps import StepKind
from village_core.exchange.seats import SeatKind

OpenDesk = Callable[[Laptop], Desk]


@pytest.fixture
def open_desk(qtbot: QtBot, appearance: Appearance) -> OpenDesk:
    def open_one(laptop: Laptop) -> Desk:
        window = build_window(laptop.workspace, appearance=appearance)
        window.resize(1366, 768)
        window.show()
        window.start()
        qtbot.addWidget(window)
        desk = Desk(window, qtbot)
        desk.settle()
        return desk

    return open_one


@pytest.fixture
def resolved_case(small_county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop, UUID]:
    """A holder, a laptop without rights, and a case that waits for its resolution on both."""
    holder, other = make_laptop(small_county), make_laptop(small_county)
    furnish(holder.workspace)
    holder.do(lambda uow: add_sub_account(uow, parent="501", name="发包收入", code="50103"))
    case = start_case(holder.workspace, add_household(holder.workspace))
    walk(holder.workspace, case, until=StepKind.VILLAGERS_RESOLUTION)
    sync_until_quiet(holder, other)
    return holder, other, case


def open_page(desk: Desk, key: str, **arguments: object) -> QWidget:
    desk.window.navigator.open(key, **arguments)
    desk.settle()
    return desk.page


def test_without_the_rights_everything_says_where_they_are_and_what_can_be_done_here(
    resolved_case: tuple[Laptop, Laptop, UUID], open_desk: OpenDesk
) -> None:
    _, other, case = resolved_case
    desk = open_desk(other)

    desk.open("sync")
    assert "记账权：在李琼仙的电脑（1 号）。这里只写凭证草稿。" in desk.words()
    assert "救助审批权：在李琼仙的电脑（1 号）。" in desk.words()
    assert "再请县里转过来" in desk.words()

    form = open_page(desk, page_key(StepKind.VILLAGERS_RESOLUTION), case_id=case)
    assert isinstance(form, ResolutionForm)
    assert "等救助审批权：在李琼仙的电脑（1 号）上办。" in desk.words()
    assert not form.save_button.isEnabled()
    form.sheet.editor("passed").set_value("no")
    form.refresh()
    assert form.save_button.isEnabled(), "a resolution that refuses commits no money"

    open_page(desk, "case", case_id=case)
    assert "办不了的原因（1）" in desk.words()

    entry = open_page(desk, "voucher_entry")
    assert isinstance(entry, EntryPage)
    assert "记账权在李琼仙的电脑（1 号），这里先存成草稿" in desk.words()


def test_the_payment_says_who_books_it(resolved_case: tuple[Laptop, Laptop, UUID], open_desk: OpenDesk) -> None:
    holder, other, case = resolved_case
    usual_step(holder.workspace, case, StepKind.VILLAGERS_RESOLUTION)
    for kind in (
        StepKind.RESOLUTION_PUBLISHED,
        StepKind.TOWNSHIP_REVIEW,
        StepKind.NOTICE_POSTED,
        StepKind.NOTICE_TAKEN_DOWN,
    ):
        usual_step(holder.workspace, case, kind)
    sync_until_quiet(holder, other)
    desk = open_desk(other)
    form = open_page(desk, page_key(StepKind.PAYMENT), case_id=case)
    assert isinstance(form, PaymentForm)
    assert "记账权在李琼仙的电脑（1 号）" in desk.words()
    assert not form.save_button.isEnabled()


def test_a_voucher_that_got_another_number_shows_both(
    resolved_case: tuple[Laptop, Laptop, UUID], open_desk: OpenDesk
) -> None:
    holder, other, _ = resolved_case
    take_over(other, SeatKind.LEDGER)
    other.sync()
    late = post(holder.workspace, ("10201", 5000), ("50103", -5000))
    post(other.workspace, ("10201", 700), ("50103", -700))
    other.sync()
    sync_until_quiet(holder, other)

    desk = open_desk(holder)
    open_page(desk, "voucher", voucher_id=late.voucher_id)
    assert "凭证 记-2（纸上 记-1）" in desk.words()
    assert "县里编为 记-2，请在纸上注明新号" in desk.words()
    desk.open("sync")
    assert "记账权：在王建平的电脑（2 号）。" in desk.words()
