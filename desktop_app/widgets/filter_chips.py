"""Filter chips above a list: one is chosen, each may show its count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QSizePolicy, QWidget

from desktop_app.widgets.buttons import Button
from desktop_app.widgets.flow_layout import FlowLayout
from desktop_app.widgets.look import px


@dataclass(frozen=True)
class Chip:
    """One filter; `count` is shown behind the words when known."""

    key: str
    words: str
    count: int | None = None


class FilterChips(QWidget):
    """One chip of several is down."""

    chosen = Signal(str)

    def __init__(self, chips: Sequence[Chip] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = FlowLayout(self, gap=px(10))
        self._group = QButtonGroup(self)
        self._buttons: dict[str, Button] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_chips(chips)

    @property
    def current(self) -> str:
        """The key of the chip that is down."""
        return next((key for key, made in self._buttons.items() if made.isChecked()), "")

    def set_chips(self, chips: Sequence[Chip]) -> None:
        """Show these; the chosen one stays chosen when it is still there, else the first."""
        kept = self.current
        if [chip.key for chip in chips] != list(self._buttons):
            self._make(chips)
        for chip in chips:
            words = chip.words if chip.count is None else f"{chip.words} {chip.count:,}"
            self._buttons[chip.key].setText(words)
        if self._buttons:
            self._buttons.get(kept, next(iter(self._buttons.values()))).setChecked(True)
        self._layout.invalidate()

    def choose(self, key: str) -> None:
        """Press a chip by program; does not send `chosen`."""
        if key in self._buttons:
            self._buttons[key].setChecked(True)

    def chip(self, key: str) -> Button:
        """The button of a chip."""
        return self._buttons[key]

    def _make(self, chips: Sequence[Chip]) -> None:
        for old in self._buttons.values():
            self._group.removeButton(old)
            self._layout.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._buttons = {}
        for chip in chips:
            made = Button("", self)
            made.setProperty("kind", "chip")
            made.setCheckable(True)
            made.setAutoDefault(False)
            made.clicked.connect(lambda _=False, key=chip.key: self.chosen.emit(key))
            self._group.addButton(made)
            self._layout.addWidget(made)
            self._buttons[chip.key] = made
            made.show()
