"""The left side: seven words with icons. Alt+1 … Alt+7 open them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QVBoxLayout, QWidget

from desktop_app.shell.registry import Section
from desktop_app.widgets.buttons import Button
from desktop_app.widgets.icons import icon, icon_size
from desktop_app.widgets.look import px


class Navigation(QFrame):
    """One section is marked: the one the shown page belongs to."""

    chosen = Signal(str)

    def __init__(self, sections: Sequence[Section], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("nav")
        self._group = QButtonGroup(self)
        self._buttons: dict[str, Button] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(8), px(12), px(8), px(12))
        layout.setSpacing(px(6))
        for number, section in enumerate(sections, start=1):
            made = Button(f" {section.words}", self)
            made.setProperty("kind", "nav")
            made.setCheckable(True)
            made.setIcon(icon(section.icon, tone="text_second"))
            made.setIconSize(icon_size())
            made.setToolTip(f"Alt+{number}")
            made.clicked.connect(lambda _=False, key=section.key: self.chosen.emit(key))
            self._group.addButton(made)
            self._buttons[section.key] = made
            layout.addWidget(made)
        layout.addStretch(1)
        self.setFixedWidth(px(150))

    def mark(self, key: str) -> None:
        """Mark a section; an unknown or empty key leaves the mark."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)

    def shows(self, key: str) -> bool:
        """Whether there is such a section for who is at the keyboard."""
        return key in self._buttons

    def section_button(self, key: str) -> Button:
        """The button of a section."""
        return self._buttons[key]
