"""A page: one list, one form or one sheet of paper. Features derive theirs from `Page`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QWidget
from shiboken6 import isValid

from desktop_app.background.tasks import Lane, TaskContext, TaskHandle
from desktop_app.shell.context import PageContext

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader, UnitOfWork
    from desktop_app.widgets.buttons import Button
    from village_core.domain.staff.rights import Right

T = TypeVar("T")


class Page(QWidget):
    """Made when first opened, kept, and opened again with new arguments.

    Subclasses build their widgets in `__init__` after calling `super()` and override `load`.
    """

    title: str = ""
    subtitle: str = ""
    topics: frozenset[str] = frozenset()
    help_text: str = ""

    heading_changed = Signal()

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self._fetches: dict[str, TaskHandle] = {}
        self._seen: int | None = None
        self._guarded: list[tuple[Button, Right]] = []

    def open(self, **arguments: object) -> None:
        """Called each time the page is shown, with its arguments; keep them and `load`."""
        del arguments
        self.load()

    def load(self) -> None:
        """Fetch in the DB lane, then show. Called by `open` and after changes of the page's topics."""

    def on_changes(self) -> None:
        """Called while the page is shown and a deed touched its topics."""
        self.load()

    def take_cursor(self) -> None:
        """Called when the page was opened: put the cursor where she will type or choose first."""
        first = next((child for child in self.findChildren(QWidget) if _takes_keyboard(child)), None)
        if first is not None:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def may_leave(self) -> bool:
        """False keeps the page, e.g. until a question about unsaved typing has been answered."""
        return True

    def keep_typing(self) -> None:
        """Called before the window is locked: write down what is typed. Nothing of the page changes."""

    def header_buttons(self) -> list[QWidget]:
        """The buttons right of the title, the primary one last. Made once."""
        return []

    def print_page(self) -> None:
        """Ctrl+P."""

    def add_new(self) -> None:
        """Ctrl+N."""

    def save_now(self) -> None:
        """Ctrl+S."""

    def guard(self, made: Button, right: Right) -> Button:
        """A button that only who has this right can press; the others read on it why not."""
        self._guarded.append((made, right))
        return made

    def follow_duties(self) -> None:
        """Called each time the page was opened: what the person at the keyboard may not do is off, with the reason."""
        if not self._guarded:
            return
        duties = self.context.workspace.duties()
        self._guarded = [(made, right) for made, right in self._guarded if isValid(made)]
        for made, right in self._guarded:
            made.bar(duties.why_not_words(right))

    def set_heading(self, title: str, subtitle: str = "") -> None:
        """Change what stands above the page."""
        self.title = title
        self.subtitle = subtitle
        self.heading_changed.emit()

    def fetch(
        self,
        query: Callable[[Reader], T],
        show: Callable[[T], None],
        *,
        slot: str = "",
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run `query(reader)` in the DB lane, then `show(answer)`; a newer fetch of its slot replaces it."""
        if (older := self._fetches.get(slot)) is not None:
            older.drop()
        workspace = self.context.workspace

        def read(_: TaskContext) -> tuple[T, int]:
            with workspace.reader() as reader:
                return query(reader), reader.seen

        def arrived(answer: tuple[T, int]) -> None:
            if not slot:
                self._seen = answer[1]
            show(answer[0])

        self._fetches[slot] = self.context.tasks.run(read, lane=Lane.DB, owner=self, on_done=arrived, on_error=on_error)

    def what_was_seen(self) -> int | None:
        """How much of what others did is before the person now: up to which number of the county. What he decides on
        this page is based on that, whatever came while he was thinking."""
        return self._seen

    def perform(
        self,
        deed: Callable[[UnitOfWork], Any],
        *,
        reason: str = "",
        on_done: Callable[[Any], None] | None = None,
        on_error: Callable[[Exception], None] | None = None,
    ) -> TaskHandle:
        """Run `deed(uow)` in the DB lane, commit, tell the other pages, then `on_done(what deed returned)`.

        `deed` returns `Changes` or something with `.changes`; they are told even when this page is gone.
        """
        workspace, changes, tasks = self.context.workspace, self.context.changes, self.context.tasks
        seen = self.what_was_seen()

        def work(_: TaskContext) -> Any:
            with workspace.unit_of_work(reason=reason, seen=seen) as uow:
                outcome = deed(uow)
                uow.commit()
            return outcome

        def done(outcome: Any) -> None:
            changes.announce(getattr(outcome, "changes", outcome))
            if on_done is not None and isValid(self):
                on_done(outcome)

        def failed(error: Exception) -> None:
            if on_error is not None and isValid(self):
                on_error(error)
            else:
                tasks.failed.emit(error)

        return tasks.run(work, lane=Lane.DB, owner=changes, on_done=done, on_error=failed, keep=True)


def _takes_keyboard(widget: QWidget) -> bool:
    if isinstance(widget, QScrollArea):
        return False  # a frame around what takes the keyboard
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.isVisible() and widget.isEnabled()
