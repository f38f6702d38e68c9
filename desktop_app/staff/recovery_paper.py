"""Makes a recovery key and puts it on paper: the only place where it is ever shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop_app.pdf_kit.document import RenderedPdf
from desktop_app.pdf_kit.paper import Paper
from desktop_app.settings.queries import get_village
from desktop_app.staff.keys import make_recovery_key
from desktop_app.staff.recovery_pdf import RecoverySheet, render_recovery_sheet
from desktop_app.storage.files import write_whole
from desktop_app.storage.recovery_key import KEPT, STANDING
from desktop_app.storage.watermark import watermark_of
from desktop_app.storage.workspace import Workspace
from village_core.domain.clock import today
from village_core.domain.errors import RefusedError


def write_recovery_paper(workspace: Workspace, path: Path) -> tuple[int, str]:
    """A new key as a PDF; pages and SHA-256. The place is tried first: no key becomes void for a full disk."""
    write_whole(path, b"")
    rendered = render_new_key(workspace)
    write_whole(path, rendered.data)
    workspace.set_state(STANDING, KEPT)
    return rendered.pages, rendered.sha256


def render_new_key(workspace: Workspace) -> RenderedPdf:
    """Make the key, draw the sheet, forget the key."""
    with workspace.reader() as reader:
        name, mark = get_village(reader).name, watermark_of(workspace, reader)
    key = make_recovery_key(workspace)
    return render_recovery_sheet(RecoverySheet(key, name, mark.who, today(workspace.clock), mark.words))


class OneTimePaper:
    """A paper for one preview: who comes back to the preview must make a new key."""

    def __init__(self, paper: Paper) -> None:
        self._paper: Paper | None = paper

    def take(self) -> Paper:
        """The paper, the first time."""
        paper, self._paper = self._paper, None
        if paper is None:
            raise RefusedError(
                "恢复钥匙只显示一次。", safe="印好的那一张还能用。", next_step="没有印好的，请另做一把，旧的就作废了。"
            )
        return paper


def make_recovery_paper(workspace: Workspace) -> Paper:
    """Make a key and draw its sheet."""
    return Paper(
        kind="recovery_key",
        title="恢复钥匙",
        subject="打印后封存到乡镇",
        file_name="恢复钥匙.pdf",
        rendered=render_new_key(workspace),
        on_record=False,
        on_kept=lambda: workspace.set_state(STANDING, KEPT),
    )


def prepare_recovery_paper(workspace: Workspace, *, paper: OneTimePaper) -> Callable[[], Paper]:
    """For the preview."""
    del workspace
    return paper.take
