"""A question with verbs on its buttons, the safe one first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.widgets.buttons import button, primary_button
from desktop_app.widgets.dialog import SentenceDialog
from desktop_app.widgets.labels import heading, paragraph
from desktop_app.widgets.look import px


class Question(SentenceDialog):
    """Asks; Enter and Esc both do the safe thing. `on_act` is called when the other button is pressed."""

    def __init__(
        self, parent: QWidget, *, what: str, detail: str, safe: str, act: str, on_act: Callable[[], None]
    ) -> None:
        super().__init__("田埂", parent, width=440)
        self.safe_button = primary_button(safe, self.reject, parent=self)
        self.act_button = button(act, self.accept, parent=self)
        self.body.addWidget(heading(what, self))
        if detail:
            self.body.addWidget(paragraph(detail, self))
        self.body.addSpacing(px(8))
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.safe_button)
        buttons.addWidget(self.act_button)
        self.body.addLayout(buttons)
        self.accepted.connect(on_act)
        self.safe_button.setFocus()


def ask(parent: QWidget, what: str, *, detail: str = "", safe: str, act: str, on_act: Callable[[], None]) -> Question:
    """Open the question over the window of `parent`; returns at once."""
    question = Question(parent.window(), what=what, detail=detail, safe=safe, act=act, on_act=on_act)
    question.open()
    return question
