"""A white card with a title: the building block of pages that are not one list."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.widgets.labels import heading, paragraph, phrase
from desktop_app.widgets.look import px


class Card(QFrame):
    """A frame with `body`, a vertical layout to add to; `side` is a small text right of the title."""

    def __init__(self, title: str = "", *, side: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.title: QLabel = heading(title, self)
        self.side: QLabel = phrase(side, self, tone="second")
        self.title.setVisible(bool(title))
        self.side.setVisible(bool(side))
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(px(18), px(14), px(18), px(14))
        self.body.setSpacing(px(10))
        if title or side:
            top = QHBoxLayout()
            top.addWidget(self.title, 1)
            top.addWidget(self.side)
            self.body.addLayout(top)

    def set_title(self, title: str, *, side: str = "") -> None:
        """Change the words on top (the card must have been made with a title)."""
        self.title.setText(title)
        self.title.setVisible(bool(title))
        self.side.setText(side)
        self.side.setVisible(bool(side))


class FactList(QWidget):
    """Names on the left, values on the right, as on 户卡: text that can be copied and wraps."""

    def __init__(self, parent: QWidget | None = None, *, name_width: int = 88) -> None:
        super().__init__(parent)
        self._width = px(name_width)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(px(6))

    def set_facts(self, facts: list[tuple[str, str]]) -> None:
        """Replace all lines; an empty value shows as 未填."""
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for name, value in facts:
            self._layout.addWidget(self._line(name, value))

    def _line(self, name: str, value: str) -> QWidget:
        line = QWidget(self)
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(12))
        left = phrase(name, line, tone="second")
        left.setMinimumWidth(self._width)
        right = paragraph(value or "未填", line, tone="plain" if value else "second")
        layout.addWidget(left, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(right, 1)
        return line


class ScrollColumn(QScrollArea):
    """A column that scrolls when the page is taller than the window; `body` is its layout.

    `keep_width` never lets it become narrower than what stands in it (figures and bars cannot wrap).
    """

    def __init__(self, parent: QWidget | None = None, *, keep_width: bool = False) -> None:
        super().__init__(parent)
        self._keep_width = keep_width
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QWidget()
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(0, 0, px(4), 0)
        self.body.setSpacing(px(14))
        self.setWidget(content)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        content = self.widget()
        if not self._keep_width or content is None:
            return hint
        wide = content.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        return QSize(max(hint.width(), wide), hint.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        done = super().eventFilter(watched, event)
        if self._keep_width and event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return done


def side_by_side(left: QVBoxLayout, right: QVBoxLayout, *, shares: tuple[int, int] = (1, 1)) -> QHBoxLayout:
    """Two columns of cards, each card as high as it needs; `shares` of the width."""
    columns = QHBoxLayout()
    columns.setSpacing(px(16))
    for column, share in zip((left, right), shares, strict=True):
        column.setSpacing(px(14))
        column.addStretch(1)
        columns.addLayout(column, share)
    return columns


class FittingColumn(ScrollColumn):
    """As tall as what stands in it, and scrolls only where there is not that much room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        wide = self.viewport().width()
        tall = self.body.totalHeightForWidth(wide) if self.body.hasHeightForWidth() else -1
        return QSize(hint.width(), tall if tall >= 0 else self.body.totalSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        done = super().eventFilter(watched, event)
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return done


class SentencesCard(FittingColumn):
    """A card of sentences below something larger; it scrolls where large type leaves them no room."""

    def __init__(self, title: str, sentences: Iterable[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        card = Card(title)
        for words in sentences:
            card.body.addWidget(paragraph(words, tone="second"))
        self.body.addWidget(card)
