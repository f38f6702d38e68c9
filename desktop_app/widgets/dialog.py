"""The frame of small dialogs: as wide as a paragraph reads well, as high as its sentences need."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from desktop_app.widgets.look import px


class SentenceDialog(QDialog):
    """Add to `body`. Deleted when closed."""

    def __init__(self, title: str, parent: QWidget | None = None, *, width: int = 520) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._width = px(width)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(px(24), px(20), px(24), px(18))
        self.body.setSpacing(px(12))

    def showEvent(self, event: QShowEvent) -> None:
        """Wrapped labels know their height only for a width; Qt would guess a narrow one."""
        width = max(self._width, self.body.totalMinimumSize().width())
        self.setMinimumWidth(width)
        self.resize(width, self.body.totalHeightForWidth(width))
        super().showEvent(event)
