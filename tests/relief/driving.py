"""How tests drive the relief pages: open, fill, press, save."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from desktop_app.relief.queries import get_case_detail, list_cases
from desktop_app.relief.rows import CaseDetail
from desktop_app.relief.screens.case_page import CasePage
from desktop_app.relief.screens.recusal_fields import NOBODY
from desktop_app.relief.screens.step_form import StepForm
from desktop_app.shell.main_window import MainWindow
from desktop_app.shell.page import Page
from desktop_app.storage.workspace import Workspace
from desktop_app.widgets.choice_edit import ChoiceEdit
from village_core.domain.relief.payloads import CivilAffairsAnswer, UseOfMoney
from village_core.domain.relief.steps import StepKind

Settle = Callable[[], None]


def page_of(window: MainWindow) -> Page:
    page = window.navigator.page
    assert page is not None
    return page


def case_page(window: MainWindow) -> CasePage:
    page = page_of(window)
    assert isinstance(page, CasePage)
    return page


def form(window: MainWindow) -> StepForm:
    page = page_of(window)
    assert isinstance(page, StepForm)
    return page


def open_case_page(window: MainWindow, settle: Settle, case_id: UUID) -> CasePage:
    window.navigator.open("case", case_id=case_id)
    settle()
    return case_page(window)


def detail_of(workspace: Workspace, case_id: UUID) -> CaseDetail:
    with workspace.reader() as reader:
        return get_case_detail(reader, case_id)


def fill(page: StepForm, **values: Any) -> None:
    """Type texts; choose keys, dates and amounts."""
    for name, value in values.items():
        editor = page.sheet.editor(name)
        if isinstance(editor, ChoiceEdit) or not isinstance(value, str):
            editor.set_value(value)
        else:
            editor.set_typed(value)
        editor.changed.emit()


def press_next(window: MainWindow, settle: Settle) -> StepForm:
    """Press the button of the next step."""
    main = case_page(window).actions_bar.main_button
    assert main is not None
    assert main.isEnabled()
    main.click()
    settle()
    return form(window)


def save(page: Page, settle: Settle) -> None:
    page.save_now()
    settle()


_MEETING = {"place": "村活动室", "chair": "王建平", "recorder": "李琼仙", "passed": "yes", "recusal": NOBODY}

WHOLE_ROAD: list[tuple[StepKind, dict[str, Any]]] = [
    (
        StepKind.FIRST_REVIEW,
        {
            "visited_on": "2026.10.9",
            "secretary": "王建平",
            "reviewers": "张志强、李明",
            "visit_finding": "属实",
            "civil_affairs": CivilAffairsAnswer.NOT_ENOUGH,
            "civil_affairs_note": "领了 600 元临时救助",
            "opinion": "同意上会",
            "passed": "yes",
            "recusal": NOBODY,
        },
    ),
    (
        StepKind.PARTY_PROPOSAL,
        {**_MEETING, "present": "4", "votes_for": "4", "votes_against": "0", "abstained": "0"},
    ),
    (
        StepKind.COMMITTEES_CONSULTATION,
        {**_MEETING, "present": "6", "votes_for": "6", "votes_against": "0", "abstained": "0"},
    ),
    (
        StepKind.PARTY_MEMBERS_REVIEW,
        {**_MEETING, "present": "22", "votes_for": "20", "votes_against": "1", "abstained": "1"},
    ),
    (
        StepKind.VILLAGERS_RESOLUTION,
        {
            **_MEETING,
            "present": "24",
            "votes_for": "22",
            "votes_against": "1",
            "abstained": "1",
            "amount_fen": "4000",
        },
    ),
    (StepKind.RESOLUTION_PUBLISHED, {"posted_by": "张志强"}),
    (
        StepKind.TOWNSHIP_REVIEW,
        {
            "minutes": "镇党委会纪要〔2026〕31号",
            "object_approved": "yes",
            "amount_approved": "yes",
            "approved_fen": "4,000.00",
            "opinion": "同意",
        },
    ),
    (StepKind.NOTICE_POSTED, {"posted_by": "张志强"}),
    (StepKind.NOTICE_TAKEN_DOWN, {"taken_by": "张志强"}),
    (StepKind.PAYMENT, {"bank_receipt": "2026102900017", "still_eligible": True}),
    (StepKind.RESULT_PUBLISHED, {"posted_by": "张志强"}),
    (StepKind.FOLLOW_UP, {"visitors": "王建平", "use": UseOfMoney.DAILY_LIFE, "finding": "买了粮食和药"}),
]


def list_all(workspace: Workspace) -> list[UUID]:
    with workspace.reader() as reader:
        return [row.id for row in list_cases(reader)]


def page_missing(detail: CaseDetail) -> list[tuple[UUID, str]]:
    wanted = detail.pack.rule("CRELIEF-14", detail.today).lists("papers")
    return [(one.id, kind) for one in detail.state.records for kind in wanted.get(one.kind.value, ())]
