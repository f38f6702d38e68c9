"""The top: whose village, the search box, who is at the keyboard."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from desktop_app.shell.search_box import SearchBox
from desktop_app.widgets.labels import phrase
from desktop_app.widgets.look import px


class Header(QFrame):
    """田埂 · 太平村, search, 李琼仙 · 报账员."""

    def __init__(self, search: SearchBox, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        brand = QLabel("田埂", self)
        brand.setObjectName("brand")
        self.village = phrase("", self)
        self.person = phrase("", self, tone="second")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(px(18), px(9), px(18), px(9))
        layout.setSpacing(px(8))
        left, right = QHBoxLayout(), QHBoxLayout()
        left.setSpacing(px(8))
        left.addWidget(brand)
        left.addWidget(self.village)
        left.addStretch(1)
        right.addStretch(1)
        right.addWidget(self.person)
        layout.addLayout(left, 2)
        layout.addWidget(search, 3)
        layout.addLayout(right, 2)

    def show_names(self, *, village: str, person: str) -> None:
        """The village's name and the person with the role."""
        self.village.setText(f"· {village}" if village else "")
        self.person.setText(person)
