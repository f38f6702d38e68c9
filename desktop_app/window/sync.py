"""同步 in the window: its pages, what it tells the start page and the status bar."""

from __future__ import annotations

from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.shell.registry import Registry
from desktop_app.sync.queries import list_due_items, list_status
from desktop_app.window.needing import needing
from village_core.domain.staff.rights import Right


def add_sync(registry: Registry) -> None:
    """The pages 同步 and 要您拿主意, and the form that enrols this laptop."""

    def sync(context: PageContext) -> Page:
        from desktop_app.sync.screens.sync_page import SyncPage

        return SyncPage(context)

    def join(context: PageContext) -> Page:
        from desktop_app.sync.screens.join_page import JoinPage

        return JoinPage(context)

    def questions(context: PageContext) -> Page:
        from desktop_app.sync.screens.questions_page import QuestionsPage

        return QuestionsPage(context)

    def stick(context: PageContext) -> Page:
        from desktop_app.sync.screens.bundle_page import BundlePage

        return BundlePage(context)

    registry.due.append(needing(Right.READ_HOUSEHOLDS, list_due_items, otherwise=list))
    registry.status.append(list_status)
    registry.add_page("sync", sync, section="sync")
    registry.add_page("questions", questions, section="sync")
    registry.add_page("sync_join", join, section="sync")
    registry.add_page("sync_stick", stick, section="sync")


def start_exchange(context: PageContext) -> None:
    """Let the exchange go on by itself while the window is open."""
    from desktop_app.sync.screens.runner import SyncRunner

    SyncRunner.of(context).start_automatic()
