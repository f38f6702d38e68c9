"""Words on the window: headings, hints, text that wraps and is never cut."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from desktop_app.widgets.look import set_tone


def heading(text: str, parent: QWidget | None = None) -> QLabel:
    """The title of a card or of a group of fields."""
    return _label(text, parent, role="heading")


def hint(text: str, parent: QWidget | None = None) -> QLabel:
    """Small grey words under something."""
    return _label(text, parent, role="hint")


def paragraph(text: str, parent: QWidget | None = None, *, tone: str = "plain") -> QLabel:
    """Text that wraps and can be copied."""
    label = _label(text, parent, role="text")
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    set_tone(label, tone)
    return label


def phrase(text: str, parent: QWidget | None = None, *, tone: str = "plain") -> QLabel:
    """A few words in one line."""
    label = QLabel(text, parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    set_tone(label, tone)
    return label


def _label(text: str, parent: QWidget | None, *, role: str) -> QLabel:
    label = QLabel(text, parent)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(True)
    label.setSizePolicy(policy)
    return label
