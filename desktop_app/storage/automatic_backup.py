"""A backup a day without being asked, beside the workspace; the newest seven are kept."""

from __future__ import annotations

from pathlib import Path

from desktop_app.storage.backup import write_backup
from desktop_app.storage.problems import explain_system
from desktop_app.storage.workspace import BACKUP_FOLDER, Workspace
from village_core.domain.clock import stamp, today

KEPT = 7
LAST_BACKUP = "backup.last_at"
"""Key of `device_state`: when the last automatic backup was read back."""


def back_up_daily(workspace: Workspace) -> Path | None:
    """Today's automatic backup, or None when it is there already.

    Without attachments: their files are never changed, and copying them each day would fill the disk.
    An old backup goes only after the new one was read back.
    """
    folder = workspace.folder / BACKUP_FOLDER
    target = folder / f"auto-{today(workspace.clock):%Y-%m-%d}.tgb"
    if target.exists():
        return None
    try:
        folder.mkdir(exist_ok=True)
        write_backup(workspace, target, with_attachments=False)
        workspace.set_state(LAST_BACKUP, stamp(workspace.clock))
        for old in sorted(folder.glob("auto-*.tgb"))[:-KEPT]:
            old.unlink()
    except OSError as error:
        raise explain_system(error) from error
    return target
