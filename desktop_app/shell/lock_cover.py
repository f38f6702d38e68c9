"""What lies over the window while it is locked: who locked it, one field, one button. Nothing of the village."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.storage.entry_guard import wait_words
from desktop_app.widgets.buttons import Button, button, primary_button
from desktop_app.widgets.card import Card
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.form import FormSheet
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import colour, px
from village_core.domain.errors import UserError

_SECOND_MS = 1000


class LockCover(QWidget):
    """Asks for the secret of the person who was here, or of another: the secret tells who it is."""

    secret_given = Signal(str)
    gone_back = Signal()
    """返回: only while she asked to change places herself and nothing was locked."""
    ticked = Signal()
    """Once a second while one has to wait."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(False)
        self._title = QLabel(self)
        self._title.setProperty("role", "title")
        self._lead = paragraph("", self, tone="second")
        self.sheet = FormSheet(columns=1)
        self.sheet.add("secret", TextEdit(most=200, secret=True), label="口令或数字密码", required=True)
        self.trouble = ClauseBox(self)
        self.open_button: Button = primary_button("打开", self.try_now)
        self.back_button: Button = button("返回", self.gone_back.emit)
        self._timer = QTimer(self)
        self._timer.setInterval(_SECOND_MS)
        self._timer.timeout.connect(self.ticked)
        self._build()
        self.sheet.finished.connect(self.try_now)

    def show_locked(self, person: str, *, why: str = "") -> None:
        """The window is locked; `why` says so when it was not the clerk who did it."""
        self._title.setText(f"已锁上　{person}")
        self._lead.setText(f"{why}填了一半的都还在。填自己的口令接着做；换人用，就由换上来的人填自己的口令。")
        self.back_button.hide()
        self._renew()

    def show_change(self, person: str) -> None:
        """Another person wants the keyboard."""
        self._title.setText("换人")
        self._lead.setText(f"现在是 {person}。请换上来的人填自己的口令；{person} 填了一半的先替他留着。")
        self.back_button.show()
        self._renew()

    def show_stopped(self, error: UserError) -> None:
        """Nobody may go on: the words, and no field."""
        self._title.setText("已锁上")
        self._lead.setText("")
        self.sheet.hide()
        self.open_button.hide()
        self.back_button.hide()
        self.show_trouble(error)

    def try_now(self) -> None:
        """Give the secret to whoever checks it."""
        mistakes = self.sheet.problems()
        self.sheet.mark(mistakes)
        if not mistakes and self.open_button.isEnabled():
            self.set_working(working=True)
            self.secret_given.emit(self.sheet.values()["secret"])

    def set_working(self, *, working: bool) -> None:
        """While the secret is being checked nothing can be pressed twice."""
        self.open_button.setEnabled(not working)
        self.open_button.setText("正在打开" if working else "打开")

    def show_trouble(self, error: UserError) -> None:
        """What went wrong, what is safe, what to do. What was typed is taken away: it is no secret of this laptop."""
        self.set_working(working=False)
        self.sheet.set_values({"secret": ""})
        words = "".join(part for part in (error.what, error.safe, error.next_step) if part)
        self.trouble.set_clause("", "", message=words, tone="bad")
        self.sheet.focus_first()

    def show_waiting(self, seconds: float) -> None:
        """Count down; at 0 one may try again."""
        waiting = seconds > 0
        self.sheet.setEnabled(not waiting)
        self.open_button.setEnabled(not waiting)
        if waiting:
            words = f"口令试错太多次，还要等{wait_words(seconds)}。资料没有动过，填了一半的也都在。"
            self.trouble.set_clause("", "", message=words, tone="soon")
            self._timer.start()
        elif self._timer.isActive():
            self._timer.stop()
            self.trouble.set_clause("", "", message="可以再试了。", tone="plain")
            self.sheet.focus_first()

    def paintEvent(self, event: QPaintEvent) -> None:
        """All of it is ground: nothing shines through."""
        QPainter(self).fillRect(event.rect(), colour("ground"))

    def _renew(self) -> None:
        self.sheet.show()
        self.open_button.show()
        self.sheet.set_values({"secret": ""})
        self.sheet.mark({})
        self.set_working(working=False)
        self.trouble.set_clause("", "")
        self.sheet.focus_first()

    def _build(self) -> None:
        brand = QLabel("田埂", self)
        brand.setObjectName("brand")
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.back_button)
        foot.addWidget(self.open_button)
        card = Card()
        card.setMaximumWidth(px(560))
        card.body.setContentsMargins(px(28), px(22), px(28), px(22))
        card.body.setSpacing(px(12))
        for part in (brand, self._title, self._lead, self.sheet, self.trouble):
            card.body.addWidget(part)
        card.body.addLayout(foot)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(card, 8)
        line.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addLayout(line)
        layout.addStretch(2)
