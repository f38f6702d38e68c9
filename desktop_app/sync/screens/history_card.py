"""历次同步: what each exchange did, in sentences, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.sync.queries import PastExchange
from desktop_app.sync.standing import size_words
from desktop_app.sync.trouble import DONE, STOPPED
from desktop_app.sync.words import day_words
from desktop_app.widgets.buttons import Button, link_button
from desktop_app.widgets.card import Card
from desktop_app.widgets.labels import hint, paragraph
from desktop_app.widgets.look import px

_FIRST_SHOWN = 5


class HistoryCard(Card):
    """The last few; the rest when she asks for them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("历次同步", parent=parent)
        self._past: tuple[PastExchange, ...] = ()
        self._now: datetime | None = None
        self._all = False
        self._lines = QVBoxLayout()
        self._lines.setSpacing(px(10))
        self.more_button: Button = link_button("看更早的", self._on_more_pressed)
        self.body.addLayout(self._lines)
        self.body.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)

    def show_past(self, past: Sequence[PastExchange], now: datetime) -> None:
        """Write it anew, if it is otherwise than before."""
        if self._now is not None and self._past == tuple(past) and self._now.date() == now.date():
            return
        self._past, self._now = tuple(past), now
        self._write()

    def _write(self) -> None:
        now = self._now
        assert now is not None
        while (item := self._lines.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for one in self._past if self._all else self._past[:_FIRST_SHOWN]:
            self._lines.addWidget(_line(one, now))
        if not self._past:
            self._lines.addWidget(paragraph("还没有同步过。", tone="second"))
        self.more_button.setVisible(len(self._past) > _FIRST_SHOWN)
        self.more_button.setText("只看最近的" if self._all else "看更早的")

    def _on_more_pressed(self) -> None:
        self._all = not self._all
        self._write()


def _line(past: PastExchange, now: datetime) -> QWidget:
    box = QWidget()
    layout = QVBoxLayout(box)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(px(2))
    moved = past.bytes_up + past.bytes_down
    layout.addWidget(hint(day_words(past.at, now) + (f" · {size_words(moved)}" if moved else "")))
    done = past.outcome in (DONE, STOPPED)
    layout.addWidget(paragraph(past.words if done else f"● {past.words}", tone="plain" if done else "soon"))
    return box
