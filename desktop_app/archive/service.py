"""The archive of a case as a paper."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from desktop_app.archive.compose import build_archive
from desktop_app.archive.pdf import render_archive
from desktop_app.archive.print_model import ArchiveFile
from desktop_app.households.queries import get_household
from desktop_app.notices.compose import find_case_id
from desktop_app.notices.service import save_paper
from desktop_app.pdf_kit.paper import NumbersOnPaper, Paper, safe_file_name
from desktop_app.relief.case_store import get_case
from desktop_app.relief.papers import list_case_papers
from desktop_app.storage.attachments import AttachmentMissingError
from desktop_app.storage.contents import want_content
from desktop_app.storage.watermark import watermark_of
from village_core.domain.staff.rights import Right

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader
    from desktop_app.storage.workspace import Workspace

ARCHIVE = "archive"
_COVERED = "号码已遮住"


def write_archive(workspace: Workspace, case_id: UUID | str, path: Path) -> tuple[int, str]:
    """Write the whole archive of a case, named by id or number, to a file; pages and SHA-256 come back."""
    with workspace.reader() as reader:
        known = case_id if isinstance(case_id, UUID) else find_case_id(reader, case_id)
    paper = make_archive(workspace, known)
    save_paper(workspace, paper, path)
    return paper.rendered.pages, paper.rendered.sha256


def make_archive(workspace: Workspace, case_id: UUID, *, covered: bool = False) -> Paper:
    """The archive as a paper; nothing is put on record yet."""
    return prepare_archive(workspace, case_id, covered=covered)()


def prepare_archive(workspace: Workspace, case_id: UUID, *, covered: bool = False) -> Callable[[], Paper]:
    """Gather the archive with its scans; calling the answer draws it. Scans that are on another laptop only are
    fetched at the next exchange. Not `covered` it is for those only who may see whole numbers; a window asks them
    why before, and notes it."""
    workspace.require(Right.READ_CASES, about=case_id)
    if not covered:
        workspace.require(Right.REVEAL_NUMBERS, about=case_id)
    try:
        with workspace.reader() as reader:
            file = build_archive(reader, workspace.attachments, case_id, covered=covered)
            words = watermark_of(workspace, reader).words
            numbers = _numbers(reader, case_id, covered=covered)
    except AttachmentMissingError:
        _want_scans(workspace, case_id)
        raise
    return partial(_draw, file, case_id, watermark=words, numbers=numbers)


def _numbers(reader: Reader, case_id: UUID, *, covered: bool) -> NumbersOnPaper:
    case = get_case(reader, case_id)
    household = get_household(reader, case.household_id)
    return NumbersOnPaper(
        about=household.id,
        whose=f"{household.group_name or ''} {household.title}家".strip(),
        what=f"{case.number} 号一户一档里的证件号码、银行账号和证件照片",
        covered=covered,
    )


def _want_scans(workspace: Workspace, case_id: UUID) -> None:
    with workspace.reader() as reader:
        case = get_case(reader, case_id)
        papers = list_case_papers(reader, [record.id for record in case.records])
    for paper in papers:
        if not workspace.attachments.has(paper.sha256):
            want_content(workspace, paper.medium_sha256 or paper.sha256)


def _draw(file: ArchiveFile, case_id: UUID, *, watermark: str, numbers: NumbersOnPaper) -> Paper:
    covered = _COVERED if numbers.covered else ""
    number = next(field.value for field in file.cover.fields if field.label == "救助编号")
    return Paper(
        kind=ARCHIVE,
        title="　".join(part for part in (f"{file.cover.title} {file.cover.subject}（{number}）", covered) if part),
        subject=f"{number} 号　{file.cover.subject}",
        file_name=safe_file_name("_".join(part for part in ("一户一档", number, covered) if part) + ".pdf"),
        rendered=render_archive(file, watermark="　".join(part for part in (watermark, covered) if part)),
        case_id=case_id,
        numbers=numbers,
    )
