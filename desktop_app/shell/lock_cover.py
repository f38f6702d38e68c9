"""What lies over the window while it is locked: who locked it, one field, one button. Nothing of the village.

Two more parts for when that is not enough: her own passphrase instead of one for one use, and enrolling anew.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop_app.shell.enrolment_sheet import EnrolmentSheet
from desktop_app.shell.new_passphrase_sheet import NewPassphraseSheet
from desktop_app.storage.entry_guard import wait_words
from desktop_app.widgets.buttons import Button, button, primary_button
from desktop_app.widgets.card import Card, FittingColumn
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.form import FormSheet
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import colour, px
from village_core.domain.errors import UserError

_SECOND_MS = 1000


class Part(Enum):
    """What the cover asks for; the value stands on the button."""

    PERSON = "打开"
    OWN = "换好，打开"
    STOPPED = "重新登记"
    ENROL = "登记这台电脑"


class LockCover(QWidget):
    """Asks for the secret of the person who was here, or of another: the secret tells who it is."""

    secret_given = Signal(str)
    own_given = Signal(str, str)
    """The passphrase for one use, her own."""
    enrolment_given = Signal(object, str)
    """`GivenByCounty`, and somebody's passphrase."""
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
        self._column = FittingColumn()
        self.own = NewPassphraseSheet()
        self.own.add_passphrase()
        self.enrolment = EnrolmentSheet()
        self.enrolment.ask_passphrase(asked=True)
        self.trouble = ClauseBox(self)
        self.open_button: Button = primary_button("打开", self.try_now)
        self.back_button: Button = button("返回", self._on_back)
        self._part = Part.PERSON
        self._back: Callable[[], None] | None = None
        self._error = UserError("")
        self._secret = ""
        self._timer = QTimer(self)
        self._timer.setInterval(_SECOND_MS)
        self._timer.timeout.connect(self.ticked)
        self._build()
        for asked in (self.sheet, self.own, self.enrolment):
            asked.finished.connect(self.try_now)

    def show_locked(self, person: str, *, why: str = "") -> None:
        """The window is locked; `why` says so when it was not the clerk who did it."""
        words = f"{why}填了一半的都还在。填自己的口令接着做；换人用，就由换上来的人填自己的口令。"
        self._show(Part.PERSON, f"已锁上　{person}", words)

    def show_change(self, person: str) -> None:
        """Another person wants the keyboard."""
        words = f"现在是 {person}。请换上来的人填自己的口令；{person} 填了一半的先替他留着。"
        self._show(Part.PERSON, "换人", words, back=self.gone_back.emit)

    def show_stopped(self, error: UserError, *, county_url: str = "") -> None:
        """The county stopped this laptop: nobody goes on, but it can be enrolled anew with a code of the county."""
        self.enrolment.clear(url=county_url)
        self._show_stopped(error)

    def show_own(self) -> None:
        """What was given was a passphrase for one use: she thinks of her own before anything else."""
        title, words, back = self._title.text(), self._lead.text(), self._back
        lead = "刚才那个是一次性的，别人知道。请想一句只有自己知道的话。这里填了一半的都还在。"
        self._show(Part.OWN, "换成自己的口令", lead, back=lambda: self._show(Part.PERSON, title, words, back=back))

    def try_now(self) -> None:
        """Give what was typed to whoever checks it."""
        if not self.open_button.isEnabled():
            return
        if self._part is Part.STOPPED:
            self._show_enrolment()
            return
        sheet = self._sheet()
        mistakes = sheet.problems()
        sheet.mark(mistakes)
        if mistakes:
            return
        self.trouble.set_clause("", "")
        self.set_working(working=True)
        values = sheet.values()
        if self._part is Part.OWN:
            self.own_given.emit(self._secret, values["new"])
        elif self._part is Part.ENROL:
            self.enrolment_given.emit(self.enrolment.check(), self.enrolment.passphrase)
        else:
            self._secret = values["secret"]
            self.secret_given.emit(self._secret)

    def set_working(self, *, working: bool) -> None:
        """While it is being checked nothing can be pressed twice."""
        self.open_button.setEnabled(not working)
        self.back_button.setEnabled(not working)
        busy = "正在登记" if self._part is Part.ENROL else "正在打开"
        self.open_button.setText(busy if working else self._part.value)

    def show_trouble(self, error: UserError) -> None:
        """What went wrong, what is safe, what to do. A secret that was typed is taken away."""
        self.set_working(working=False)
        if self._part is Part.PERSON:
            self.sheet.set_values({"secret": ""})
            self._secret = ""
        elif self._part is Part.ENROL:
            self.enrolment.take_refusal(error)
        self._tell(error)
        self._focus()

    def show_waiting(self, seconds: float) -> None:
        """Count down; at 0 one may try again."""
        if self._part not in (Part.PERSON, Part.ENROL):
            return
        waiting = seconds > 0
        self._sheet().setEnabled(not waiting)
        self.open_button.setEnabled(not waiting)
        if waiting:
            words = f"口令试错太多次，还要等{wait_words(seconds)}。资料没有动过，填了一半的也都在。"
            self.trouble.set_clause("", "", message=words, tone="soon")
            self._timer.start()
        elif self._timer.isActive():
            self._timer.stop()
            self.trouble.set_clause("", "", message="可以再试了。", tone="plain")
            self._focus()

    def paintEvent(self, event: QPaintEvent) -> None:
        """All of it is ground: nothing shines through."""
        QPainter(self).fillRect(event.rect(), colour("ground"))

    def _show_stopped(self, error: UserError) -> None:
        self._show(Part.STOPPED, "已锁上", "")
        self._error = error
        self._tell(error)

    def _show_enrolment(self) -> None:
        """What the county gave, to be typed."""
        error = self._error
        lead = "请填县里新给的登记码和您的口令。资料一条也不会少；登记好以后，再填口令接着做。"
        self._show(Part.ENROL, "重新登记", lead, back=lambda: self._show_stopped(error))

    def _show(self, part: Part, title: str, lead: str, *, back: Callable[[], None] | None = None) -> None:
        """One part with its title; what was typed in it before is gone, but not what the county gave."""
        self._part, self._back = part, back
        if part is not Part.OWN:
            self._secret = ""
        self._title.setText(title)
        self._lead.setText(lead)
        self._column.setVisible(part is not Part.STOPPED)
        self.sheet.setVisible(part is Part.PERSON)
        self.own.setVisible(part is Part.OWN)
        self.enrolment.setVisible(part is Part.ENROL)
        self.back_button.setVisible(back is not None)
        self.sheet.set_values({"secret": ""})
        self.own.set_values({"new": "", "again": ""})
        self.enrolment.forget()
        for sheet in (self.sheet, self.own):
            sheet.mark({})
        self.set_working(working=False)
        self.trouble.set_clause("", "")
        self._focus()

    def _focus(self) -> None:
        if self._part is Part.STOPPED:
            self.open_button.setFocus()
        elif self._part is Part.ENROL:
            self.enrolment.focus_first()
        else:
            self._sheet().focus_first()

    def _sheet(self) -> FormSheet:
        return {Part.OWN: self.own, Part.ENROL: self.enrolment.sheet}.get(self._part, self.sheet)

    def _tell(self, error: UserError) -> None:
        words = "".join(part for part in (error.what, error.safe, error.next_step) if part)
        self.trouble.set_clause("", "", message=words, tone="bad")

    def _on_back(self) -> None:
        if self._back is not None:
            self._back()

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
        parts: tuple[QWidget, ...] = (self._lead, self.sheet, self.own, self.enrolment)
        for part in parts:
            self._column.body.addWidget(part)
        parts = (brand, self._title, self._column, self.trouble)
        for part in parts:
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
