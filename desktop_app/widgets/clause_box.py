"""The text of a rule with its source, in a quiet box."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop_app.widgets.labels import hint, paragraph
from desktop_app.widgets.look import px, set_tone


class ClauseBox(QFrame):
    """「rule」 and the document it stands in; `message` says first what it means here. Tones: plain, soon, bad."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("clause")
        self.message = paragraph("", self)
        self.clause = paragraph("", self, tone="second")
        self.source = hint("", self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(14), px(10), px(14), px(10))
        layout.setSpacing(px(4))
        for label in (self.message, self.clause, self.source):
            layout.addWidget(label)
        self.set_clause("", "")

    def set_clause(self, clause: str, source: str, *, message: str = "", tone: str = "plain") -> None:
        """Show a rule; all empty hides the box."""
        set_tone(self, tone)
        for label, text in (
            (self.message, message),
            (self.clause, f"「{clause}」" if clause else ""),
            (self.source, source),
        ):
            label.setText(text)
            label.setVisible(bool(text))
        self.setVisible(bool(clause or message))
