"""A number that is covered until somebody asks for it. Typing over it needs no look at the old one."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.widgets.buttons import Button, link_button
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.look import px

_ERASING = (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)


class MaskedEdit(TextEdit):
    """What was set is covered by its mask; what is typed is seen. `value` and `typed` are always whole."""

    asked = Signal()
    """显示 was pressed; whoever owns the form asks for the reason and calls `uncover`."""

    def __init__(self, mask: Callable[[str | None], str], parent: QWidget | None = None, *, most: int = 40) -> None:
        super().__init__(parent, most=most)
        self._mask = mask
        self._number: str | None = None
        self.show_button: Button = link_button("显示", self.asked.emit)
        self.show_button.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.show_button.hide()
        self._beside()
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._on_text_changed)

    @property
    def covered(self) -> bool:
        return self._number is not None

    def cover(self) -> None:
        """Hide what stands in the field, whoever put it there."""
        text = self.typed()
        if text.strip() and not self.covered:
            self._number = text
            self._write(self._mask(text))
            self.show_button.show()

    def uncover(self) -> None:
        """Show the whole number."""
        if self._number is not None:
            number, self._number = self._number, None
            self._write(number)
            self.show_button.hide()

    def set_value(self, value: str | None) -> None:
        self.set_typed(value or "")

    def set_typed(self, text: str) -> None:
        self._number = None
        self.show_button.hide()
        self._write(text)
        self.cover()

    def value(self) -> str:
        return self.typed().strip()

    def typed(self) -> str:
        return self.line.text() if self._number is None else self._number

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The first key that would change a covered number begins a new one."""
        if watched is self.line and self.covered and event.type() == QEvent.Type.KeyPress and _changes(event):
            self.line.clear()
        return bool(super().eventFilter(watched, event))

    def _on_text_changed(self, text: str) -> None:
        if self._number is None:
            return
        covered, self._number = self._mask(self._number), None
        self.show_button.hide()
        if covered in text:  # pasted with the mouse into the covered number
            self._write(text.replace(covered, ""))

    def _write(self, text: str) -> None:
        kept, self._number = self._number, None
        self.line.blockSignals(True)
        self.line.setText(text)
        self.line.blockSignals(False)
        self._number = kept

    def _beside(self) -> None:
        """The link stands right of the line."""
        layout = self.layout()
        assert layout is not None
        layout.removeWidget(self.line)
        box = QWidget(self)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(6))
        row.addWidget(self.line, 1)
        row.addWidget(self.show_button)
        layout.addWidget(box)


def _changes(event: QEvent) -> bool:
    if not isinstance(event, QKeyEvent):
        return False
    text = event.text()
    return (
        event.matches(QKeySequence.StandardKey.Paste) or event.key() in _ERASING or (bool(text) and text.isprintable())
    )
