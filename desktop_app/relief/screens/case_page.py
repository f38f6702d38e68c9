"""A case: eight stations, what is now, what is missing and why it waits; the household and the pool beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext
from desktop_app.relief.papers import CHANGED, PaperRow, attach_paper
from desktop_app.relief.queries import get_case_detail
from desktop_app.relief.rows import KIND_LABEL, CaseDetail
from desktop_app.relief.screens.action_bar import ActionBar, StationLink
from desktop_app.relief.screens.household_panel import HouseholdPanel
from desktop_app.relief.screens.station_panel import StationPanel
from desktop_app.relief.screens.station_words import timeline_of
from desktop_app.relief.screens.step_pages import page_key
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.storage.changes import Changes
from desktop_app.widgets.buttons import button
from desktop_app.widgets.card import Card, ScrollColumn
from desktop_app.widgets.look import px
from desktop_app.widgets.timeline import Timeline
from village_core.domain.errors import ProblemOutsideError
from village_core.domain.relief.guidance import StationStatus
from village_core.domain.relief.steps import Station, StepKind, StepRecord


@dataclass(frozen=True)
class CaseLink:
    """What another feature offers on a case: on top of the page, or at some stations only."""

    words: str
    open: Callable[[PageContext, UUID], None]
    stations: frozenset[Station] = frozenset()


class CasePage(Page):
    """`open(case_id=…)`."""

    title = "救助"
    topics = frozenset({"relief", "ledger", "households", "settings"})
    help_text = (
        "上面八步，打勾的办完了，圆圈里是数字的还没办。点一步看它的记录和照片。"
        "左边写着现在办什么、还缺什么；灰的按钮现在办不了，按“办不了的原因”看为什么。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None, *, links: Sequence[CaseLink] = ()) -> None:
        super().__init__(context, parent)
        self._links = tuple(links)
        self._case_id: UUID | None = None
        self._chosen: Station | None = None
        self.detail: CaseDetail | None = None
        self.timeline = Timeline()
        self.station = StationPanel()
        self.actions_bar = ActionBar(self._station_links())
        self._column = ScrollColumn()
        self.household = HouseholdPanel(context)
        self._build()
        self._connect()

    def open(self, **arguments: object) -> None:
        case_id = arguments.get("case_id")
        assert isinstance(case_id, UUID)
        if case_id != self._case_id:
            self._case_id, self._chosen, self.detail = case_id, None, None
        self.load()

    def load(self) -> None:
        case_id = self._case_id
        if case_id is not None:
            self.fetch(lambda reader: get_case_detail(reader, case_id), self._show)

    def header_buttons(self) -> list[QWidget]:
        return [button(link.words, partial(self._follow, link)) for link in self._links if not link.stations]

    def take_cursor(self) -> None:
        main, reasons = self.actions_bar.main_button, self.actions_bar.reasons_button
        if main is not None and main.isEnabled():
            main.setFocus()
        elif reasons is not None and not self.actions_bar.note.isHidden():
            reasons.setFocus()
        else:
            self.timeline.setFocus()

    def print_page(self) -> None:
        first = next((link for link in self._links if not link.stations), None)
        if first is not None:
            self._follow(first)

    def _build(self) -> None:
        top = Card()
        top.body.addWidget(self.timeline)
        middle = QHBoxLayout()
        middle.setSpacing(px(16))
        middle.addWidget(self.station, 3)
        middle.addWidget(self.household, 2)
        self._column.body.addWidget(top)
        self._column.body.addLayout(middle, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(10))
        layout.addWidget(self._column, 1)
        layout.addWidget(self.actions_bar)

    def _connect(self) -> None:
        self.timeline.chosen.connect(self._on_station)
        self.actions_bar.step_asked.connect(self._on_step)
        self.actions_bar.link_chosen.connect(lambda key: self._follow(self._links[int(key)]))
        self.actions_bar.back_asked.connect(self._to_now)
        self.actions_bar.reasons_asked.connect(self._on_reasons)
        self.station.correction_asked.connect(self._on_correction)
        self.station.papers_chosen.connect(self._on_papers)
        self.station.paper_opened.connect(self._on_paper)
        self.station.station_asked.connect(self._to_station)

    def _show(self, detail: CaseDetail) -> None:
        opened, self.detail = self.detail is None, detail
        self.set_heading(f"{detail.title} · {KIND_LABEL}", f"{detail.number} 号")
        station = self._chosen or self._station_now(detail)
        self.timeline.set_stations(timeline_of(detail), current=str(station.value))
        self._show_station(detail, station)
        self.household.show_case(detail)
        if opened and self.timeline.hasFocus() and not self.actions_bar.note.isHidden():
            self.take_cursor()

    def _show_station(self, detail: CaseDetail, station: Station) -> None:
        """Its widgets are made anew: a cursor that stood on one of them goes to what is next."""
        cursor = QApplication.focusWidget()
        lost = cursor is None or (cursor is not self.timeline and self.isAncestorOf(cursor))
        self.station.show_station(detail, station)
        self.actions_bar.show_actions(detail, station)
        if lost and self.isVisible():
            self.take_cursor()

    def _station_now(self, detail: CaseDetail) -> Station:
        ended = next((view.station for view in detail.stations if view.status is StationStatus.FAILED), None)
        return ended or detail.state.station

    def _on_station(self, key: str) -> None:
        if self.detail is not None:
            station = Station(int(key))
            self._chosen = None if station is self._station_now(self.detail) else station
            self._show_station(self.detail, station)

    def _to_station(self, number: int) -> None:
        if self.detail is not None:
            self._chosen = Station(number)
            self._show(self.detail)

    def _to_now(self) -> None:
        self._chosen = None
        if self.detail is not None:
            self._show(self.detail)

    def _on_reasons(self) -> None:
        shown = self.station.toggle_reasons()
        if shown is not None:
            QTimer.singleShot(0, shown, lambda: self._column.ensureWidgetVisible(shown))

    def _on_step(self, kind: StepKind) -> None:
        self._chosen = None
        self.context.navigate.open(page_key(kind), case_id=self._case_id)

    def _on_correction(self, record: StepRecord) -> None:
        self.context.navigate.open(page_key(record.kind), case_id=self._case_id, step_id=record.id)

    def _on_paper(self, paper: PaperRow) -> None:
        self.context.navigate.open("case_paper", case_id=self._case_id, paper_id=paper.id)

    def _follow(self, link: CaseLink) -> None:
        if self._case_id is not None:
            link.open(self.context, self._case_id)

    def _station_links(self) -> list[StationLink]:
        return [
            StationLink(link.words, str(number), link.stations)
            for number, link in enumerate(self._links)
            if link.stations
        ]

    def _on_papers(self, step_id: UUID, kind: str, paths: list[Path]) -> None:
        """Read, check and store the pictures in the background; all of them or none."""
        case_id, workspace = self._case_id, self.context.workspace
        assert case_id is not None

        def work(task: TaskContext) -> int:
            contents = [_read(path) for path in paths]
            with workspace.unit_of_work(reason="放照片") as uow:
                for number, content in enumerate(contents):
                    task.progress(number, len(contents))
                    attach_paper(uow, workspace.attachments, step_id, case_id=case_id, kind=kind, content=content)
                uow.commit()
            return len(contents)

        def done(count: int) -> None:
            self.context.changes.announce(Changes(CHANGED.topics))
            self.context.messages.tell(f"已放好 {count} 张照片。")

        self.context.tasks.run(work, lane=Lane.DB, owner=self, on_done=done, on_error=self.context.messages.fail)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ProblemOutsideError(
            f"读不了“{path.name}”。", safe="资料没有改动。", next_step="请看看 U 盘或相机还连着没有，再放一次。"
        ) from error
