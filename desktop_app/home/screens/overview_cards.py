"""全村 in a few numbers, and small charts with a sentence above."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.shell.overview import Chart, Figure
from desktop_app.widgets.bars import BarRow, Bars
from desktop_app.widgets.card import Card
from desktop_app.widgets.labels import phrase
from desktop_app.widgets.look import px

_PARTS = 6
_SHORT = 7
"""Longer numbers (sums of money) take half the card's width, the others a third."""


class FigureView(QWidget):
    """A number over its word; a click or Enter opens its page."""

    pressed = Signal()

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self.figure = figure
        number = QLabel(figure.value, self)
        number.setProperty("role", "figure")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(2))
        layout.addWidget(number)
        words = phrase(figure.label, self, tone="second")
        words.setWordWrap(True)
        layout.addWidget(words)
        layout.addStretch(1)
        if figure.page:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setAccessibleName(f"{figure.label} {figure.value}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if self.figure.page:
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)


class FigureCard(Card):
    """全村."""

    def __init__(self, on_press: Callable[[Figure], None]) -> None:
        super().__init__("全村")
        self._on_press = on_press
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(12))
        self._grid.setVerticalSpacing(px(12))
        for part in range(_PARTS):
            self._grid.setColumnStretch(part, 1)
        self.body.addLayout(self._grid)
        self.views: list[FigureView] = []

    def show_figures(self, figures: Sequence[Figure]) -> None:
        """Replace the numbers."""
        for old in self.views:
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.views = [FigureView(figure) for figure in figures]
        row, column = 0, 0
        for view in self.views:
            view.pressed.connect(lambda view=view: self._on_press(view.figure))
            span = _PARTS // 2 if len(view.figure.value) > _SHORT else _PARTS // 3
            if column + span > _PARTS:
                row, column = row + 1, 0
            self._grid.addWidget(view, row, column, 1, span)
            column += span
        self.setVisible(bool(figures))


class ChartCard(Card):
    """One chart."""

    def __init__(self, chart: Chart) -> None:
        super().__init__(chart.sentence)
        self.bars = Bars([BarRow(bar.label, bar.value, bar.text, bar.tone) for bar in chart.bars])
        self.body.addWidget(self.bars)
