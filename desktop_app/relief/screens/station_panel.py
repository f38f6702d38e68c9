"""The middle of a case: what is now (or what was done at a chosen station), what is missing, the rule, the buttons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.relief.rows import CaseDetail
from desktop_app.relief.screens.record_lines import RecordLine, fill_lines
from desktop_app.relief.screens.station_words import STATION_RULES
from desktop_app.relief.wording import short_date
from desktop_app.widgets.buttons import Button, button, link_button, primary_button
from desktop_app.widgets.card import Card, ScrollColumn
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.flow_layout import FlowLayout
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px
from village_core.domain.calendar import chinese_date
from village_core.domain.relief.check_archive import missing_papers
from village_core.domain.relief.guidance import NextStep, StationStatus
from village_core.domain.relief.state import STATUS_TITLES, CaseStatus
from village_core.domain.relief.steps import (
    BESIDE,
    STATION_TITLES,
    STEP_STATIONS,
    Station,
    StepKind,
    StepRecord,
)

_BUTTON_WORDS = {
    StepKind.FIRST_REVIEW: "记下初审意见",
    StepKind.PARTY_PROPOSAL: "记下①提议会结果",
    StepKind.COMMITTEES_CONSULTATION: "记下②商议会结果",
    StepKind.PARTY_MEMBERS_REVIEW: "记下③党员大会结果",
    StepKind.VILLAGERS_RESOLUTION: "记下④决议会结果",
    StepKind.RESOLUTION_PUBLISHED: "记下决议公开",
    StepKind.TOWNSHIP_REVIEW: "记下乡镇意见",
    StepKind.NOTICE_POSTED: "记下贴出公示",
    StepKind.OBJECTION_RECEIVED: "记一条异议",
    StepKind.OBJECTION_CONCLUDED: "记核查结论",
    StepKind.NOTICE_TAKEN_DOWN: "公示期满，记下取下",
    StepKind.PAYMENT: "发放救助金",
    StepKind.RESULT_PUBLISHED: "记下结果公开",
    StepKind.FOLLOW_UP: "记一次回访",
    StepKind.ARCHIVE: "归档",
    StepKind.WITHDRAWAL: "撤回申请",
    StepKind.INSPECTION: "记监督查看",
    StepKind.OTHER_HELP: "记其他帮扶",
}


@dataclass(frozen=True)
class StationLink:
    """A button that another feature adds to stations of a case, e.g. 打印公示."""

    words: str
    key: str
    stations: frozenset[Station]


class StationPanel(Card):
    """One station of one case."""

    step_asked = Signal(object)
    """A kind of step that is to be recorded."""
    correction_asked = Signal(object)
    papers_chosen = Signal(object, str, list)
    paper_opened = Signal(object)
    link_chosen = Signal(str)
    back_asked = Signal()

    def __init__(self, links: Sequence[StationLink] = (), parent: QWidget | None = None) -> None:
        super().__init__(" ", parent=parent)
        self._links = tuple(links)
        self._open_ids: set[UUID] = set()
        self.lines: list[RecordLine] = []
        self.buttons: dict[StepKind, Button] = {}
        self.main_button: Button | None = None
        self._column = ScrollColumn()
        self._foot = QWidget(self)
        self._foot_layout = FlowLayout(self._foot, gap=px(10))
        self.body.addWidget(self._column, 1)
        self.body.addWidget(self._foot)
        self.reasons_button: Button | None = None
        self.reasons: list[ClauseBox] = []

    def show_station(self, detail: CaseDetail, station: Station) -> None:
        """Show what was, is or will be at this station."""
        self._clear()
        view = detail.stations[station.value - 1]
        now = view.status is StationStatus.NOW
        self.set_title(f"{_heading(detail, station, view.status)}：{view.title}（第{station.value}步）")
        layout = self._column.body
        for words, tone in _sentences(detail, station):
            layout.addWidget(paragraph(words, self, tone=tone))
        if not now and view.status is not StationStatus.LATER:
            self._open_ids |= {record.id for record in view.records[-1:]}
        self.lines = self._add_lines(layout, detail, view.records)
        if now:
            self._add_needs(layout, detail)
        if now or not detail.state.is_running:
            beside = tuple(record for record in detail.state.records if record.kind in BESIDE)
            self.lines += self._add_lines(layout, detail, beside)
        rule = detail.pack.rule(STATION_RULES[station], detail.today)
        clause = ClauseBox(self)
        clause.set_clause(rule.clause, rule.cited_source)
        layout.addWidget(clause)
        self._add_reasons(layout, detail, now=now)
        layout.addStretch(1)
        self._add_buttons(detail, station, now=now)

    def _add_lines(self, layout: QVBoxLayout, detail: CaseDetail, records: tuple[StepRecord, ...]) -> list[RecordLine]:
        lines = fill_lines(
            layout,
            detail,
            records,
            open_ids=frozenset(self._open_ids),
            on_papers=self._on_papers,
            on_paper=self.paper_opened.emit,
            on_correct=self.correction_asked.emit,
        )
        for line in lines:
            line.toggle.clicked.connect(
                lambda _=False, line=line: self._open_ids.symmetric_difference_update({line.record.id})
            )
        return lines

    def _on_papers(self, step_id: UUID, kind: str, paths: list[Path]) -> None:
        self.papers_chosen.emit(step_id, kind, paths)

    def _add_needs(self, layout: QVBoxLayout, detail: CaseDetail) -> None:
        main = _main(detail)
        if main is None:
            return
        needs = () if main.kind is StepKind.ARCHIVE else main.needs
        for need in needs:
            layout.addWidget(paragraph(f"○　{need}", self, tone="second"))
        missing = missing_papers(detail.state, detail.facts, pack=detail.pack, on=detail.today)
        for paper in missing:
            layout.addWidget(self._missing_line(paper.title, paper.step))

    def _missing_line(self, title: str, step: StepRecord) -> QWidget:
        made = link_button(f"○　还缺照片：{title}", lambda: self._show_record(step))
        made.setProperty("tone", "soon")
        return made

    def _show_record(self, step: StepRecord) -> None:
        """Open the record that lacks a paper, here or at its own station."""
        self._open_ids.add(step.id)
        line = next((one for one in self.lines if one.record.id == step.id), None)
        if line is None:
            self.link_chosen.emit(f"station:{STEP_STATIONS[step.kind].value}")
        else:
            line.open_body()

    def _add_reasons(self, layout: QVBoxLayout, detail: CaseDetail, *, now: bool) -> None:
        self.reasons = []
        for reason in detail.waiting:
            box = ClauseBox(self)
            box.set_clause(reason.clause, reason.source, message=reason.message, tone="soon")
            box.setVisible(not now or not detail.state.is_running)
            layout.addWidget(box)
            self.reasons.append(box)

    def _add_buttons(self, detail: CaseDetail, station: Station, *, now: bool) -> None:
        foot = self._foot_layout
        main = _main(detail)
        if not now and detail.state.is_running:
            foot.addWidget(button("回到现在这一步", self.back_asked.emit))
        if detail.waiting and now:
            self.reasons_button = button(f"办不了的原因（{len(detail.waiting)}）", self._toggle_reasons)
            foot.addWidget(self.reasons_button)
        for link in self._links:
            if station in link.stations:
                foot.addWidget(button(link.words, partial(self.link_chosen.emit, link.key)))
        if now or not detail.state.is_running:
            for step in detail.next_steps:
                if not step.main:
                    foot.addWidget(self._step_button(step, primary=False, enabled=True))
        if now and main is not None:
            ready = main.earliest is None or main.earliest <= detail.today
            self.main_button = self._step_button(main, primary=True, enabled=ready)
            foot.addWidget(self.main_button)

    def _step_button(self, step: NextStep, *, primary: bool, enabled: bool) -> Button:
        make = primary_button if primary else button
        made = make(_BUTTON_WORDS.get(step.kind, step.title), lambda: self.step_asked.emit(step.kind))
        made.setEnabled(enabled)
        self.buttons[step.kind] = made
        return made

    def _toggle_reasons(self) -> None:
        for box in self.reasons:
            box.setVisible(box.isHidden())
        shown = next((box for box in self.reasons if not box.isHidden()), None)
        if shown is not None:
            self._column.ensureWidgetVisible(shown)

    def _clear(self) -> None:
        self.buttons, self.lines, self.reasons = {}, [], []
        self.main_button = self.reasons_button = None
        for layout in (self._column.body, self._foot_layout):
            while (item := layout.takeAt(0)) is not None:
                widget = item.widget()
                if widget is not None:
                    widget.hide()
                    widget.deleteLater()


def _main(detail: CaseDetail) -> NextStep | None:
    return next((step for step in detail.next_steps if step.main), None)


def _heading(detail: CaseDetail, station: Station, status: StationStatus) -> str:
    if status is StationStatus.FAILED:
        return "已撤回" if detail.state.status is CaseStatus.WITHDRAWN else "没有通过"
    del station
    return {StationStatus.DONE: "已办", StationStatus.NOW: "现在", StationStatus.LATER: "以后"}[status]


def _sentences(detail: CaseDetail, station: Station) -> list[tuple[str, str]]:
    """What is to be said first, with its tone."""
    view = detail.stations[station.value - 1]
    state = detail.state
    if view.status is StationStatus.LATER:
        if not state.is_running:
            return [(f"这一件{STATUS_TITLES[state.status]}，不再办这一步。", "second")]
        return [(f"“{STATION_TITLES[state.station]}”办完以后才能办这一步。", "second")]
    if station is Station.NOTICE and state.notice is not None:
        return [(_notice_sentence(detail), "plain")]
    if view.status is StationStatus.NOW:
        main = _main(detail)
        if main is not None and main.earliest is not None and main.earliest > detail.today:
            return [(f"最早{chinese_date(main.earliest)}能办“{main.title}”。", "plain")]
        if main is not None:
            return [(f"下一步：{main.title}。", "plain")]
    return []


def _notice_sentence(detail: CaseDetail) -> str:
    posted_on, notice = detail.state.done_on(StepKind.NOTICE_POSTED), detail.state.notice
    assert posted_on is not None
    assert notice is not None
    days = detail.facts.calendar.count_workdays(posted_on, notice.until)
    end = _end_words(posted_on, notice.until)
    sentence = f"公示 {days} 个工作日，从 {chinese_date(posted_on)} 到 {end}（含）"
    if detail.state.has(StepKind.NOTICE_TAKEN_DOWN):
        return f"{sentence}，已经取下。"
    left = (notice.until - detail.today).days + 1
    return f"{sentence}，还剩 {left} 天。" if left > 0 else f"{sentence}，已经期满。"


def _end_words(first: date, last: date) -> str:
    return short_date(last) if first.year == last.year else chinese_date(last)
