"""Was a restore cut off in this folder? Asked at each opening, so it loads nothing unless there was one."""

from __future__ import annotations

from pathlib import Path

STAGING_FOLDER = ".restoring"


def settle_restore(folder: Path) -> None:
    """Carry through a restore that counted already, sweep up one that did not."""
    if (folder / STAGING_FOLDER).exists():
        from desktop_app.storage.restore import finish_restore

        finish_restore(folder)
