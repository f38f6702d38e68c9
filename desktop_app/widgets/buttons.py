"""Buttons. Each is a verb with its object; Enter presses the one that has the focus."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QWidget


class Button(QPushButton):
    """A push button that Enter presses too, not only the space bar.

    While it is off for its own work nothing has the cursor (Qt would hand it on to the search box); then it is back.
    """

    _lent_cursor = False
    _wanted = True
    _barred = ""

    def bar(self, reason: str) -> None:
        """Keep it off, whoever switches it on, with the reason as its tooltip; '' lets it go again."""
        if reason != self._barred:
            self._barred = reason
            self.setToolTip(reason)
            self.setEnabled(self._wanted)

    def setEnabled(self, enabled: bool) -> None:
        self._wanted = enabled
        enabled = enabled and not self._barred
        if not enabled and self.hasFocus():
            self._lent_cursor = True
            self.clearFocus()
        super().setEnabled(enabled)
        if enabled and self._lent_cursor:
            self._lent_cursor = False
            if self.isVisible() and self.window().focusWidget() is None:
                self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


def button(text: str, on_click: Callable[[], object], *, parent: QWidget | None = None) -> Button:
    """An ordinary button."""
    return _make(text, on_click, parent, kind="plain")


def primary_button(text: str, on_click: Callable[[], object], *, parent: QWidget | None = None) -> Button:
    """The one deed of the page."""
    return _make(text, on_click, parent, kind="primary")


def link_button(text: str, on_click: Callable[[], object], *, parent: QWidget | None = None) -> Button:
    """Words that lead somewhere."""
    made = _make(text, on_click, parent, kind="link")
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    return made


def _make(text: str, on_click: Callable[[], object], parent: QWidget | None, *, kind: str) -> Button:
    made = Button(text.replace("&", "&&"), parent)
    made.setProperty("kind", kind)
    made.setAutoDefault(False)
    made.clicked.connect(lambda: on_click())
    return made
