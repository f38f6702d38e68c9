"""A passphrase for one use, shown once."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from desktop_app.widgets.buttons import Button, primary_button
from desktop_app.widgets.dialog import SentenceDialog
from desktop_app.widgets.labels import heading, paragraph
from desktop_app.widgets.look import px


class OneTimeDialog(SentenceDialog):
    """Large enough to be copied by hand. It cannot be selected: the clipboard is no place for it."""

    def __init__(self, name: str, words: str, parent: QWidget) -> None:
        super().__init__("田埂", parent, width=440)
        self.words = QLabel(words, self)
        self.words.setProperty("role", "title")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.close_button: Button = primary_button("抄好了", self.accept, parent=self)
        self.body.addWidget(heading(f"{name}的一次性口令", self))
        self.body.addWidget(self.words)
        self.body.addWidget(
            paragraph(
                "请抄在纸上，当面交给本人，不要发微信。本人第一次打开时要换成自己的口令。关了这个窗口就看不到了。", self
            )
        )
        self.body.addSpacing(px(6))
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self.close_button)
        self.body.addLayout(line)
