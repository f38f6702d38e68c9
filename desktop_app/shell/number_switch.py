"""Cells that nobody understood may hold any number: covered, shown once the reason is on record, covered again when
the page is left or the window locked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QEvent, QObject, Signal

from desktop_app.shell.revealing import reveal
from desktop_app.widgets.buttons import Button, link_button
from village_core.domain.staff.rights import Right

if TYPE_CHECKING:
    from desktop_app.shell.page import Page

T = TypeVar("T")


class NumberSwitch(QObject):
    """The button 显示号码 of a page that reads a sheet. `sheet` names the file, `what` the deed for the journal."""

    changed = Signal()

    def __init__(self, page: Page, *, sheet: Callable[[], str], what: str) -> None:
        super().__init__(page)
        self._page, self._sheet, self._what = page, sheet, what
        self._shown = False
        self._sheets = 0
        self.button: Button = link_button("显示号码", self.press)
        page.guard(self.button, Right.REVEAL_NUMBERS)
        page.installEventFilter(self)

    def press(self) -> None:
        """Show what stands in the cells, once that is noted; pressed again, cover it."""
        if self._shown:
            self._turn(shown=False)
            return
        name, asked_for = self._sheet(), self._sheets
        reveal(
            self._page,
            name,
            whose=f"“{name}”里没有看懂的格子",
            what=self._what,
            on_noted=lambda: self._turn(shown=self._page.isVisible() and asked_for == self._sheets),
        )

    def pick(self, lines: list[T], covered: list[T]) -> list[T]:
        """Those that are to be shown now; the button is there where that makes a difference."""
        self.button.setVisible(covered != lines)
        self.button.setText("遮住号码" if self._shown else "显示号码")
        return lines if self._shown else covered

    def reset(self) -> None:
        """Another sheet, or none: of this one nobody has asked to see anything."""
        self._shown = False
        self._sheets += 1
        self.button.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Hide and self._shown:
            self._turn(shown=False)
        return super().eventFilter(watched, event)

    def _turn(self, *, shown: bool) -> None:
        self._shown = shown
        self.changed.emit()
