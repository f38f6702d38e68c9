"""Scans of a case: only pictures that open, each once, none after the archive."""

from __future__ import annotations

from uuid import UUID

import pytest

from desktop_app.relief.papers import attach_paper, paper_kinds
from desktop_app.relief.queries import get_case_detail
from desktop_app.storage.workspace import Workspace
from tests.relief.village import add_papers, picture, usual_step, walk
from tests.workspaces import do
from village_core.domain.errors import RefusedError
from village_core.domain.ids import new_id
from village_core.domain.relief.check_archive import PAPER_TITLES
from village_core.domain.relief.steps import StepKind


def application_id(workspace: Workspace, case_id: UUID) -> UUID:
    with workspace.reader() as reader:
        record = get_case_detail(reader, case_id).state.last(StepKind.APPLICATION)
    assert record is not None
    return record.id


def attach(workspace: Workspace, case_id: UUID, content: bytes, *, step_id: UUID | None = None) -> UUID:
    step_id = step_id or application_id(workspace, case_id)
    return do(
        workspace,
        lambda uow: attach_paper(
            uow, workspace.attachments, step_id, case_id=case_id, kind="application", content=content
        ),
    ).paper_id


def test_a_refused_photo_leaves_nothing_behind(workspace: Workspace, case_id: UUID) -> None:
    with pytest.raises(RefusedError):
        attach(workspace, case_id, b"not a picture")
    assert list(workspace.attachments.files()) == []
    with workspace.reader() as reader:
        assert get_case_detail(reader, case_id).papers == ()


def test_a_scan_comes_back_as_it_was_and_counts_once(workspace: Workspace, case_id: UUID) -> None:
    first = attach(workspace, case_id, picture(1))
    assert attach(workspace, case_id, picture(1)) == first
    attach(workspace, case_id, picture(2))
    with workspace.reader() as reader:
        detail = get_case_detail(reader, case_id)
    papers = detail.papers_of(application_id(workspace, case_id))
    assert [paper.kind_title for paper in papers] == ["申请书和证明材料"] * 2
    assert workspace.attachments.get(papers[0].sha256) == picture(1)


def test_a_scan_belongs_to_a_step_of_its_case(workspace: Workspace, case_id: UUID) -> None:
    with pytest.raises(RefusedError, match="找不到要放照片的那一步"):
        attach(workspace, case_id, picture(), step_id=new_id())


def test_nothing_is_added_to_an_archived_file(workspace: Workspace, case_id: UUID) -> None:
    add_papers(workspace, case_id, application_id(workspace, case_id), StepKind.APPLICATION)
    walk(workspace, case_id, until=StepKind.ARCHIVE, papers=True)
    usual_step(workspace, case_id, StepKind.ARCHIVE)
    with pytest.raises(RefusedError, match="已经归档"):
        attach(workspace, case_id, picture(5))


def test_every_step_offers_papers_that_have_a_name() -> None:
    for kind in StepKind:
        kinds = paper_kinds(kind)
        assert kinds[-1] == "other"
        assert set(kinds) <= set(PAPER_TITLES)
