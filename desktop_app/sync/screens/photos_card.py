"""照片: how many still wait, and when the large originals may go."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from desktop_app.sync.photos import PhotoView
from desktop_app.widgets.card import Card
from desktop_app.widgets.labels import hint, paragraph
from desktop_app.widgets.look import set_tone


class PhotosCard(Card):
    """What waits in words, and the choice for originals."""

    originals_chosen = Signal(bool)
    """True: over any line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("照片", parent=parent)
        self.waiting = paragraph("")
        self.problem = paragraph("", tone="soon")
        self.problem.hide()
        self.wait = QRadioButton("原图只用U盘或办公室网络传")
        self.any_line = QRadioButton("原图随时传")
        choice = QButtonGroup(self)
        for made in (self.waiting, self.problem, self.wait, self.any_line):
            self.body.addWidget(made)
        for number, button in enumerate((self.wait, self.any_line)):
            choice.addButton(button, number)
        self.body.addWidget(hint("先传文字，再传小图，原图最后。网络快的地方（如乡镇办公室）原图会自己传。"))
        choice.idClicked.connect(lambda number: self.originals_chosen.emit(number == 1))

    def show_view(self, view: PhotoView) -> None:
        """Write it anew."""
        done = not (view.waiting.copies or view.waiting.originals)
        self.waiting.setText(("✓ " if done else "● ") + view.words)
        set_tone(self.waiting, "good" if done else "soon" if view.waiting.copies else "second")
        self.problem.setText(f"● {view.problem}")
        self.problem.setVisible(bool(view.problem))
        (self.any_line if view.any_line else self.wait).setChecked(True)
