"""Says what was done, with 撤销 when it can be undone. Never takes the cursor away."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from desktop_app.widgets.buttons import Button, link_button
from desktop_app.widgets.icons import pixmap
from desktop_app.widgets.labels import paragraph, phrase
from desktop_app.widgets.look import px, set_tone

_SECONDS = 12


class MessageBar(QFrame):
    """One message at a time; it goes away by itself, or when closed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message")
        self._undo: Callable[[], None] | None = None
        self._sign = phrase("", self)
        self.words = paragraph("", self)
        self.undo_button: Button = link_button("撤销 Ctrl+Z", self.undo)
        self._close = link_button("知道了", self.clear)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(px(14), px(6), px(14), px(6))
        layout.setSpacing(px(10))
        layout.addWidget(self._sign)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.undo_button)
        layout.addWidget(self._close)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SECONDS * 1000)
        self._timer.timeout.connect(self.clear)
        self.hide()

    def show_message(self, text: str, *, tone: str = "good", undo: Callable[[], None] | None = None) -> None:
        """Show a sentence; tones are good, soon (stays until closed) and bad (stays until closed)."""
        self._undo = undo
        self.words.setText(text)
        self._sign.setPixmap(pixmap({"good": "done", "soon": "notice", "bad": "stop"}[tone], tone=tone, size=18))
        set_tone(self, tone)
        self.undo_button.setVisible(undo is not None)
        self.setVisible(True)
        if tone == "good":
            self._timer.start()
        else:
            self._timer.stop()

    @property
    def can_undo(self) -> bool:
        """Whether the message shown can be undone."""
        return self._undo is not None and not self.isHidden()

    def undo(self) -> None:
        """Undo what the message tells."""
        undo, self._undo = self._undo, None
        self.clear()
        if undo is not None:
            undo()

    def clear(self) -> None:
        """Take the message away."""
        self._timer.stop()
        self._undo = None
        self.hide()
