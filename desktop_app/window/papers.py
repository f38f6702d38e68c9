"""公示档案 in the window: its pages, and which feature draws which paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.shell.registry import Registry
from village_core.domain.notices.model import NoticeKind

if TYPE_CHECKING:
    from desktop_app.journal.queries import JournalFilter
    from desktop_app.pdf_kit.paper import Paper, PaperMaker
    from desktop_app.staff.recovery_paper import OneTimePaper
    from desktop_app.storage.workspace import Workspace
    from desktop_app.sync.bundle import WrittenBundle


def add_papers(registry: Registry) -> None:
    """The list of cases with their papers, the papers of one case, and the preview of anything printed."""

    def papers(context: PageContext) -> Page:
        from desktop_app.archive.screens.papers_page import PapersPage

        return PapersPage(context)

    def case_papers(context: PageContext) -> Page:
        from desktop_app.archive.screens.case_papers_page import CasePapersPage

        return CasePapersPage(context)

    def preview(context: PageContext) -> Page:
        from desktop_app.notices.screens.preview_page import PreviewPage

        return PreviewPage(context, makers=paper_makers())

    registry.add_page("papers", papers, section="papers")
    registry.add_page("case_papers", case_papers, section="papers")
    registry.add_page("preview", preview)


def paper_makers() -> Mapping[str, PaperMaker]:
    """Who draws which kind of paper. Loading the drawing waits until something is printed."""
    makers: dict[str, PaperMaker] = {kind.value: partial(_notice, kind=kind) for kind in NoticeKind}
    return makers | {
        "archive": _archive,
        "voucher": _voucher,
        "trial_balance": _trial_balance,
        "stick_slip": _stick_slip,
        "check_sheet": _check_sheet,
        "journal": _journal,
        "recovery_key": _recovery_key,
    }


def _notice(workspace: Workspace, /, *, case_id: UUID, kind: NoticeKind) -> Callable[[], Paper]:
    from desktop_app.notices.service import prepare_notice

    return prepare_notice(workspace, case_id, kind=kind)


def _recovery_key(workspace: Workspace, /, *, paper: OneTimePaper) -> Callable[[], Paper]:
    from desktop_app.staff.recovery_paper import prepare_recovery_paper

    return prepare_recovery_paper(workspace, paper=paper)


def _archive(workspace: Workspace, /, *, case_id: UUID, covered: bool = True) -> Callable[[], Paper]:
    from desktop_app.archive.service import prepare_archive

    return prepare_archive(workspace, case_id, covered=covered)


def _voucher(workspace: Workspace, /, *, voucher_id: UUID) -> Callable[[], Paper]:
    from desktop_app.ledger.papers import prepare_voucher

    return prepare_voucher(workspace, voucher_id)


def _trial_balance(workspace: Workspace, /, *, start: date, end: date) -> Callable[[], Paper]:
    from desktop_app.ledger.papers import prepare_balance_sheet

    return prepare_balance_sheet(workspace, start, end)


def _stick_slip(workspace: Workspace, /, *, written: WrittenBundle) -> Callable[[], Paper]:
    from desktop_app.sync.bundle_slip import prepare_slip

    return prepare_slip(workspace, written)


def _check_sheet(workspace: Workspace, /) -> Callable[[], Paper]:
    from desktop_app.sync.check_sheet import prepare_check_sheet

    return prepare_check_sheet(workspace)


def _journal(workspace: Workspace, /, *, wanted: JournalFilter, about: str) -> Callable[[], Paper]:
    from desktop_app.journal.sheet import prepare_journal

    return prepare_journal(workspace, wanted=wanted, about=about)
