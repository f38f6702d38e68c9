"""公示档案 in the window: what waits to be printed comes first, and each paper is one press away."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLabel

from desktop_app.archive.queries import list_paper_cases
from desktop_app.archive.screens.case_papers_page import CasePapersPage
from desktop_app.archive.screens.papers_page import PapersPage, notice_words
from desktop_app.notices.screens.preview_page import PreviewPage
from desktop_app.notices.service import make_notice, put_on_record
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.workspace import Workspace
from tests.notices.cases import carry_case, fill_in_village
from village_core.domain.notices.model import NoticeKind
from village_core.domain.relief.steps import StepKind

Settle = Callable[[], None]


def test_what_waits_to_be_printed_is_known(workspace: Workspace) -> None:
    fill_in_village(workspace)
    case_id = carry_case(workspace, upto=StepKind.TOWNSHIP_REVIEW)
    with workspace.reader() as reader:
        (case,) = list_paper_cases(reader)
    assert case.title == "罗铉家"
    assert case.to_print == (NoticeKind.RELIEF,)
    assert case.posted == {NoticeKind.RESOLUTION}
    assert case.missing == ()
    put_on_record(workspace, make_notice(workspace, case_id, kind=NoticeKind.RELIEF), how="打印")
    with workspace.reader() as reader:
        (case,) = list_paper_cases(reader)
    assert case.to_print == ()
    assert [notice_words(case, kind) for kind in NoticeKind] == ["已贴出", "11月22日印的", ""]


def test_missing_papers_are_counted(workspace: Workspace) -> None:
    fill_in_village(workspace)
    carry_case(workspace, upto=StepKind.PARTY_PROPOSAL, with_papers=False)
    with workspace.reader() as reader:
        (case,) = list_paper_cases(reader)
    assert case.missing == (
        "户申请：申请书和证明材料",
        "村初审：入户核实照片或核查表",
        "①村党组织会议提议：会议记录",
        "①村党组织会议提议：签到表",
    )


def test_an_empty_list_says_what_it_is_for(window: MainWindow, settle: Settle) -> None:
    window.navigator.open("papers")
    settle()
    page = window.navigator.page
    assert isinstance(page, PapersPage)
    assert "还没有救助" in page.table.empty.text()
    assert not page.open_button.isEnabled()


def test_from_the_list_to_the_paper_in_two_presses(window: MainWindow, settle: Settle) -> None:
    fill_in_village(window.workspace)
    carry_case(window.workspace, upto=StepKind.TOWNSHIP_REVIEW, with_papers=False)
    window.navigator.open("papers")
    settle()
    page = window.navigator.page
    assert isinstance(page, PapersPage)
    assert "要打印 1 张" in page.table.footer.text()
    page.chips.chip("lacking").click()
    assert len(page.table.rows) == 1
    page.table.open_current()
    settle()
    case_page = window.navigator.page
    assert isinstance(case_page, CasePapersPage)
    assert case_page.title == "罗铉家的公示和档案"
    assert {key: made.isEnabled() for key, made in case_page.buttons.items()} == {
        "resolution_notice": True,
        "relief_notice": True,
        "result_notice": False,
        "archive": True,
    }
    case_page.print_page()
    settle()
    preview = window.navigator.page
    assert isinstance(preview, PreviewPage)
    assert preview.paper is not None and preview.paper.kind == "relief_notice"


def test_the_page_of_a_case_tells_what_was_printed_and_by_whom(window: MainWindow, settle: Settle) -> None:
    workspace = window.workspace
    fill_in_village(workspace)
    case_id = carry_case(workspace, upto=StepKind.TOWNSHIP_REVIEW, with_papers=False)
    put_on_record(workspace, make_notice(workspace, case_id, kind=NoticeKind.RELIEF), how="打印")
    window.navigator.open("case_papers", case_id=case_id)
    settle()
    page = window.navigator.page
    assert isinstance(page, CasePapersPage)
    words = [label.text() for label in page.history.findChildren(QLabel)]
    assert any("2026年11月22日 10:00　救助对象公示　1 页　李琼仙" in text for text in words)


@pytest.mark.parametrize("percent", [100, 125, 150])
def test_no_button_of_the_pages_is_cut(
    window: MainWindow, settle: Settle, appearance: Appearance, percent: int
) -> None:
    fill_in_village(window.workspace)
    case_id = carry_case(window.workspace, upto=StepKind.TOWNSHIP_REVIEW, with_papers=False)
    appearance.set_percent(percent)
    settle()
    window.navigator.open("case_papers", case_id=case_id)
    settle()
    page = window.navigator.page
    assert isinstance(page, CasePapersPage)
    for made in page.buttons.values():
        assert made.width() >= made.sizeHint().width()
