"""What relief gives to the window, and what papers and books offer on a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from desktop_app.relief import start_page
from desktop_app.relief.screens.step_pages import step_pages
from desktop_app.shell.overview import Overview
from desktop_app.window.needing import needing
from village_core.domain.relief.steps import Station
from village_core.domain.staff.rights import Right

if TYPE_CHECKING:
    from desktop_app.shell.context import PageContext
    from desktop_app.shell.page import Page
    from desktop_app.shell.registry import Registry


def add_relief(registry: Registry) -> None:
    """The list, a case, a form for each step, what is due, and cases in the search box."""
    registry.due.append(needing(Right.READ_CASES, start_page.list_due_items, otherwise=list))
    registry.search.append(needing(Right.READ_CASES, start_page.search_cases, otherwise=list))
    registry.overviews.append(needing(Right.READ_CASES, start_page.get_overview, otherwise=Overview))
    makers = {"cases": _cases, "case": _case, "case_new": _new, "case_paper": _paper, **step_pages()}
    for key, make in makers.items():
        registry.add_page(key, make, section="cases")


def _cases(context: PageContext) -> Page:
    from desktop_app.relief.screens.cases_page import CasesPage

    return CasesPage(context)


def _case(context: PageContext) -> Page:
    from desktop_app.relief.screens.case_page import CaseLink, CasePage

    links = (
        CaseLink("打印公示、材料", _open_papers),
        CaseLink("看档案", _preview("archive")),
        CaseLink("打印决议公开", _preview("resolution_notice"), frozenset({Station.FOUR_MEETINGS})),
        CaseLink("打印公示", _preview("relief_notice"), frozenset({Station.NOTICE})),
        CaseLink("打印结果公开", _preview("result_notice"), frozenset({Station.PAYMENT})),
    )
    return CasePage(context, links=links)


def _new(context: PageContext) -> Page:
    from desktop_app.relief.screens.new_case_page import NewCasePage

    return NewCasePage(context)


def _paper(context: PageContext) -> Page:
    from desktop_app.relief.screens.paper_page import PaperPage

    return PaperPage(context)


def _open_papers(context: PageContext, case_id: UUID) -> None:
    context.navigate.open("case_papers", case_id=case_id)


def _preview(kind: str) -> Callable[[PageContext, UUID], None]:
    """Opens the preview of one kind of paper of a case."""

    def open_preview(context: PageContext, case_id: UUID) -> None:
        context.navigate.open("preview", kind=kind, case_id=case_id)

    return open_preview
