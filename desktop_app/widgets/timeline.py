"""Stations from left to right: done (who, when), now (what is missing), later (when it can begin)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.widgets.look import colour, px, text_font

_NAME_SIZES = (15, 14, 13)
_TEXT_FLAGS = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap


class StationState(Enum):
    """Where a station stands."""

    DONE = "done"
    NOW = "now"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True)
class Station:
    """One stop. `lines` stand under its name; `tone` colours the first of them (soon, bad)."""

    key: str
    name: str
    state: StationState
    lines: tuple[str, ...] = ()
    tone: str = ""


class Timeline(QWidget):
    """The stations of a case. A click, or arrows and Enter, chooses one."""

    chosen = Signal(str)

    def __init__(self, stations: Sequence[Station] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stations: tuple[Station, ...] = ()
        self._current = 0
        self._name_font = text_font(15)
        self._bold_font = text_font(15, bold=True)
        self._mark_font = text_font(15, bold=True)
        self._small_font = text_font(13)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_stations(stations)

    def set_stations(self, stations: Sequence[Station], *, current: str = "") -> None:
        """Show these; `current` is the one whose details are on the page (default: the one that is now)."""
        self._stations = tuple(stations)
        keys = [station.key for station in self._stations]
        states = [station.state for station in self._stations]
        if current in keys:
            self._current = keys.index(current)
        elif StationState.NOW in states:
            self._current = states.index(StationState.NOW)
        else:
            self._current = 0
        self.setAccessibleName("；".join(_spoken(station) for station in self._stations))
        self._fit_height()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(px(110) * max(len(self._stations), 1), self._height(px(110)))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(70) * max(len(self._stations), 1), px(80))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._stations and event.button() is Qt.MouseButton.LeftButton:
            self._choose(int(event.position().x() * len(self._stations) / max(self.width(), 1)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in steps and self._stations:
            self._choose(self._current + steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        del event
        if not self._stations:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number in range(1, len(self._stations)):
            self._paint_line(painter, number)
        for number, station in enumerate(self._stations):
            self._paint_station(painter, number, station)
        painter.end()

    def _choose(self, number: int) -> None:
        self._current = min(max(number, 0), len(self._stations) - 1)
        self.update()
        self.chosen.emit(self._stations[self._current].key)

    def _centre(self, number: int) -> QPointF:
        width = self.width() / len(self._stations)
        return QPointF(width * (number + 0.5), px(20))

    def _paint_line(self, painter: QPainter, number: int) -> None:
        reached = self._stations[number - 1].state is StationState.DONE
        painter.setPen(QPen(colour("accent") if reached else colour("quiet"), px(3)))
        painter.drawLine(self._centre(number - 1), self._centre(number))

    def _paint_station(self, painter: QPainter, number: int, station: Station) -> None:
        centre = self._centre(number)
        state = station.state
        radius = px(15) if state in (StationState.NOW, StationState.REFUSED) else px(13)
        ring, ground, sign = _dress(state)
        painter.setPen(QPen(ring, px(2)))
        painter.setBrush(ground)
        painter.drawEllipse(centre, radius, radius)
        mark = {StationState.DONE: "✓", StationState.REFUSED: "✕"}.get(state, str(number + 1))
        painter.setFont(self._mark_font)
        painter.setPen(sign)
        around = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        painter.drawText(around, Qt.AlignmentFlag.AlignCenter, mark)
        cell = self._text_cell(number)
        if number == self._current:
            self._paint_choice(painter, cell)
        self._paint_text(painter, cell, station)

    def _paint_choice(self, painter: QPainter, cell: QRect) -> None:
        painter.setPen(QPen(colour("accent"), 1, Qt.PenStyle.DotLine) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(colour("accent_tint"))
        painter.drawRoundedRect(cell.adjusted(0, -px(2), 0, px(2)), px(6), px(6))

    def _paint_text(self, painter: QPainter, cell: QRect, station: Station) -> None:
        now = station.state is StationState.NOW
        font = self._bold_font if now else self._name_font
        painter.setFont(font)
        painter.setPen(colour("text_second" if station.state is StationState.LATER else "text"))
        used = painter.drawText(cell, _TEXT_FLAGS, station.name)
        painter.setFont(self._small_font)
        below = cell.adjusted(0, used.height() + px(2), 0, 0)
        for number, line in enumerate(station.lines):
            first_tone = station.tone if number == 0 and station.tone else "text_second"
            painter.setPen(colour(first_tone))
            used = painter.drawText(below, _TEXT_FLAGS, line)
            below = below.adjusted(0, used.height() + px(1), 0, 0)

    def _text_cell(self, number: int) -> QRect:
        width = self.width() / max(len(self._stations), 1)
        left = int(width * number) + px(3)
        return QRect(left, px(42), int(width) - px(6), self.height() - px(44))

    def _fit_height(self) -> None:
        width = self.width() // max(len(self._stations), 1)
        self._fit_names(width - px(6))
        wanted = self._height(width)
        if self.minimumHeight() != wanted:
            self.setFixedHeight(wanted)

    def _fit_names(self, room: int) -> None:
        """Smaller letters rather than a name in two lines."""
        for size in _NAME_SIZES:
            self._name_font, self._bold_font = text_font(size), text_font(size, bold=True)
            metrics = QFontMetrics(self._bold_font)
            if all(metrics.horizontalAdvance(station.name) <= room for station in self._stations):
                return

    def _height(self, width: int) -> int:
        """As high as the longest station's text at this width."""
        most = QRect(0, 0, max(width - px(6), px(30)), 10_000)
        name, small = QFontMetrics(self._bold_font), QFontMetrics(self._small_font)
        heights = [
            name.boundingRect(most, _TEXT_FLAGS, station.name).height()
            + sum(small.boundingRect(most, _TEXT_FLAGS, line).height() + px(1) for line in station.lines)
            for station in self._stations
        ]
        return px(50) + max(heights, default=0)


def _dress(state: StationState) -> tuple[QColor, QColor, QColor]:
    if state is StationState.DONE:
        return colour("accent"), colour("accent"), colour("paper")
    if state is StationState.NOW:
        return colour("accent"), colour("paper"), colour("accent")
    if state is StationState.REFUSED:
        return colour("bad"), colour("bad_tint"), colour("bad")
    return colour("border"), colour("paper"), colour("text_second")


def _spoken(station: Station) -> str:
    state = {"done": "已办", "now": "正在办", "later": "以后办", "refused": "没有通过"}[station.state.value]
    return f"{station.name}（{state}）{'，'.join(station.lines)}"
