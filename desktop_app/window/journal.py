"""操作日志 in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_app.shell.context import PageContext
    from desktop_app.shell.page import Page
    from desktop_app.shell.registry import Registry


def add_journal(registry: Registry) -> None:
    """The page; it is opened from 设置 and from a household."""

    def journal(context: PageContext) -> Page:
        from desktop_app.journal.screens.journal_page import JournalPage

        return JournalPage(context)

    registry.add_page("journal", journal, section="settings")
