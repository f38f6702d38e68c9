"""What an empty list means, and what can be done about it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.widgets.card import Card
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px


class EmptyState(Card):
    """A sentence in the middle of an empty space, with a button when something can be done."""

    def __init__(self, text: str, *, action: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._label = paragraph(text, self, tone="second")
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout()
        layout.setSpacing(px(16))
        layout.addStretch(1)
        layout.addWidget(self._label)
        if action is not None:
            layout.addWidget(action, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)
        self.body.addLayout(layout, 1)

    def set_text(self, text: str) -> None:
        """Change the sentence."""
        self._label.setText(text)

    def text(self) -> str:
        """The sentence."""
        return self._label.text()
