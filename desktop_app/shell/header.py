"""The top: whose village, the search box, who is at the keyboard."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from desktop_app.shell.search_box import SearchBox
from desktop_app.widgets.buttons import Button, link_button
from desktop_app.widgets.labels import phrase
from desktop_app.widgets.look import px


class Header(QFrame):
    """田埂 · 太平村, search, 李琼仙 · 报账员 换人 锁上."""

    change_pressed = Signal()
    lock_pressed = Signal()

    def __init__(self, search: SearchBox, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        brand = QLabel("田埂", self)
        brand.setObjectName("brand")
        self.village = phrase("", self)
        self.person = phrase("", self, tone="second")
        self.change_button: Button = link_button("换人", self.change_pressed.emit, parent=self)
        self.change_button.setToolTip("另一个人来用（Ctrl+Shift+L）")
        self.lock_button: Button = link_button("锁上", self.lock_pressed.emit, parent=self)
        self.lock_button.setToolTip("离开一会儿（Ctrl+L）")
        for made in (self.change_button, self.lock_button):
            made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
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
        right.addWidget(self.change_button)
        right.addWidget(self.lock_button)
        layout.addLayout(left, 2)
        layout.addWidget(search, 3)
        layout.addLayout(right, 2)

    def show_names(self, *, village: str, person: str) -> None:
        """The village's name and the person with the role."""
        self.village.setText(f"· {village}" if village else "")
        self.person.setText(person)
