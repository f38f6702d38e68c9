"""One question in plain words: what happened, both sides with who and when, and the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLayout, QPlainTextEdit, QVBoxLayout, QWidget

from desktop_app.sync.decisions import LONGEST_REASON, LONGEST_REASON_TO_REVERSE
from desktop_app.sync.question_sides import Side
from desktop_app.sync.questions import Option, Past, Progress, Question
from desktop_app.sync.screens.side_by_side import SideBySide
from desktop_app.widgets.buttons import Button, button, link_button, primary_button
from desktop_app.widgets.card import Card, FactList, ScrollColumn
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.editor import Editor, LongTextEdit, TextEdit
from desktop_app.widgets.form import FormSheet
from desktop_app.widgets.labels import hint, paragraph
from desktop_app.widgets.look import px
from desktop_app.widgets.money_edit import MoneyEdit
from village_core.domain.clock import CHINA
from village_core.domain.errors import UserError
from village_core.exchange.questions import NEITHER

_LONGEST_VALUE = 60
_NARROW = 520
"""Beside one another numbers and labels would be cut here at large type."""


@dataclass(frozen=True)
class _Typing:
    """What is written for a question: the texts, whether the boxes are open, and the field that has the cursor."""

    texts: dict[str, str]
    reason: bool
    value: bool
    cursor: str


class QuestionCase(QWidget):
    """The right half of the page. `answered` carries the option, the value of 都不对 and the reason."""

    answered = Signal(object, object, str)
    voucher_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question: Question | None = None
        self.buttons: list[Button] = []
        self._day: date | None = None
        self._busy = False
        self._make_inputs()
        self._column = ScrollColumn()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._column)

    def show_question(self, question: Question | None, *, now: datetime) -> bool:
        """Show this one in place of the other. What is written for the same one stays in sight, with the cursor.

        False: what was being written has no place any more; then nothing has the cursor, and no key answers this one.
        """
        day = now.astimezone(CHINA).date()
        if (question, day) == (self.question, self._day):
            return True
        typing = self._typing()
        kept = typing if _same(question, self.question) else None
        self.question, self._day = question, day
        self.buttons = []
        for old in (self.sheet, self.value_button, self.trouble):
            old.hide()
            old.deleteLater()
        _clear(self._column.body)
        self._make_inputs()
        if question is not None:
            self._build(question, now)
            if kept is not None:
                self._put_back(kept)
        self._column.body.addStretch(1)
        lost = bool(typing.cursor) and (kept is None or typing.cursor not in self.sheet.fields)
        if lost and (other := self.window().focusWidget()) is not None:
            other.clearFocus()
        return not lost

    def forget_typing(self) -> None:
        """The answer is given: what was written for it goes along with no other one."""
        self.sheet.set_typed(dict.fromkeys(self.sheet.fields, ""))
        if self.question is not None and self._asks_later(self.question):
            self.sheet.hide()
        self._ask_for_value(False)

    def focus_first(self) -> None:
        """The cursor onto the first answer."""
        if self.buttons:
            self.buttons[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def press(self, number: int) -> None:
        """The key 1, 2 or 3."""
        if number <= len(self.buttons):
            self.buttons[number - 1].click()

    def set_busy(self, busy: bool) -> None:
        """No second answer while the first is being written."""
        self._busy = busy
        for made in (*self.buttons, self.value_button):
            made.setEnabled(not busy)

    def show_trouble(self, error: Exception) -> None:
        """Why it could not be decided, where the eyes are."""
        words = str(error) if isinstance(error, UserError) else "没有存下，请再试一次。资料是安全的。"
        self.trouble.set_clause("", "", message=words, tone="bad")

    # --- building

    def _make_inputs(self) -> None:
        """Inside this widget from the start: what is shown without a parent would be a window of its own."""
        self.trouble = ClauseBox(self)
        self.sheet = FormSheet(self, columns=1)
        self.value_button: Button = primary_button("就用填的这个", self._on_value_clicked, parent=self)
        for made in (self.trouble, self.sheet, self.value_button):
            made.hide()

    def _build(self, question: Question, now: datetime) -> None:
        card = Card(question.title)
        card.body.addWidget(paragraph(question.sentence))
        if question.past is not None:
            card.body.addWidget(_past_box(question, question.past, now, parent=card))
        if question.warning:
            warning = ClauseBox(card)
            warning.set_clause("", "", message=question.warning, tone="soon")
            card.body.addWidget(warning)
        left, right = (self._side_card(side, now) for side in (question.left, question.right))
        self._column.body.addWidget(card)
        self._column.body.addWidget(SideBySide([left], [right], narrow=_NARROW))
        if question.progress is not Progress.DECIDED and question.options:
            self._column.body.addWidget(self._answers(question))

    def _side_card(self, side: Side, now: datetime) -> Card:
        card = Card(side.title)
        if len(side.lines) == 1:
            card.body.addWidget(paragraph(side.lines[0][1]))
        else:
            facts = FactList(name_width=72)
            facts.set_facts(list(side.lines))
            card.body.addWidget(facts)
        who = "　".join(part for part in (side.who, _day(side.at, now) if side.at else "", side.where) if part)
        if who:
            card.body.addWidget(hint(who))
        if side.voucher is not None:
            look = link_button("看这张凭证", partial(self.voucher_wanted.emit, side.voucher))
            card.body.addWidget(look, 0, Qt.AlignmentFlag.AlignLeft)
        card.body.addStretch(1)
        return card

    def _answers(self, question: Question) -> Card:
        card = Card()
        if question.asks_why:
            most = LONGEST_REASON_TO_REVERSE if self._asks_later(question) else LONGEST_REASON
            reason = LongTextEdit(lines=2, most=most)
            self.sheet.add("reason", reason, label="理由", hint=question.asks_why, wide=True)
        if question.value_kind:
            field = self.sheet.add("value", _editor(question), label=f"对的{question.value_label}", wide=True)
            field.hide()
        card.body.addWidget(self.sheet)
        card.body.addWidget(self.value_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.value_button.hide()
        self.sheet.setVisible(bool(question.asks_why) and not self._asks_later(question))
        self.sheet.finished.connect(self._on_value_clicked)
        not_hers = f"这件事要由{question.not_allowed}来定。" if question.not_allowed else ""
        for number, option in enumerate(question.options, start=1):
            make = primary_button if number == 1 and len(question.options) == 1 else button
            made = make(f"{number}　{option.words}", partial(self._on_clicked, option))
            made.setMinimumWidth(px(150))
            made.bar(option.barred or not_hers)
            line = QHBoxLayout()
            line.setSpacing(px(14))
            line.addWidget(made)
            line.addWidget(paragraph(option.barred or option.outcome, tone="second"), 1)
            card.body.addLayout(line)
            self.buttons.append(made)
        card.body.addWidget(self.trouble)
        if not_hers:
            self.trouble.set_clause("", "", message=not_hers, tone="soon")
        self.set_busy(self._busy)
        return card

    def _typing(self) -> _Typing:
        at = self.window().focusWidget()
        fields = self.sheet.fields.items()
        cursor = next((name for name, field in fields if at is not None and field.isAncestorOf(at)), "")
        return _Typing(self.sheet.typed(), not self.sheet.isHidden(), not self.value_button.isHidden(), cursor)

    def _put_back(self, kept: _Typing) -> None:
        self.sheet.set_typed(kept.texts)
        self._ask_for_value(kept.value)
        if "reason" in self.sheet.fields and kept.reason:
            self.sheet.show()
        if kept.cursor in self.sheet.fields:
            area = self.sheet.editor(kept.cursor).input_widget()
            if isinstance(area, QPlainTextEdit):
                area.moveCursor(QTextCursor.MoveOperation.End)
            self._go_to(kept.cursor)

    # --- answering

    def _on_clicked(self, option: Option) -> None:
        question = self.question
        if question is None:
            return
        if option.choice == NEITHER and question.value_kind:
            self._ask_for_value(True)
            return
        if not option.asks_why:
            self.answered.emit(option, None, "" if self._asks_later(question) else self._reason())
        elif not self._reason_in_sight():
            self.sheet.show()
            self._go_to("reason")
        else:
            wrong = self.sheet.problems() or ({} if self._reason() else {"reason": option.asks_why})
            self.sheet.mark(wrong)
            if not wrong:
                self.answered.emit(option, None, self._reason())

    def _asks_later(self, question: Question) -> bool:
        """Whether most who answer need no reason: then it takes no room before the answer that does is pressed."""
        return any(one.reverses for one in question.options)

    def _reason_in_sight(self) -> bool:
        """A reversal cannot be undone: nobody gives a reason for it that she does not see at that moment."""
        return not self.sheet.editor("reason").input_widget().visibleRegion().isEmpty()

    def _ask_for_value(self, asking: bool) -> None:
        if "value" not in self.sheet.fields:
            return
        question = self.question
        assert question is not None
        self.sheet.setVisible(asking or bool(question.asks_why))
        self.sheet.fields["value"].setVisible(asking)
        self.value_button.setVisible(asking)
        if asking:
            self._go_to("value")

    def _go_to(self, name: str) -> None:
        self.sheet.editor(name).input_widget().setFocus(Qt.FocusReason.OtherFocusReason)
        QTimer.singleShot(0, self, self._show_inputs)

    def _show_inputs(self) -> None:
        """Scroll so far that the editor and its button are seen, the editor before all; at large type they stand
        below the window."""
        QApplication.sendPostedEvents(self._column.widget(), QEvent.Type.LayoutRequest)
        self._column.ensureWidgetVisible(self.buttons[-1] if self.value_button.isHidden() else self.value_button)
        self._column.ensureWidgetVisible(self.sheet)

    def _on_value_clicked(self) -> None:
        question = self.question
        if question is None or "value" not in self.sheet.fields or not self.value_button.isVisible():
            return
        mistakes = self.sheet.problems()
        value: Any = self.sheet.values()["value"]
        if not mistakes and (value is None or value == ""):
            mistakes = {"value": f"请填对的{question.value_label}。"}
        self.sheet.mark(mistakes)
        if not mistakes:
            option = next(one for one in question.options if one.choice == NEITHER)
            self.answered.emit(option, value, self._reason())

    def _reason(self) -> str:
        return str(self.sheet.editor("reason").value()).strip() if "reason" in self.sheet.fields else ""


def _editor(question: Question) -> Editor:
    match question.value_kind:
        case "money":
            return MoneyEdit(capital=False, negative=True)
        case "choice":
            return ChoiceEdit([(one, one) for one in question.choices])
        case _:
            return TextEdit(most=_LONGEST_VALUE)


def _past_box(question: Question, past: Past, now: datetime, *, parent: QWidget) -> ClauseBox:
    """Made inside its card: a box that is shown without one would be a window of its own."""
    box = ClauseBox(parent)
    who = "　".join(part for part in (past.who, _day(past.at, now) if past.at else "") if part)
    if question.progress is Progress.SENDING:
        again = "送到以前可以改主意，再选一次，以最后一次为准。" if question.options else ""
        message = f"已决定：{past.words}。等送到县里。{again}"
    else:
        message = f"定了：{past.words}。"
    reason = f"理由：{past.reason}" if past.reason else ""
    box.set_clause("", "　".join(part for part in (who, reason) if part), message=message)
    return box


def _day(moment: datetime, now: datetime) -> str:
    here, today = moment.astimezone(CHINA), now.astimezone(CHINA)
    days = (today.date() - here.date()).days
    if days in (0, 1):
        return f"{'今天' if days == 0 else '昨天'} {here:%H:%M}"
    year = "" if here.year == today.year else f"{here.year}年"
    return f"{year}{here.month}月{here.day}日 {here:%H:%M}"


def _same(first: Question | None, second: Question | None) -> bool:
    return first is not None and second is not None and first.id == second.id


def _clear(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            _clear(inner)
