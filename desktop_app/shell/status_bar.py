"""The bottom line: when it was saved, what waits, when equality was last proved, the last backup."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop_app.shell.status import StatusItem
from desktop_app.shell.status_phrases import StatusLink, StatusPhrase
from desktop_app.widgets.labels import phrase
from desktop_app.widgets.look import px, set_tone
from village_core.domain.clock import CHINA

_SIGNS = {"soon": "● ", "bad": "✕ ", "good": "✓ "}


class StatusBar(QFrame):
    """Phrases; those with a page can be clicked."""

    asked_for = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self.saved = phrase("", self, tone="second")
        self._left = QHBoxLayout()
        self._right = QHBoxLayout()
        for side in (self._left, self._right):
            side.setSpacing(px(24))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(px(18), px(4), px(18), px(4))
        layout.setSpacing(px(24))
        layout.addWidget(self.saved)
        layout.addLayout(self._left)
        layout.addStretch(1)
        layout.addLayout(self._right)
        self.setMinimumHeight(px(36))

    def show_saved(self, moment: datetime) -> None:
        """已保存 09:41."""
        self.saved.setText(f"已保存 {moment.astimezone(CHINA):%H:%M}")

    def show_items(self, items: Sequence[StatusItem]) -> None:
        """Replace the phrases of sync and backup."""
        for side in (self._left, self._right):
            while (old := side.takeAt(0)) is not None:
                widget = old.widget()
                if widget is not None:
                    widget.hide()
                    widget.deleteLater()
        for item in sorted(items, key=lambda item: item.order):
            (self._right if item.right else self._left).addWidget(self._phrase(item))

    def _phrase(self, item: StatusItem) -> QWidget:
        words = _SIGNS.get(item.tone, "") + item.text
        tone = "second" if item.tone == "plain" else item.tone
        if not item.page:
            words_only = StatusPhrase(words, self)
            set_tone(words_only, tone)
            return words_only
        made = StatusLink(words, self)
        made.clicked.connect(lambda: self.asked_for.emit(item.page))
        set_tone(made, item.tone)
        return made
