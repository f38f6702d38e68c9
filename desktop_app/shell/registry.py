"""What the window can show. `desktop_app/window.py` fills it; the shell itself knows no feature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desktop_app.shell.due import DueProvider
from desktop_app.shell.overview import OverviewProvider
from desktop_app.shell.search import SearchProvider
from desktop_app.shell.status import StatusProvider

if TYPE_CHECKING:
    from desktop_app.shell.context import PageContext
    from desktop_app.shell.page import Page
    from desktop_app.storage.unit_of_work import Reader
    from village_core.domain.staff.rights import Right

PageMaker = Callable[["PageContext"], "Page"]


@dataclass(frozen=True)
class Section:
    """One word of the navigation: its page key and its icon."""

    key: str
    words: str
    icon: str
    needs: Right | None = None
    """Who has not this right does not see it."""


@dataclass
class Registry:
    """Pages by key, sections of the navigation, and what features tell to the start page, search and status."""

    sections: list[Section] = field(default_factory=list)
    makers: dict[str, PageMaker] = field(default_factory=dict)
    section_of: dict[str, str] = field(default_factory=dict)
    due: list[DueProvider] = field(default_factory=list)
    search: list[SearchProvider] = field(default_factory=list)
    status: list[StatusProvider] = field(default_factory=list)
    overviews: list[OverviewProvider] = field(default_factory=list)
    village_name: Callable[[Reader], str] | None = None

    def add_page(self, key: str, make: PageMaker, *, section: str = "") -> None:
        """Register a page; without `section` the navigation keeps the mark it had."""
        self.makers[key] = make
        self.section_of[key] = section
