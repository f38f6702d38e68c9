"""What a page gets from the window: the workspace, the lanes, and the ways to speak and to go elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from desktop_app.background.tasks import TaskRunner
    from desktop_app.storage.changes import Changes
    from desktop_app.storage.workspace import Workspace


class ChangeBroadcast(QObject):
    """Tells the open pages which topics a deed touched."""

    changed = Signal(object)

    def announce(self, changes: Changes) -> None:
        """Emit `changed(changes)` when it touched anything."""
        if changes.topics:
            self.changed.emit(changes)


class Navigator(Protocol):
    """Goes to pages by their key."""

    def open(self, key: str, /, **arguments: object) -> None:
        """Show the page; Esc comes back here."""
        ...

    def replace(self, key: str, /, **arguments: object) -> None:
        """Show the page in place of this one (a saved form): Esc goes where this one would have gone."""
        ...

    def back(self) -> None:
        """Go to where this page was opened from."""
        ...


class Messages(Protocol):
    """Speaks to the person at the keyboard."""

    def tell(self, text: str, *, undo: Callable[[], None] | None = None) -> None:
        """Say in the message bar what was done, with 撤销 when it can be undone. Never interrupts typing."""
        ...

    def warn(self, text: str) -> None:
        """Say in the message bar what needs a look."""
        ...

    def fail(self, error: Exception) -> None:
        """Show what went wrong: a `UserError` in its three parts, anything else as a defect of ours."""
        ...


@dataclass(frozen=True)
class PageContext:
    """The collaborators of a page."""

    workspace: Workspace
    tasks: TaskRunner
    changes: ChangeBroadcast
    navigate: Navigator
    messages: Messages
