"""One of a few things. The value is the key, the words are what is read."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QListView, QWidget

from desktop_app.widgets.editor import Editor
from desktop_app.widgets.look import px

_LEAST_WIDTH = 150


class _Combo(QComboBox):
    """A combo box that the wheel does not change by accident, and whose Enter goes on to the next field."""

    def __init__(self, owner: ChoiceEdit) -> None:
        super().__init__(owner)
        self._owner = owner
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setView(QListView(self))
        self.setMaxVisibleItems(12)

    def minimumSizeHint(self) -> QSize:
        """On a small screen the longest of the lines must not push the next field out of sight."""
        return super().minimumSizeHint().boundedTo(QSize(px(_LEAST_WIDTH), px(1_000)))

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._owner.entered.emit()
        else:
            super().keyPressEvent(event)


class ChoiceEdit(Editor):
    """A drop-down list of (key, words). With `empty` the first line chooses nothing and the value is None."""

    def __init__(
        self,
        choices: Iterable[tuple[object, str]] = (),
        parent: QWidget | None = None,
        *,
        empty: str | None = "请选择",
    ) -> None:
        super().__init__(parent)
        self._empty = empty
        self._keys: list[object] = []
        self.combo = _Combo(self)
        self._fill(self.combo)
        self.combo.activated.connect(lambda _: self.changed.emit())
        self.set_choices(choices)

    def set_choices(self, choices: Iterable[tuple[object, str]]) -> None:
        """Replace the lines; the chosen key stays chosen when it is still there."""
        kept = self.value() if self._keys else None
        pairs = list(choices)
        if self._empty is not None:
            pairs.insert(0, (None, self._empty))
        self._keys = [key for key, _ in pairs]
        self.combo.clear()
        self.combo.addItems([words for _, words in pairs])
        self.set_value(kept)

    def value(self) -> object:
        index = self.combo.currentIndex()
        return self._keys[index] if 0 <= index < len(self._keys) else None

    def set_value(self, value: object) -> None:
        if value in self._keys:
            self.combo.setCurrentIndex(self._keys.index(value))
        elif self._keys:
            self.combo.setCurrentIndex(0)

    def typed(self) -> str:
        return "" if self.value() is None else self.combo.currentText()

    def set_typed(self, text: str) -> None:
        index = self.combo.findText(text)
        if index >= 0:
            self.combo.setCurrentIndex(index)

    def input_widget(self) -> QWidget:
        return self.combo
