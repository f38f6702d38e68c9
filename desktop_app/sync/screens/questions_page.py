"""要您拿主意: the questions at the left, the one under the cursor at the right, three answers at the keys 1, 2, 3."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.shell.revealing import reveal
from desktop_app.storage.changes import Changes
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.sync.decisions import TakenBack, decide_question, reverse_late_voucher
from desktop_app.sync.questions import Option, Progress, Question, get_full_question, is_as_shown, list_questions
from desktop_app.sync.screens.question_case import QuestionCase
from desktop_app.widgets.buttons import Button, link_button
from desktop_app.widgets.empty import EmptyState
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.look import px
from desktop_app.widgets.record_table import Column, RecordTable

_NOTHING = (
    "没有要您拿主意的。\n两台电脑把同一件事改得不一样、田埂不敢替您做主的，会放到这里："
    "两边的内容都留着，由您选一边，或者填上对的。"
)
_PROGRESS_WORDS = {
    Progress.OPEN: "要定",
    Progress.SENDING: "等送",
    Progress.DECIDED: "✓",
}


class QuestionsPage(Page):
    """Decide with the keyboard alone: arrows choose the case, 1, 2, 3 the answer."""

    title = "要您拿主意"
    topics = frozenset({"sync", "households", "relief", "ledger"})
    help_text = (
        "两台电脑把同一件事改得不一样时，先到县里的已经生效，后到的先放着，一条也不会丢。\n"
        "上下键选哪一件，按 1 用左边，按 2 用右边，按 3 都不对、另填；别的事按按钮上写的办。\n"
        "后到的凭证号重了、或记进了锁账的月份，已经照样入账：留着它，或写明原因冲销它；冲销不能撤回。\n"
        "定了以后送到县里，各台电脑就一样。送到以前可以改主意，再选一次就行，以最后一次为准；"
        "送到以后要再改，请直接去改那一条。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._questions: list[Question] = []
        self._full: Question | None = None
        self._wanted: UUID | None = None
        self._wants_cursor = False
        self.chips = FilterChips([Chip("open", "要定的", 0), Chip("decided", "已经定了的", 0)])
        self.table: RecordTable[Question] = RecordTable(
            [
                Column("是什么事", lambda one: one.title, 190, stretch=True),
                Column("怎样", lambda one: _PROGRESS_WORDS[one.progress], 70, tone=_state_tone),
            ],
            empty_text="没有要定的。定过的在“已经定了的”里。",
            keys_text="↑↓ 选一件　1 2 3 定",
        )
        self.case = QuestionCase(self)
        self.reveal_button: Button = link_button("显示号码", self.reveal)
        self.nothing = EmptyState(_NOTHING)
        self._build()
        self.table.chosen.connect(self._on_chosen)
        self.table.opened.connect(lambda _: self.case.focus_first())
        self.chips.chosen.connect(lambda _: self._show_list())
        self.case.answered.connect(self._on_answered)
        self.case.voucher_wanted.connect(lambda wanted: self.context.navigate.open("voucher", voucher_id=wanted))
        for number in (1, 2, 3):
            key = QShortcut(QKeySequence(str(number)), self)
            key.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            key.activated.connect(lambda number=number: self.case.press(number))

    def open(self, **arguments: object) -> None:
        wanted = arguments.get("question_id")
        self._wanted = wanted if isinstance(wanted, UUID) else None
        self.load()

    def load(self) -> None:
        """What stands there in full stays only as long as it is all true: what came since is covered like any other."""
        full = self._full

        def query(reader: Reader) -> tuple[list[Question], bool]:
            return list_questions(reader), full is not None and is_as_shown(reader, full)

        def show(found: tuple[list[Question], bool]) -> None:
            questions, stands = found
            covered = None if stands and full is self._full else self._full
            if covered is not None:
                self._full = None
            self._show(questions)
            if covered is not None and self._shows(covered.id):
                self.context.messages.warn("这件事刚才有了变化，号码又遮住了。请重新看过再定。")

        self.fetch(query, show)

    def hideEvent(self, event: QHideEvent) -> None:
        """Whoever leaves the page, or locks the window, leaves no number behind."""
        super().hideEvent(event)
        if self._full is not None:
            self._full = None
            self._show_case(self.table.current())

    def take_cursor(self) -> None:
        """The list is there when the questions are."""
        self._wants_cursor = True

    def header_buttons(self) -> list[QWidget]:
        return [self.reveal_button]

    def reveal(self) -> None:
        """Show the full numbers of this case, once that is noted; pressed again, hide them."""
        question = self.table.current()
        if question is None or self._full is not None:
            self._full = None
            self._show_case(question)
            return
        question_id = question.id
        reveal(
            self,
            *question.about,
            whose=f"“{question.title}”两边",
            what="要您拿主意：证件号码、电话、银行账号",
            on_noted=lambda: self.fetch(
                lambda reader: get_full_question(reader, question_id), self._on_revealed, slot="numbers"
            ),
        )

    # Building and showing

    def _build(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(10))
        column.addWidget(self.chips)
        column.addWidget(self.table, 1)
        self._both = QWidget(self)
        both = QHBoxLayout(self._both)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(px(14))
        both.addWidget(left, 4)
        both.addWidget(self.case, 6)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._both, 1)
        layout.addWidget(self.nothing, 1)
        self._both.hide()
        self.nothing.hide()
        self.reveal_button.hide()

    def _show(self, questions: list[Question]) -> None:
        self._questions = questions
        waiting = [one for one in questions if one.progress is Progress.OPEN]
        decided = [one for one in questions if one.progress is Progress.DECIDED]
        sending = len(questions) - len(decided) - len(waiting)
        told = f"{len(waiting)} 件要定" if waiting else "没有要定的"
        self.set_heading("要您拿主意", f"{told}，{sending} 件等送" if sending else told)
        self.chips.set_chips(
            [Chip("open", "要定的", len(questions) - len(decided)), Chip("decided", "已经定了的", len(decided))]
        )
        wanted = next((one for one in questions if one.id == self._wanted), None)
        if wanted is not None:
            self.chips.choose("decided" if wanted.progress is Progress.DECIDED else "open")
        self._both.setVisible(bool(questions))
        self.nothing.setVisible(not questions)
        self._show_list()
        if wanted is not None:
            self.table.select(lambda one: one.id == wanted.id)
            self._wanted = None
        if self._wants_cursor and questions:
            self._wants_cursor = False
            self.table.setFocus()

    def _show_list(self) -> None:
        """The cursor stays on its question, whatever came above it; behind one that she answered comes the next."""
        decided = self.chips.current == "decided"
        shown = self.case.question
        place = (shown.id, shown.progress) if shown is not None else None
        with QSignalBlocker(self.table):
            self.table.set_rows([one for one in self._questions if (one.progress is Progress.DECIDED) == decided])
            self.table.select(lambda one: (one.id, one.progress) == place)
        self._on_chosen(self.table.current())

    def _on_chosen(self, question: Question | None) -> None:
        if self._full is not None and (question is None or question.id != self._full.id):
            self._full = None
        self._show_case(question)

    def _show_case(self, question: Question | None) -> None:
        self.reveal_button.setVisible(question is not None and question.masked)
        self.reveal_button.setText("遮住号码" if self._full is not None else "显示号码")
        shown = self._full if self._full is not None else question
        if not self.case.show_question(shown, now=self.context.workspace.clock.now()):
            self.context.messages.warn("您正在写的那件事，刚才在别处定了，写的没有用上。请重新看过再定。")

    def _on_revealed(self, full: Question | None) -> None:
        question = self.table.current()
        if full is None or question is None or full.id != question.id or not self.isVisible():
            return  # she went on, or the window was locked, while it was read
        self._full = full
        self._show_case(question)

    # Deciding

    def _on_answered(self, option: Option, value: Any, reason: str) -> None:
        question = self.case.question
        if question is None:
            return
        self.case.set_busy(True)

        def deed(uow: UnitOfWork) -> Changes | TakenBack:
            if option.reverses:
                return reverse_late_voucher(uow, question.id, reason=reason)
            return decide_question(
                uow,
                question.id,
                option.choice,
                seen=question.seen,
                offered=question.offered,
                value=value,
                reason=reason,
            )

        self.perform(
            deed,
            reason=f"拿主意：{question.title}",
            on_done=lambda outcome: self._on_decided(question.id, option, outcome),
            on_error=lambda error: self._on_failed(question.id, error),
        )

    def _shows(self, question_id: UUID) -> bool:
        """While an answer was being written she may have gone on to another question."""
        return self.case.question is not None and self.case.question.id == question_id

    def _on_decided(self, question_id: UUID, option: Option, outcome: Changes | TakenBack) -> None:
        self.case.set_busy(False)
        if self._shows(question_id):
            self.case.forget_typing()
        self._full = None
        self.table.setFocus()
        if isinstance(outcome, TakenBack):
            told = f"冲销了，红字凭证是 {outcome.reversal}。要重记的，请到“三资”另记一张。"
        else:
            told = f"定了：{option.words}。送到县里以后各台电脑就一样；送到以前可以改主意。"
        self.context.messages.tell(told)

    def _on_failed(self, question_id: UUID, error: Exception) -> None:
        self.case.set_busy(False)
        if self._shows(question_id):
            self.case.show_trouble(error)
        else:
            self.context.messages.fail(error)


def _state_tone(question: Question) -> str:
    return {Progress.OPEN: "soon", Progress.SENDING: "text_second", Progress.DECIDED: "good"}[question.progress]
