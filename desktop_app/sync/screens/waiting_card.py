"""等着送的: what is not at the county yet, by kind; photos apart, and when the large originals may go."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from desktop_app.sync.photos import PhotoView
from desktop_app.sync.queries import SyncView
from desktop_app.sync.standing import waiting_words
from desktop_app.widgets.card import Card
from desktop_app.widgets.labels import hint, paragraph
from desktop_app.widgets.look import set_tone


class WaitingCard(Card):
    """What waits in words, and the choice for originals."""

    originals_chosen = Signal(bool)
    """True: over any line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("等着送的", parent=parent)
        self.changes = paragraph("")
        self.photos = paragraph("")
        self.problem = paragraph("", tone="soon")
        self.problem.hide()
        self.wait = QRadioButton("原图只用U盘或办公室网络传")
        self.any_line = QRadioButton("原图随时传")
        choice = QButtonGroup(self)
        for made in (self.changes, self.photos, self.problem, self.wait, self.any_line):
            self.body.addWidget(made)
        for number, button in enumerate((self.wait, self.any_line)):
            choice.addButton(button, number)
        self.body.addWidget(hint("先传文字，再传小图，原图最后。"))
        choice.idClicked.connect(lambda number: self.originals_chosen.emit(number == 1))

    def show_view(self, view: SyncView, photos: PhotoView) -> None:
        """Write it anew."""
        if view.waiting:
            self.changes.setText(f"● 记的：{waiting_words(view.waiting)}")
        else:
            self.changes.setText("✓ 记的都送到县里了。")
        set_tone(self.changes, "soon" if view.waiting else "good")
        done = not (photos.waiting.copies or photos.waiting.originals)
        self.photos.setText(("✓ " if done else "● ") + photos.words)
        set_tone(self.photos, "good" if done else "soon" if photos.waiting.copies else "second")
        self.problem.setText(f"● {photos.problem}")
        self.problem.setVisible(bool(photos.problem))
        (self.any_line if photos.any_line else self.wait).setChecked(True)
