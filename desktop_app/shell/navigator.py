"""Which page is shown, and the way back. Pages are made when first opened and kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget

from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.shell.registry import Registry

_KEPT = 50


@dataclass(frozen=True)
class Place:
    """A page and the arguments it was opened with."""

    key: str
    arguments: dict[str, object] = field(default_factory=dict)


class PageNavigator(QObject):
    """Implements `shell.context.Navigator`."""

    arrived = Signal(str, object)
    """(key, page) after a page was opened."""
    made = Signal(object)
    """A new page, before it is opened for the first time."""

    def __init__(self, registry: Registry, *, home: str) -> None:
        super().__init__()
        self._registry = registry
        self._home = home
        self._context: PageContext | None = None
        self._stack = QStackedWidget()
        self._pages: dict[str, Page] = {}
        self._history: list[Place] = []

    def start(self, context: PageContext, stack: QStackedWidget) -> None:
        """Use this context and this stack from now on; pages made before are forgotten."""
        self._context = context
        self._stack = stack
        self._pages = {}

    @property
    def place(self) -> Place | None:
        """Where one is."""
        return self._history[-1] if self._history else None

    @property
    def page(self) -> Page | None:
        """The page that is shown."""
        return None if self.place is None else self._pages.get(self.place.key)

    @property
    def can_go_back(self) -> bool:
        """Whether Esc leads anywhere."""
        return len(self._history) > 1 or (self.place is not None and self.place.key != self._home)

    def knows(self, key: str) -> bool:
        """Whether there is such a page."""
        return key in self._registry.makers

    def open(self, key: str, /, **arguments: object) -> None:
        if self._may_leave():
            self._go(Place(key, arguments))

    def replace(self, key: str, /, **arguments: object) -> None:
        if self._may_leave():
            if self._history:
                self._history.pop()
            self._go(Place(key, arguments))

    def back(self) -> None:
        if not self.can_go_back or not self._may_leave():
            return
        self._history.pop()
        self._go(self._history.pop() if self._history else Place(self._home))

    def leave(self) -> list[Place]:
        """Forget the way here, for another person; it is given back to who comes again."""
        way, self._history = self._history, []
        return way

    def return_to(self, way: list[Place]) -> None:
        """Go to the end of a way that was left, to the start page without one."""
        self._history = list(way)
        self.reopen()

    def reopen(self) -> None:
        """Open the present place anew, after the pages were forgotten."""
        place = self._history.pop() if self._history else Place(self._home)
        self._go(place)

    def on_changes(self, topics: frozenset[str]) -> None:
        """Load the shown page again if the topics concern it; the others load when they are opened anyway."""
        page = self.page
        if page is not None and page.topics & topics:
            page.on_changes()

    def _may_leave(self) -> bool:
        return self.page is None or self.page.may_leave()

    def _go(self, place: Place) -> None:
        page = self._page(place.key)
        if self._history and self._history[-1] == place:
            self._history.pop()
        self._history.append(place)
        del self._history[:-_KEPT]
        self._stack.setCurrentWidget(page)
        page.open(**place.arguments)
        page.follow_duties()
        self.arrived.emit(place.key, page)

    def _page(self, key: str) -> Page:
        if key not in self._pages:
            assert self._context is not None
            page = self._registry.makers[key](self._context)
            self._pages[key] = page
            self._stack.addWidget(page)
            self.made.emit(page)
        return self._pages[key]
