"""The middle of a case: what is now (or what was done at a chosen station), what is missing, the rule behind it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.relief.rows import CaseDetail
from desktop_app.relief.screens.record_lines import RecordLine, fill_lines
from desktop_app.relief.screens.station_words import STATION_RULES
from desktop_app.relief.wording import short_date
from desktop_app.widgets.buttons import Button, link_button
from desktop_app.widgets.card import Card
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px
from village_core.domain.calendar import chinese_date
from village_core.domain.relief.check_archive import MissingPaper, missing_papers
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


class StationPanel(Card):
    """One station of one case."""

    correction_asked = Signal(object)
    papers_chosen = Signal(object, str, list)
    paper_opened = Signal(object)
    station_asked = Signal(int)
    """Another station, where a paper is missing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(" ", parent=parent)
        self._content = QVBoxLayout()
        self._content.setSpacing(px(8))
        self.body.addLayout(self._content)
        self.body.addStretch(1)
        self._open_ids: set[UUID] = set()
        self._shows_missing = False
        self.lines: list[RecordLine] = []
        self.reasons: list[ClauseBox] = []
        self.missing: list[Button] = []

    def show_station(self, detail: CaseDetail, station: Station) -> None:
        """Show what was, is or will be at this station."""
        self._clear()
        view = detail.stations[station.value - 1]
        now = view.status is StationStatus.NOW
        self.set_title(f"{_heading(detail, view.status)}：{view.title}（第{station.value}步）")
        for words, tone in _sentences(detail, station):
            self._content.addWidget(paragraph(words, self, tone=tone))
        if not now and view.status is not StationStatus.LATER and not self._open_ids & {one.id for one in view.records}:
            self._open_ids |= {record.id for record in view.records[-1:]}
        self._add_lines(detail, view.records)
        if now:
            self._add_needs(detail)
        if view.status is not StationStatus.LATER:
            self._add_missing(detail, station)
        if now or not detail.state.is_running:
            self._add_lines(detail, tuple(record for record in detail.state.records if record.kind in BESIDE))
        self._add_reasons(detail, now=now)
        rule = detail.pack.rule(STATION_RULES[station], detail.today)
        clause = ClauseBox(self)
        clause.set_clause(rule.clause, rule.cited_source)
        self._content.addWidget(clause)

    def toggle_reasons(self) -> QWidget | None:
        """Show or hide why it waits; returns the first box when they are shown."""
        for box in self.reasons:
            box.setVisible(box.isHidden())
        return next((box for box in self.reasons if not box.isHidden()), None)

    def _add_lines(self, detail: CaseDetail, records: tuple[StepRecord, ...]) -> None:
        made = fill_lines(
            self._content,
            detail,
            records,
            open_ids=frozenset(self._open_ids),
            on_papers=self._on_papers,
            on_paper=self.paper_opened.emit,
            on_correct=self.correction_asked.emit,
        )
        for line in made:
            line.switched.connect(self._on_switched)
        self.lines += made

    def _on_papers(self, step_id: UUID, kind: str, paths: list[Path]) -> None:
        self._open_ids.add(step_id)
        self.papers_chosen.emit(step_id, kind, paths)

    def _on_switched(self, record_id: UUID, is_open: bool) -> None:
        if is_open:
            self._open_ids.add(record_id)
        else:
            self._open_ids.discard(record_id)

    def _add_needs(self, detail: CaseDetail) -> None:
        main = _main(detail)
        if main is not None and main.kind is not StepKind.ARCHIVE:
            for need in main.needs:
                self._content.addWidget(paragraph(f"○　{need}", self, tone="second"))

    def _add_missing(self, detail: CaseDetail, station: Station) -> None:
        """The papers that this station lacks; those of other stations as one line that opens."""
        missing = missing_papers(detail.state, detail.facts, pack=detail.pack, on=detail.today)
        here = [paper for paper in missing if STEP_STATIONS[paper.step.kind] is station]
        elsewhere = [paper for paper in missing if paper not in here]
        for paper in here:
            self._content.addWidget(self._missing_line(paper))
        now = detail.stations[station.value - 1].status is StationStatus.NOW
        if not elsewhere or not now:
            return
        lines = [self._missing_line(paper) for paper in elsewhere]
        shown = self._shows_missing or station is Station.ARCHIVE
        if station is Station.ARCHIVE:
            self._content.addWidget(paragraph(f"还缺 {len(elsewhere)} 样照片，点一样去补：", self))
        else:
            words = f"○　前面几步还缺 {len(elsewhere)} 样照片，归档以前要补齐"
            opener = link_button(words, lambda: self._toggle_missing(lines))
            opener.setProperty("tone", "plain")
            self._content.addWidget(opener)
        for line in lines:
            line.setVisible(shown)
            self._content.addWidget(line)

    def _missing_line(self, paper: MissingPaper) -> Button:
        made = link_button(f"○　还缺照片：{paper.title}", lambda: self._show_record(paper.step))
        made.setProperty("tone", "soon")
        self.missing.append(made)
        return made

    def _toggle_missing(self, lines: list[Button]) -> None:
        self._shows_missing = not self._shows_missing
        for line in lines:
            line.setVisible(self._shows_missing)

    def _show_record(self, step: StepRecord) -> None:
        """Open the record that lacks a paper, here or at its own station."""
        self._open_ids.add(step.id)
        line = next((one for one in self.lines if one.record.id == step.id), None)
        if line is None:
            self.station_asked.emit(STEP_STATIONS[step.kind].value)
        else:
            line.open_body()
            line.take_cursor()

    def _add_reasons(self, detail: CaseDetail, *, now: bool) -> None:
        for reason in detail.waiting:
            box = ClauseBox(self)
            box.set_clause(reason.clause, reason.source, message=reason.message, tone="soon")
            box.setVisible(not detail.state.is_running)
            self._content.addWidget(box)
            if now or not detail.state.is_running:
                self.reasons.append(box)

    def _clear(self) -> None:
        self.lines, self.reasons, self.missing = [], [], []
        while (item := self._content.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


def _main(detail: CaseDetail) -> NextStep | None:
    return next((step for step in detail.next_steps if step.main), None)


def _heading(detail: CaseDetail, status: StationStatus) -> str:
    if status is StationStatus.FAILED:
        return "已撤回" if detail.state.status is CaseStatus.WITHDRAWN else "没有通过"
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
        if main is not None and main.title != STATION_TITLES[station]:
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
