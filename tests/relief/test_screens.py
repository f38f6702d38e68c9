"""Relief in the real window: a case is carried by its forms, refusals stand in place, typing is never lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot
from sqlalchemy import insert

from desktop_app.relief.rows import CaseDetail
from desktop_app.relief.screens.cases_page import CasesPage
from desktop_app.relief.screens.meeting_form import MeetingForm
from desktop_app.relief.screens.paper_page import PaperPage
from desktop_app.relief.screens.payment_form import PaymentForm
from desktop_app.relief.screens.step_form import StepForm
from desktop_app.relief.screens.step_pages import page_key
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.access_log import list_access
from desktop_app.storage.county_clock import SKEW_SECONDS
from desktop_app.storage.workspace import Workspace
from tests.domain.relief.builder import AMOUNT
from tests.relief.driving import (
    WHOLE_ROAD,
    Settle,
    case_page,
    detail_of,
    fill,
    form,
    open_case_page,
    page_of,
    press_next,
    save,
)
from tests.relief.village import add_household, picture, usual_step, walk
from village_core.domain.relief.payloads import Cause, CivilAffairsAnswer, ObjectionOutcome, Payment
from village_core.domain.relief.steps import StepKind
from village_core.exchange.change_log import device_state

ReadyFor = Callable[[StepKind], StepForm]


@pytest.fixture
def ready_for(window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID) -> ReadyFor:
    """Carry the case up to a step and press its button: the form of that step."""

    def carry(kind: StepKind) -> StepForm:
        walk(workspace, case_id, until=kind)
        open_case_page(window, settle, case_id)
        page = press_next(window, settle)
        assert page.kind is kind
        return page

    return carry


def test_enter_walks_through_a_form_and_ctrl_s_saves(
    window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID, qtbot: QtBot, ready_for: ReadyFor
) -> None:
    page = ready_for(StepKind.NOTICE_POSTED)
    first = page.sheet.editor("done_on").input_widget()
    assert QApplication.focusWidget() is first
    qtbot.keyClick(first, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is page.sheet.editor("until").input_widget()
    for name in ("until", "place"):
        qtbot.keyClick(page.sheet.editor(name).input_widget(), Qt.Key.Key_Return)
    last = page.sheet.editor("posted_by").input_widget()
    assert QApplication.focusWidget() is last
    page.sheet.editor("posted_by").set_typed("张志强")  # QTest types ASCII only
    qtbot.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert detail_of(workspace, case_id).state.has(StepKind.NOTICE_POSTED)


def test_the_verdict_of_a_vote_follows_the_typing(ready_for: ReadyFor) -> None:
    page = ready_for(StepKind.VILLAGERS_RESOLUTION)
    assert isinstance(page, MeetingForm)
    assert page.sheet.editor("eligible").value() == 30
    fill(page, present="19")
    assert "人数不够" in page.verdict.message.text()
    fill(page, present="20")
    assert "同意要 11 票" in page.verdict.message.text()
    fill(page, votes_for="10", votes_against="10", abstained="0")
    assert page.verdict.message.text().endswith("没有通过。")
    fill(page, votes_for="11", votes_against="9")
    assert page.verdict.message.text().endswith("，通过。")
    assert "三分之二以上的组成人员" in page.verdict.clause.text()
    assert "（2025年修正）" in page.verdict.source.text()


def test_another_law_may_be_chosen_and_asks_for_its_notice(ready_for: ReadyFor) -> None:
    page = ready_for(StepKind.VILLAGERS_RESOLUTION)
    assert page.sheet.fields["noticed_on"].isHidden()
    fill(page, quorum_rule="collective-members", eligible="90", present="60", votes_for="59")
    page.sheet.editor("quorum_rule").set_value("collective-members")
    page.sheet.changed.emit()
    assert not page.sheet.fields["noticed_on"].isHidden()
    assert isinstance(page, MeetingForm)
    assert "应到人员三分之二以上同意要 60 票" in page.verdict.message.text()


def test_a_hard_rule_refuses_in_place_with_its_clause(
    window: MainWindow, settle: Settle, workspace: Workspace, ready_for: ReadyFor
) -> None:
    page = ready_for(StepKind.NOTICE_TAKEN_DOWN)
    fill(page, done_on="2026.10.26", taken_by="张志强")
    save(page, settle)
    assert form(window) is page
    assert "最早2026年10月28日取下" in page.sheet.fields["done_on"].mistake
    assert page.refusal.clause.text().startswith("「公示期结束")
    assert page.refusal.property("tone") == "bad"
    assert page.sheet.editor("taken_by").typed() == "张志强"
    assert page.save_button.isEnabled()
    with workspace.reader() as reader:
        assert list_access(reader.session)[0].kind == "refusal"


def test_a_soft_rule_asks_for_a_reason_in_place_and_keeps_it(
    settle: Settle, workspace: Workspace, case_id: UUID, ready_for: ReadyFor
) -> None:
    page = ready_for(StepKind.VILLAGERS_RESOLUTION)
    values = dict(WHOLE_ROAD[4][1], amount_fen="6000")
    fill(page, done_on="2026.10.18", **values)
    reason = page.reason_field("CRELIEF-4")
    assert reason.isHidden()
    save(page, settle)
    assert not reason.isHidden()
    assert page.reason_field("CRELIEF-5").isHidden()
    assert QApplication.focusWidget() is reason.editor.input_widget()
    reason.editor.set_typed("两人同时住院，缺口两万多")
    save(page, settle)
    record = detail_of(workspace, case_id).state.last(StepKind.VILLAGERS_RESOLUTION)
    assert record is not None
    assert record.reasons == {"CRELIEF-4": "两人同时住院，缺口两万多"}


def test_half_filled_forms_come_back(
    window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID, ready_for: ReadyFor
) -> None:
    page = ready_for(StepKind.FIRST_REVIEW)
    fill(page, visit_finding="厨房漏雨，两人卧床", civil_affairs=CivilAffairsAnswer.PENDING)
    window.navigator.back()
    settle()
    page = press_next(window, settle)
    assert page.sheet.editor("visit_finding").value() == "厨房漏雨，两人卧床"
    assert page.sheet.editor("civil_affairs").value() is CivilAffairsAnswer.PENDING
    assert detail_of(workspace, case_id).state.last(StepKind.FIRST_REVIEW) is None


def test_a_step_is_corrected_from_its_record(
    window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID
) -> None:
    page = open_case_page(window, settle, case_id)
    page.timeline.chosen.emit("1")
    line = page.station.lines[0]
    line.correction_asked.emit(line.record)
    settle()
    correction = form(window)
    assert correction.title == "更正：户申请"
    assert correction.sheet.editor("reason").value() == "妻子住院，家里没有别的收入。"
    fill(correction, reason="妻子住院，自付三万多元。")
    save(correction, settle)
    assert correction.sheet.fields["correction_reason"].mistake
    fill(correction, correction_reason="理由没有写全")
    save(correction, settle)
    assert page_of(window) is page
    state = detail_of(workspace, case_id).state
    assert state.application is not None
    assert state.application.reason == "妻子住院，自付三万多元。"
    assert len(state.superseded) == 1


def test_a_photo_that_is_no_photo_is_refused_and_a_real_one_can_be_looked_at(
    window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID, tmp_path: Path
) -> None:
    page = open_case_page(window, settle, case_id)
    page.timeline.chosen.emit("1")
    step_id = page.station.lines[0].record.id
    bad, good = tmp_path / "word.jpg", tmp_path / "scan.png"
    bad.write_bytes(b"PK\x03\x04 a document")
    good.write_bytes(picture(form="PNG"))
    told: list[Exception] = []
    window.tasks.failed.connect(told.append)
    page.station.papers_chosen.emit(step_id, "application", [good, bad])
    settle()
    assert detail_of(workspace, case_id).papers == ()
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    dialog.close()
    page.station.papers_chosen.emit(step_id, "application", [good])
    settle()
    (paper,) = detail_of(workspace, case_id).papers
    page.station.paper_opened.emit(paper)
    settle()
    viewer = page_of(window)
    assert isinstance(viewer, PaperPage)
    assert not viewer.view.pixmap().isNull()


def test_an_objection_turns_the_next_deed_into_its_investigation(
    window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID
) -> None:
    walk(workspace, case_id, until=StepKind.PAYMENT)
    page = open_case_page(window, settle, case_id)
    page.actions_bar.buttons[StepKind.OBJECTION_RECEIVED].click()
    settle()
    objection = form(window)
    fill(objection, done_on="2026.10.28", content="他家有一辆车")
    save(objection, settle)
    assert StepKind.PAYMENT not in page.actions_bar.buttons
    conclusion = press_next(window, settle)
    assert conclusion.kind is StepKind.OBJECTION_CONCLUDED
    fill(
        conclusion,
        done_on="2026.10.30",
        investigators="杨正华",
        outcome=ObjectionOutcome.STILL_ELIGIBLE,
        finding="车是借的",
    )
    save(conclusion, settle)
    assert conclusion.sheet.fields["reason"].mistake
    fill(conclusion, reason="借来跑运输，不影响资格")
    save(conclusion, settle)
    main = page.actions_bar.main_button
    assert main is not None
    assert main.text() == "发放救助金"


def test_a_laptop_without_the_right_to_post_says_so_before_anything_is_typed(
    window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID
) -> None:
    walk(workspace, case_id, until=StepKind.PAYMENT)
    with workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(insert(device_state).values(key="rights.may_post", value="0"))
    page = open_case_page(window, settle, case_id)
    assert page.actions_bar.reasons_button is not None
    assert "没有记账权" in page.station.reasons[0].message.text()
    payment = press_next(window, settle)
    assert isinstance(payment, PaymentForm)
    assert not payment.save_button.isEnabled()
    assert "没有记账权" in payment.refusal.message.text()


def test_a_payment_goes_to_the_household_and_shows_its_voucher(
    window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID, ready_for: ReadyFor
) -> None:
    page = ready_for(StepKind.PAYMENT)
    assert page.sheet.editor("amount_fen").value() == AMOUNT
    assert page.sheet.editor("payee_account").value() == "6223000000001234"
    fill(page, done_on="2026.10.29", bank_receipt="回单17", still_eligible=True)
    save(page, settle)
    record = detail_of(workspace, case_id).state.last(StepKind.PAYMENT)
    assert record is not None
    assert cast(Payment, record.payload).voucher_number == "记-1"
    assert "凭证 记-1 已经记账" in window.frame.messages.words.text()


def test_the_day_of_a_payment_is_asked_where_the_clock_is_known_to_be_wrong(
    window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID
) -> None:
    walk(workspace, case_id, until=StepKind.PAYMENT)
    workspace.set_state(SKEW_SECONDS, str(3 * 86_400))
    open_case_page(window, settle, case_id)
    page = press_next(window, settle)
    assert page.sheet.editor("done_on").value() is None
    assert "照县里的时间今天是2026年11月19日" in page.sheet.fields["done_on"].note.text()
    fill(page, bank_receipt="2026102900017", still_eligible=True)
    save(page, settle)
    assert page.sheet.fields["done_on"].mistake
    fill(page, done_on="2026.11.22")
    save(page, settle)
    assert not page.reason_field("CRELIEF-6").isHidden()
    fill(page, done_on="2026.10.29")
    save(page, settle)
    assert detail_of(workspace, case_id).state.has(StepKind.PAYMENT)


def test_a_withdrawn_case_says_so_and_offers_only_what_is_left(
    window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID
) -> None:
    page = open_case_page(window, settle, case_id)
    assert page.actions_bar.menu_words() == ["撤回申请…", "记监督查看…", "记其他帮扶…"]
    page.actions_bar.step_asked.emit(StepKind.WITHDRAWAL)
    settle()
    withdrawal = form(window)
    fill(withdrawal, done_on="2026.10.9", reason="亲戚帮上了")
    save(withdrawal, settle)
    assert page.station.title.text().startswith("已撤回")
    assert page.actions_bar.main_button is None
    assert page.actions_bar.menu_words() == ["记监督查看…", "记其他帮扶…"]
    assert "申请已经撤回" in page.station.reasons[0].message.text()


def test_the_list_filters_and_opens_by_enter(
    window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID, qtbot: QtBot
) -> None:
    window.navigator.open("cases")
    settle()
    page = page_of(window)
    assert isinstance(page, CasesPage)
    assert [row.household_name for row in page.table.rows] == ["罗铉"]
    assert page.chips.chip("archived").text() == "已归档 0"
    page.chips.chip("archived").click()
    assert page.table.rows == []
    assert page.table.empty.text() == "还没有归档的救助。"
    page.chips.chip("all").click()
    qtbot.keyClick(page.table.view, Qt.Key.Key_Return)
    settle()
    assert case_page(window).detail is not None
    assert cast(CaseDetail, case_page(window).detail).case_id == case_id


def test_a_household_that_may_not_apply_is_refused_in_its_form(
    window: MainWindow, settle: Settle, workspace: Workspace, household: UUID
) -> None:
    other = add_household(workspace, "李富贵", kind="一般农户")
    window.navigator.open(page_key(StepKind.APPLICATION), household_id=other)
    settle()
    page = form(window)
    fill(
        page, done_on="2026.10.8", cause=Cause.OTHER, cause_text="欠款", reason="困难", materials="借条",
        written=True, high_risk=True,
    )  # fmt: skip
    save(page, settle)
    assert "这一户是“一般农户”" in page.refusal.message.text()
    assert page.refusal.clause.text().startswith("「村级集体经济收入临时救助的对象")


@pytest.mark.parametrize("percent", [100, 150])
def test_every_form_and_station_fits_the_smallest_screen(
    window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID, appearance: Any, percent: int
) -> None:
    walk(workspace, case_id, until=StepKind.ARCHIVE)
    appearance.set_percent(percent)
    settle()
    page = open_case_page(window, settle, case_id)
    for number in range(1, 9):
        page.timeline.chosen.emit(str(number))
        QApplication.processEvents()
        assert (window.width(), window.height()) == (1366, 768)
    for kind in StepKind:
        window.navigator.open(page_key(kind), case_id=case_id)
        settle()
        opened = form(window)
        assert opened.kind is kind
        assert (window.width(), window.height()) == (1366, 768), kind
        around = opened.sheet.parentWidget()
        while not isinstance(around, QScrollArea):
            assert around is not None
            around = around.parentWidget()
        assert around.horizontalScrollBar().maximum() == 0, kind


def test_a_case_that_moved_on_elsewhere_is_shown_anew(
    window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID
) -> None:
    page = open_case_page(window, settle, case_id)
    done = usual_step(workspace, case_id, StepKind.FIRST_REVIEW)
    page.context.changes.announce(done.changes)
    settle()
    main = page.actions_bar.main_button
    assert main is not None
    assert main.text() == "记下①提议会结果"
