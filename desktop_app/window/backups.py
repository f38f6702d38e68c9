"""备份与恢复 in the window: its pages, its reminder, and what it borrows from the parts above 设置."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from desktop_app.bootstrap import open_with_key
from desktop_app.settings.backups import PAGE, list_backup_due
from desktop_app.settings.screens.backup_runner import BackupDeeds, BackupRunner, RestoreWish
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.shell.registry import Registry

if TYPE_CHECKING:
    from desktop_app.storage.verify import VerifyReport
    from desktop_app.storage.workspace import Workspace


def add_backups(registry: Registry) -> None:
    """The page, the preview before a restore, and the reminder of the second place."""

    def backups(context: PageContext) -> Page:
        from desktop_app.settings.screens.backup_page import BackupPage

        return BackupPage(context, deeds=backup_deeds(context))

    def restore(context: PageContext) -> Page:
        from desktop_app.settings.screens.restore_page import RestorePage

        return RestorePage(context, deeds=backup_deeds(context))

    registry.due.append(list_backup_due)
    registry.add_page(PAGE, backups, section="settings")
    registry.add_page("settings_restore", restore, section="settings")


def backup_deeds(context: PageContext) -> BackupDeeds:
    """Opening as every day, verifying as the command line does, and the wish that the desk fulfils."""
    return BackupDeeds(
        open_restored=open_with_key,
        verify=_verify,
        restore=RestoreWish.of(context).wanted.emit,
    )


def start_backups(context: PageContext) -> BackupRunner:
    """Let the backups go on by themselves while the window is open."""
    runner = BackupRunner(context, backup_deeds(context))
    runner.start()
    return runner


def _verify(workspace: Workspace, progress: Callable[[int, int], None] | None = None) -> VerifyReport:
    from desktop_app.sync.proof import verify_all

    return verify_all(workspace, progress=progress)
