"""操作日志: one line a deed, newest first; by household or person, by who did it, by day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane
from desktop_app.journal.queries import (
    ACCESS,
    CHANGES,
    Journal,
    JournalFilter,
    JournalLine,
    find_subjects,
    get_household_words,
    list_actors,
    list_journal,
)
from desktop_app.journal.sheet import export_journal
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.storage.unit_of_work import Reader
from desktop_app.widgets.buttons import Button, button, link_button
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.date_edit import DateEdit, format_date
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.labels import paragraph, phrase
from desktop_app.widgets.look import px
from desktop_app.widgets.record_table import Column, RecordTable
from desktop_app.widgets.saving import ask_where_to_save
from village_core.domain.clock import today

_FIRST, _STEP = 300, 700
_BOTH = "both"
_KINDS = {_BOTH: "", CHANGES: CHANGES, ACCESS: ACCESS}

Subject = tuple[UUID, UUID | None, str]


class JournalPage(Page):
    """`open(household_id=…)` begins with one household and without other filters."""

    title = "操作日志"
    topics = frozenset({"households", "relief", "ledger", "notices", "settings"})
    help_text = (
        "谁、什么时候、做了什么，都在这里：改了什么（改前改后），看过谁的完整号码，导出、打印、登录、备份。"
        "这本日志只能添，不能改，也不能删；有人动过，“检查资料”会说是哪一条。"
        "上面可以按人、按户、按日期找。Ctrl+P 打印。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._subject: Subject | None = None
        self._opened_for: UUID | None = None
        self._limit = _FIRST
        self._journal = Journal((), more=False)
        self.name = QLineEdit(self)
        self.name.setPlaceholderText("打姓名找一户、一个人")
        self.name.setClearButtonEnabled(True)
        self.found = FilterChips([], self)
        self.actor = ChoiceEdit(empty="所有人")
        now = today(context.workspace.clock)
        self.start = DateEdit(self, today=lambda: now)
        self.end = DateEdit(self, today=lambda: now)
        self.start.line.setPlaceholderText("哪天，如 11.1")
        self.end.line.setPlaceholderText("到哪天")
        self.chips = FilterChips([Chip(_BOTH, "全部"), Chip(CHANGES, "改动"), Chip(ACCESS, "查阅和其他")], self)
        self.mistake = phrase("", self, tone="bad")
        self.table: RecordTable[JournalLine] = RecordTable(
            _columns(), empty_text="没有符合的记录。换个条件再找。", keys_text="Ctrl+P 打印　F1 说明"
        )
        self.whole = paragraph("", self)
        self.older: Button = link_button("再往前找", self.show_older)
        self._subjects: list[Subject] = []
        self._build()
        self._connect()

    # Page

    def open(self, **arguments: object) -> None:
        household_id = arguments.get("household_id")
        wanted = household_id if isinstance(household_id, UUID) else None
        if wanted == self._opened_for:
            self.load()
            return
        self._opened_for = wanted
        self._take_filters_away()
        if wanted is None:
            self.load()
        else:
            self.fetch(lambda reader: get_household_words(reader, wanted), self._begin_with, slot="found")

    def load(self) -> None:
        wanted, limit = self.wanted(), self._limit
        if wanted is None:
            return

        def query(reader: Reader) -> tuple[Journal, list[tuple[UUID, str]]]:
            return list_journal(reader, wanted, limit=limit), list_actors(reader)

        self.fetch(query, self._show)

    def take_cursor(self) -> None:
        self.table.setFocus()

    def header_buttons(self) -> list[QWidget]:
        return [button("导出 Excel", self.choose_export), button("打印", self.print_page)]

    def print_page(self) -> None:
        wanted = self.wanted()
        if wanted is not None:
            self.context.navigate.open("preview", kind="journal", wanted=wanted, about=self.about())

    # Deeds

    def wanted(self) -> JournalFilter | None:
        """The filters as they stand; None while a day cannot be read."""
        start, end = self.start.value(), self.end.value()
        problem = self.start.problem() or self.end.problem()
        if not problem and start and end and start > end:
            problem = "开始的日期晚于结束的日期。"
        self.mistake.setText(f"✕ {problem}" if problem else "")
        self.mistake.setVisible(bool(problem))
        if problem:
            return None
        actor = self.actor.value()
        household, person, _ = self._subject or (None, None, "")
        return JournalFilter(
            household=None if person is not None else household,
            person=person,
            actor=actor if isinstance(actor, UUID) else None,
            start=start,
            end=end,
            kind=_KINDS.get(self.chips.current or _BOTH, ""),
        )

    def about(self) -> str:
        """The filters in words."""
        parts = [self._subject[2] if self._subject else "", self.actor.typed() and f"{self.actor.typed()}做的"]
        start, end = self.start.value(), self.end.value()
        if start or end:
            parts.append(f"{_day(start)}到{_day(end)}" if start != end else _day(start))
        kind = self.chips.current
        parts.append("改动" if kind == CHANGES else "查阅和其他" if kind == ACCESS else "")
        return "，".join(part for part in parts if part)

    def look_for(self) -> None:
        """Look for the name that was typed."""
        text = self.name.text().strip()
        if not text:
            self._choose_subject(None)
            self.load()
            return
        self.fetch(lambda reader: find_subjects(reader, text), self._show_found, slot="found")

    def show_older(self) -> None:
        self._limit += _STEP
        self.load()

    def choose_export(self) -> None:
        """Ask where to, then write there."""
        name = f"操作日志-{self.context.workspace.clock.now():%Y%m%d}.xlsx"
        ask_where_to_save(self, "导出操作日志", name=name, on_chosen=self.export_to)

    def export_to(self, target: Path) -> None:
        """Write what is asked for; that, too, is noted."""
        workspace, wanted, about = self.context.workspace, self.wanted(), self.about()
        if wanted is None:
            return

        def done(count: int) -> None:
            self.context.messages.tell(f"导出了 {count} 条，在 {target.name}。")
            self.load()

        self.context.tasks.run(
            lambda _: export_journal(workspace, target, wanted=wanted, about=about),
            lane=Lane.DB,
            owner=self,
            on_done=done,
        )

    # Showing

    def _show(self, answer: tuple[Journal, list[tuple[UUID, str]]]) -> None:
        self._journal, actors = answer
        self.actor.set_choices(actors)
        lines = self._journal.lines
        changed = sum(line.changed for line in lines)
        self.set_heading(self.title, self.about() or "全部")
        footer = f"{len(lines)} 条：改动 {changed}，查阅和其他 {len(lines) - changed}" if lines else ""
        self.table.set_rows(lines, footer=footer)
        self.older.setVisible(self._journal.more)

    def _show_line(self, line: JournalLine | None) -> None:
        if line is None:
            self.whole.setText("")
            return
        because = f"　原因：{line.reason}" if line.reason else ""
        self.whole.setText(f"{line.at:%Y-%m-%d %H:%M:%S}　{line.who} {line.sentence}。{because}")

    def _show_found(self, subjects: list[Subject]) -> None:
        self._subjects = subjects
        if len(subjects) == 1:
            self._choose_subject(subjects[0])
            self.load()
            return
        self.found.set_chips([Chip(str(number), words) for number, (_, _, words) in enumerate(subjects)])
        self.found.setVisible(bool(subjects))
        if not subjects:
            self.context.messages.warn("没有找到这个名字。")

    def _on_found_chosen(self, key: str) -> None:
        if key.isdigit() and int(key) < len(self._subjects):
            self._choose_subject(self._subjects[int(key)])
            self.load()

    def _begin_with(self, words: str) -> None:
        if self._opened_for is not None:
            self._choose_subject((self._opened_for, None, words))
            self.load()

    def _take_filters_away(self) -> None:
        self._choose_subject(None)
        self.name.clear()
        self.start.set_value(None)
        self.end.set_value(None)
        self.actor.set_value(None)
        self.chips.choose(_BOTH)

    def _choose_subject(self, subject: Subject | None) -> None:
        self._subject, self._limit = subject, _FIRST
        self.found.hide()
        if subject is not None:
            self.name.setText(subject[2])

    def _on_name_edited(self, text: str) -> None:
        if not text and self._subject is not None:
            self._choose_subject(None)
            self.load()

    # Building

    def _connect(self) -> None:
        self.name.returnPressed.connect(self.look_for)
        self.name.textChanged.connect(self._on_name_edited)
        self.found.chosen.connect(self._on_found_chosen)
        self.chips.chosen.connect(lambda _: self._reload())
        self.actor.changed.connect(self._reload)
        self.table.chosen.connect(self._show_line)
        for editor in (self.start, self.end):
            editor.entered.connect(self._reload)

    def _reload(self) -> None:
        self._limit = _FIRST
        self.load()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(px(10))
        for editor in (self.start, self.end):
            editor.setFixedWidth(px(132))
        self.actor.setFixedWidth(px(124))
        top.addWidget(self.name, 1)
        top.addWidget(self.actor)
        top.addWidget(phrase("从", self))
        top.addWidget(self.start)
        top.addWidget(phrase("到", self))
        top.addWidget(self.end)
        top.addWidget(button("找", self._on_look))
        below = QHBoxLayout()
        below.addWidget(self.chips, 1)
        below.addWidget(self.older)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(10))
        layout.addLayout(top)
        layout.addWidget(self.found)
        layout.addLayout(below)
        layout.addWidget(self.mistake)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.whole)
        self.found.hide()
        self.mistake.hide()
        self.older.hide()

    def _on_look(self) -> None:
        if self.name.text().strip() and (self._subject is None or self.name.text() != self._subject[2]):
            self.look_for()
        else:
            self._reload()


def _columns() -> list[Column[JournalLine]]:
    return [
        Column("时间", lambda line: f"{line.at:%Y-%m-%d %H:%M}", 150),
        Column("谁", lambda line: line.who, 76),
        Column("做了什么", lambda line: line.sentence, 262, stretch=True, tone=_tone),
        Column("为什么", lambda line: line.reason, 130),
        Column("编号", lambda line: line.number, 84, tone=lambda _: "text_second"),
    ]


def _tone(line: JournalLine) -> str:
    return "soon" if line.sentence.startswith("想做“") else ""


def _day(day: date | None) -> str:
    return format_date(day) if day else ""
