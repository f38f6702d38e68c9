"""A photo of a case whose original lies on another laptop: a copy is shown and said to be one, a better one fetched."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image

from desktop_app.archive.service import make_archive
from desktop_app.relief.papers import PaperRow
from desktop_app.relief.screens.paper_page import PaperPage
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.attachments import AttachmentMissingError
from desktop_app.storage.workspace import Workspace
from desktop_app.sync.content_plan import Kind, Task, plan_contents
from tests.relief.driving import Settle, detail_of, open_case_page, page_of


def large_picture() -> bytes:
    """About 2 MB that look like a photo to a JPEG encoder, held sideways."""
    out = BytesIO()
    grain = Image.effect_noise((2400, 1800), 30)
    picture = Image.blend(Image.effect_noise((48, 36), 70).resize((2400, 1800)), grain, 0.3).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x9286] = "山路拐弯处"
    picture.save(out, "JPEG", quality=92, exif=exif)
    return out.getvalue()


def put_photo(window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID, folder: Path) -> PaperRow:
    page = open_case_page(window, settle, case_id)
    page.timeline.chosen.emit("1")
    path = folder / "photo.jpg"
    path.write_bytes(large_picture())
    page.station.papers_chosen.emit(page.station.lines[0].record.id, "application", [path])
    settle()
    (paper,) = detail_of(workspace, case_id).papers
    return paper


def test_the_best_that_is_here_is_shown_and_said_to_be_a_copy(
    window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID, tmp_path: Path
) -> None:
    paper = put_photo(window, settle, workspace, case_id, tmp_path)
    store = workspace.attachments
    assert paper.small_sha256
    assert paper.medium_sha256
    copies = [store.get(name) for name in (paper.small_sha256, paper.medium_sha256)]
    assert [max(Image.open(BytesIO(copy)).size) for copy in copies] == [480, 1600]
    assert [Image.open(BytesIO(copy)).height > Image.open(BytesIO(copy)).width for copy in copies] == [True, True]
    assert len(copies[0]) <= 20_000
    assert len(copies[1]) <= 300_000
    assert not any("山路".encode() in copy for copy in copies)

    for gone, words, width in ((None, "", 1800), (paper.sha256, "压缩图", 1200), (paper.medium_sha256, "小图", 360)):
        if gone is not None:
            store.path_of(gone).unlink()
        window.navigator.open("case_paper", case_id=case_id, paper_id=paper.id)
        settle()
        viewer = page_of(window)
        assert isinstance(viewer, PaperPage)
        assert words in viewer.note.text()
        assert viewer.note.isVisible() == bool(words)
        assert viewer.picture_width == width
        if shots := os.environ.get("TIANGENG_SHOTS"):
            window.grab().save(f"{shots}/paper-{width}.png")
        window.navigator.back()
        settle()
    assert Task(paper.medium_sha256, Kind.WANTED, 0) in plan_contents(workspace)


def test_the_archive_is_made_from_the_larger_copy_and_asks_for_it_where_there_is_none(
    window: MainWindow, settle: Settle, workspace: Workspace, case_id: UUID, tmp_path: Path
) -> None:
    paper = put_photo(window, settle, workspace, case_id, tmp_path)
    assert paper.medium_sha256
    workspace.attachments.path_of(paper.sha256).unlink()
    assert make_archive(workspace, case_id).rendered.pages

    workspace.attachments.path_of(paper.medium_sha256).unlink()
    with pytest.raises(AttachmentMissingError):
        make_archive(workspace, case_id)
    assert Task(paper.medium_sha256, Kind.WANTED, 0) in plan_contents(workspace)
