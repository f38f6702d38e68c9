"""Small bar charts: a sentence above, few colours, the number at the end of each bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.widgets.look import colour, px, text_font

_BAR_COLOURS = {"soon": "soon_bar", "bad": "bad"}


@dataclass(frozen=True)
class BarRow:
    """One bar. `tone`: accent, accent_mid, accent_pale, soon, bad or quiet."""

    label: str
    value: int
    text: str
    tone: str = "accent"


class Bars(QWidget):
    """Horizontal bars with a common scale; negative values are drawn without length."""

    def __init__(self, rows: Sequence[BarRow] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[BarRow, ...] = ()
        self._font = text_font(14)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_rows(rows)

    def set_rows(self, rows: Sequence[BarRow]) -> None:
        """Show these bars."""
        self._rows = tuple(rows)
        self.setAccessibleName("；".join(f"{row.label} {row.text}" for row in self._rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font)
        return QSize(self._label_width(metrics) + self._text_width(metrics) + px(120), self._height())

    def minimumSizeHint(self) -> QSize:
        metrics = QFontMetrics(self._font)
        return QSize(self._label_width(metrics) + self._text_width(metrics) + px(60), self._height())

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        metrics = QFontMetrics(self._font)
        left = self._label_width(metrics)
        room = max(self.width() - left - self._text_width(metrics) - px(20), 1)
        most = max((row.value for row in self._rows), default=0) or 1
        for number, row in enumerate(self._rows):
            top = number * px(30)
            length = max(row.value, 0) * room / most
            line = QRectF(0, top, left, px(30))
            painter.setPen(colour("text_second"))
            painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row.label)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(_BAR_COLOURS.get(row.tone, row.tone)))
            painter.drawRoundedRect(QRectF(left + px(10), top + px(7), length, px(16)), px(3), px(3))
            painter.setPen(colour("text"))
            end = QRectF(left + px(18) + length, top, self.width(), px(30))
            painter.drawText(end, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, row.text)
        painter.end()

    def _height(self) -> int:
        return px(30) * max(len(self._rows), 1)

    def _label_width(self, metrics: QFontMetrics) -> int:
        return max((metrics.horizontalAdvance(row.label) for row in self._rows), default=0)

    def _text_width(self, metrics: QFontMetrics) -> int:
        return max((metrics.horizontalAdvance(row.text) for row in self._rows), default=0) + px(4)
