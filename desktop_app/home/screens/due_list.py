"""今天要办: one row a thing, the most urgent on top, one button each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.shell.due import DueItem, urgency
from desktop_app.widgets.buttons import Button, button
from desktop_app.widgets.card import Card, ScrollColumn
from desktop_app.widgets.icons import pixmap
from desktop_app.widgets.labels import hint, paragraph, phrase
from desktop_app.widgets.look import px, set_tone

_TONES = {"超期": "bad", "今天": "soon", "三天内": "soon"}
_SIGNS = {"超期": "stop", "今天": "clock", "三天内": "clock"}
_KIND_WORDS = "今天没有到期的事。\n村里的事都在手上，可以歇口气，或去看看农户。"
_AT_MOST = 60


class DueRow(QFrame):
    """One thing to do."""

    def __init__(self, item: DueItem, today: date) -> None:
        super().__init__()
        self.setObjectName("row")
        self.item = item
        urgent = urgency(item, today)
        tone = _TONES.get(urgent, "second")
        self.button: Button = button(item.action, lambda: None)
        sign = QLabel(self)
        sign.setPixmap(pixmap(_SIGNS.get(urgent, "clock"), tone=_icon_tone(tone), size=18))
        left = QVBoxLayout()
        left.setSpacing(px(2))
        word = phrase(urgent, self, tone=tone)
        word.setMinimumWidth(px(64))
        left.addStretch(1)
        left.addWidget(word)
        day = when(item, today)
        if day and day != urgent:
            day_label = hint(day, self)
            day_label.setWordWrap(False)
            set_tone(day_label, tone)
            left.addWidget(day_label)
        left.addStretch(1)
        words = QVBoxLayout()
        words.setSpacing(px(2))
        words.addWidget(paragraph(item.title, self))
        if item.detail:
            words.addWidget(hint(item.detail, self))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(px(2), px(10), px(2), px(10))
        layout.setSpacing(px(10))
        layout.addWidget(sign)
        layout.addLayout(left)
        layout.addLayout(words, 1)
        layout.addWidget(self.button)


class DueList(Card):
    """The card with the rows; `asked_for` carries the item whose button was pressed."""

    asked_for = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("今天要办", side=" ", parent=parent)
        self._column = ScrollColumn(self)
        self._column.body.setSpacing(0)
        self.empty = paragraph("", self, tone="second")
        self.body.addWidget(self.empty)
        self.body.addWidget(self._column, 1)
        self.rows: list[DueRow] = []
        self.setFocusProxy(self._column)

    def show_items(self, items: Sequence[DueItem], today: date) -> None:
        """Replace the rows; says kindly that nothing is due."""
        body = self._column.body
        while (old := body.takeAt(0)) is not None:
            widget = old.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.rows = [DueRow(item, today) for item in items[:_AT_MOST]]
        for row in self.rows:
            row.button.clicked.connect(lambda _=False, item=row.item: self.asked_for.emit(item))
            body.addWidget(row)
            row.show()
        if len(items) > _AT_MOST:
            body.addWidget(hint(f"后面还有 {len(items) - _AT_MOST} 件，办完上面的再看。"))
        body.addStretch(1)
        self.set_title("今天要办", side=f"{len(items)} 件" if items else "")
        self.empty.setText("" if items else _KIND_WORDS)
        self.empty.setVisible(not items)


def when(item: DueItem, today: date) -> str:
    """已超 1 天, 今天, 10月28日."""
    if item.due is None:
        return ""
    days = (item.due - today).days
    if days < 0:
        return f"已超 {-days} 天"
    if days == 0:
        return "今天"
    year = f"{item.due.year}年" if item.due.year != today.year else ""
    return f"{year}{item.due.month}月{item.due.day}日"


def _icon_tone(tone: str) -> str:
    return "text_second" if tone == "second" else tone
