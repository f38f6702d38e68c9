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
from desktop_app.storage.workspace import Workspace
from village_core.domain.clock import today


def write_recovery_paper(workspace: Workspace, path: Path) -> tuple[int, str]:
    """A new key as a PDF; pages and SHA-256. The place is tried first: no key becomes void for a full disk."""
    write_whole(path, b"")
    rendered = render_new_key(workspace)
    write_whole(path, rendered.data)
    return rendered.pages, rendered.sha256


def render_new_key(workspace: Workspace) -> RenderedPdf:
    """Make the key, draw the sheet, forget the key."""
    with workspace.reader() as reader:
        name = get_village(reader).name
    return render_recovery_sheet(
        RecoverySheet(make_recovery_key(workspace), name, workspace.actor.name, today(workspace.clock))
    )


def prepare_recovery_paper(workspace: Workspace) -> Callable[[], Paper]:
    """For the preview: the key is made when it is drawn."""
    return lambda: Paper(
        kind="recovery_key",
        title="恢复钥匙",
        subject="打印后封存到乡镇",
        file_name="恢复钥匙.pdf",
        rendered=render_new_key(workspace),
        on_record=False,
    )
