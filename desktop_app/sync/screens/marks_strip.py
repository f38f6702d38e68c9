"""The three honest marks side by side: 已保存 → 县里已收到 → 已核对一致."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.sync.standing import MarkBox
from desktop_app.widgets.labels import heading, hint, phrase
from desktop_app.widgets.look import px, set_tone


class MarksStrip(QWidget):
    """A mark that is not reached is amber and has another sign: never by colour alone."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._marks = [_Mark(), _Mark(), _Mark()]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(14))
        for number, mark in enumerate(self._marks):
            if number:
                layout.addWidget(phrase("→", tone="second"), 0, Qt.AlignmentFlag.AlignVCenter)
            layout.addWidget(mark, 1, Qt.AlignmentFlag.AlignTop)

    def show_marks(self, boxes: Sequence[MarkBox]) -> None:
        """Write them anew."""
        for mark, box in zip(self._marks, boxes, strict=True):
            mark.show_box(box)


class _Mark(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self._title = hint("")
        self._state = heading("")
        self._detail = hint("")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(2))
        for label in (self._title, self._state, self._detail):
            layout.addWidget(label)

    def show_box(self, box: MarkBox) -> None:
        self._title.setText(box.title)
        self._state.setText(f"{'✓' if box.reached else '●'} {box.state}")
        set_tone(self._state, "good" if box.reached else "soon")
        self._detail.setText(box.detail)
