"""Phrases of the bottom line that give way on a small screen: cut with …, the whole in the tooltip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from desktop_app.widgets.buttons import Button

_SHORTEST = 5
"""Characters that stay to be read, the sign among them."""


class StatusPhrase(QLabel):
    """Words that lead nowhere."""

    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__(words, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._words = words
        self._width = 0

    def sizeHint(self) -> QSize:
        """Of the whole phrase, so that it comes back when there is room."""
        return _whole_size(self, self._words, super().sizeHint())

    def minimumSizeHint(self) -> QSize:
        return _least_size(self, self.sizeHint())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setText(_fitting(self, self._words))


class StatusLink(Button):
    """Words that lead to a page."""

    def __init__(self, words: str, parent: QWidget) -> None:
        super().__init__(words.replace("&", "&&"), parent)
        self._words = words
        self.setProperty("kind", "link")
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(words)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Of the whole phrase, so that it comes back when there is room."""
        return _whole_size(self, self._words, super().sizeHint())

    def minimumSizeHint(self) -> QSize:
        return _least_size(self, self.sizeHint())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setText(_fitting(self, self._words).replace("&", "&&"))


def _shown(widget: QLabel | Button) -> str:
    return widget.text() if isinstance(widget, QLabel) else widget.text().replace("&&", "&")


def _whole_size(widget: QLabel | Button, words: str, hint: QSize) -> QSize:
    metrics = widget.fontMetrics()
    shown = _shown(widget)
    return QSize(hint.width() + metrics.horizontalAdvance(words) - metrics.horizontalAdvance(shown), hint.height())


def _least_size(widget: QWidget, whole: QSize) -> QSize:
    return QSize(min(whole.width(), widget.fontMetrics().horizontalAdvance("田") * _SHORTEST), whole.height())


def _fitting(widget: QLabel | Button, words: str) -> str:
    """As much as there is room for; the tooltip has the rest."""
    frame = widget.sizeHint().width() - widget.fontMetrics().horizontalAdvance(words)
    missing = widget.width() < widget.sizeHint().width()
    widget.setToolTip(words if missing else "")
    if not missing:
        return words
    return widget.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, max(widget.width() - frame, 0))
