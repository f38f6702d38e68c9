"""The frame of the windows before the workspace is open: one card in the middle."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLayout, QVBoxLayout, QWidget

from desktop_app.widgets.card import Card, ScrollColumn
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.labels import paragraph, phrase
from desktop_app.widgets.look import px
from village_core.domain.errors import UserError

_TITLE_BAR = 40


class PageStack(QWidget):
    """One of several pages, as tall as that one: Qt's own stack is always as tall as the tallest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages: list[QWidget] = []
        self._shown = -1
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)

    def add(self, page: QWidget) -> None:
        page.hide()
        self._pages.append(page)
        self._rows.addWidget(page)

    @property
    def shown(self) -> int:
        """Its number."""
        return self._shown

    def show_page(self, number: int) -> None:
        self._shown = number
        for place, page in enumerate(self._pages):
            page.setVisible(place == number)


class EntryFrame(QWidget):
    """田埂, a title with a sentence, the content, what went wrong, and the buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("田埂")
        self.fit_screen(900, 700)
        self._brand = QLabel("田埂", self)
        self._brand.setObjectName("brand")
        self._step = phrase("", self, tone="second")
        self._title = QLabel(self)
        self._title.setProperty("role", "title")
        self._lead = paragraph("", self, tone="second")
        self.trouble = ClauseBox(self)

    def fit_screen(self, width: int, height: int) -> None:
        """As large as that at 标准 type, never larger than the screen: large type must not push the buttons off it."""
        room = QGuiApplication.primaryScreen().availableGeometry().size() - QSize(0, _TITLE_BAR)
        self.resize(QSize(px(width), px(height)).boundedTo(room))

    def set_title(self, title: str, lead: str, *, step: str = "") -> None:
        """What this page is about."""
        self._title.setText(title)
        self._lead.setText(lead)
        self._step.setText(step)

    def show_trouble(self, error: UserError) -> None:
        """What went wrong, what is safe, what to do, above the buttons."""
        words = "".join(part for part in (error.what, error.safe, error.next_step) if part)
        self.trouble.set_clause("", "", message=words, tone="bad")

    def fill(self, content: QWidget, foot: QLayout) -> None:
        """Put content and buttons into the card."""
        top = QHBoxLayout()
        top.addWidget(self._brand)
        top.addStretch(1)
        top.addWidget(self._step)
        column = ScrollColumn()
        column.body.addWidget(self._lead)
        column.body.addWidget(content)
        column.body.addStretch(1)
        card = Card()
        card.setMaximumWidth(px(720))
        card.body.setContentsMargins(px(28), px(22), px(28), px(22))
        card.body.setSpacing(px(12))
        card.body.addLayout(top)
        card.body.addWidget(self._title)
        card.body.addWidget(column, 1)
        card.body.addWidget(self.trouble)
        card.body.addLayout(foot)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(card, 20)
        middle.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(24), px(20), px(24), px(20))
        layout.addLayout(middle)
