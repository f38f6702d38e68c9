"""Notices of a case as papers; a paper that leaves the program is put on record."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from desktop_app.notices.compose import build_notice, find_case_id
from desktop_app.notices.pdf import render_notice
from desktop_app.notices.queries import PAPER_TITLES
from desktop_app.pdf_kit.paper import Paper, safe_file_name
from desktop_app.storage.changes import Changes
from desktop_app.storage.files import write_whole
from village_core.domain.clock import stamp
from village_core.domain.ids import new_id
from village_core.domain.notices.model import NOTICE_TITLES, NoticeKind, ReliefNotice
from village_core.domain.staff.rights import Right
from village_core.records.notices import PrintedDocument

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import UnitOfWork
    from desktop_app.storage.workspace import Workspace


def write_relief_notice(workspace: Workspace, case_id: UUID | str, path: Path) -> tuple[int, str]:
    """Write the 救助对象公示 of a case, named by id or number, to a file; pages and SHA-256 come back."""
    return write_notice(workspace, case_id, path, kind=NoticeKind.RELIEF)


def write_notice(workspace: Workspace, case_id: UUID | str, path: Path, *, kind: NoticeKind) -> tuple[int, str]:
    """Write one of the three publications to a file."""
    with workspace.reader() as reader:
        known = case_id if isinstance(case_id, UUID) else find_case_id(reader, case_id)
    paper = make_notice(workspace, known, kind=kind)
    save_paper(workspace, paper, path)
    return paper.rendered.pages, paper.rendered.sha256


def make_notice(workspace: Workspace, case_id: UUID, *, kind: NoticeKind) -> Paper:
    """The notice as a paper; nothing is put on record yet."""
    return prepare_notice(workspace, case_id, kind=kind)()


def prepare_notice(workspace: Workspace, case_id: UUID, *, kind: NoticeKind) -> Callable[[], Paper]:
    """Gather the notice; calling the answer draws it."""
    workspace.require(Right.READ_CASES, about=case_id)
    with workspace.reader() as reader:
        notice = build_notice(reader, case_id, kind)
    return partial(_draw, notice, case_id)


def _draw(notice: ReliefNotice, case_id: UUID) -> Paper:
    name = NOTICE_TITLES[notice.kind]
    word = name if "公示" in name else f"公示_{name}"
    number = notice.serial.partition("：")[2]
    return Paper(
        kind=notice.kind.value,
        title=notice.title.replace("\n", ""),
        subject=f"{number} 号　{notice.rows[0].head_name}家",
        file_name=safe_file_name(f"{word}_{number}.pdf"),
        rendered=render_notice(notice),
        case_id=case_id,
    )


def save_paper(workspace: Workspace, paper: Paper, path: Path) -> Changes:
    """Write a paper to a file, whole or not at all, then put it on record."""
    workspace.require(Right.PRINT_PAPERS, about=paper.about or paper.case_id)
    write_whole(path, paper.rendered.data)
    return put_on_record(workspace, paper, how=f"存为文件 {path.name}")


def log_unfinished_print(workspace: Workspace, paper: Paper, *, how: str) -> None:
    """A print that was stopped or broke off: sheets may lie in the printer's tray, so the journal knows of it."""
    words = f"{how}{_numbers(paper)}，校验码 {paper.rendered.sha256[:16]}"
    workspace.log_access("print", paper.title, words, about=paper.about or paper.case_id)


def put_on_record(workspace: Workspace, paper: Paper, *, how: str) -> Changes:
    """A row of what was printed, and a line of the access log. `how`: printed, saved as."""
    workspace.require(Right.PRINT_PAPERS, about=paper.about or paper.case_id)
    changes = Changes.of()
    if paper.on_record:
        with workspace.unit_of_work(reason=f"打印{PAPER_TITLES.get(paper.kind, '')}") as uow:
            changes = record_printed(uow, paper)
            uow.commit()
    words = f"{how}，{paper.rendered.pages} 页{_numbers(paper)}，校验码 {paper.rendered.sha256[:16]}"
    workspace.log_access("print", paper.title, words, about=paper.about or paper.case_id)
    if paper.on_kept is not None:
        paper.on_kept()
    return changes


def _numbers(paper: Paper) -> str:
    return "，完整号码" if paper.numbers is not None and not paper.numbers.covered else ""


def record_printed(uow: UnitOfWork, paper: Paper) -> Changes:
    """The row of a printed paper, with the digest of what went out."""
    uow.require(Right.PRINT_PAPERS, about=paper.about or paper.case_id)
    uow.session.add(
        PrintedDocument(
            village=uow.village,
            id=new_id(),
            kind=paper.kind,
            case_id=paper.case_id,
            title=paper.title[:200],
            printed_on=uow.today,
            pages=paper.rendered.pages,
            sha256=paper.rendered.sha256,
            made_by=uow.actor.person_id,
            made_by_name=uow.actor.name,
            made_at=stamp(uow.clock),
        )
    )
    return Changes.of("notices")
