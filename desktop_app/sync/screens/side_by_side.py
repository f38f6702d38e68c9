"""Cards in two columns, or in one below the other where the window is narrow or the type is large."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from desktop_app.widgets.look import px

_NARROW = 720


class SideBySide(QWidget):
    """The keyboard goes down the left column, then down the right one. `narrow`: from this width on they stand beside
    one another; a card that is alone in its column is as high as the other column."""

    def __init__(
        self,
        left: Sequence[QWidget],
        right: Sequence[QWidget],
        parent: QWidget | None = None,
        *,
        narrow: int = _NARROW,
    ) -> None:
        super().__init__(parent)
        self._narrow = narrow
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._both.setContentsMargins(0, 0, 0, 0)
        self._both.setSpacing(px(14))
        for column in (left, right):
            side = QVBoxLayout()
            side.setSpacing(px(14))
            for card in column:
                side.addWidget(card)
            if len(column) > 1:
                side.addStretch(1)
            self._both.addLayout(side, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < px(self._narrow)
        wanted = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._both.direction() is not wanted:
            self._both.setDirection(wanted)
