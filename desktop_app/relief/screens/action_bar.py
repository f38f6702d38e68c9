"""Below a case: 回避, why it waits, what can be printed, what else can be recorded, and the one deed that is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.relief.rows import CaseDetail
from desktop_app.widgets.buttons import Button, button, primary_button
from desktop_app.widgets.flow_layout import FlowLayout
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px
from village_core.domain.relief.guidance import NextStep, StationStatus
from village_core.domain.relief.steps import BESIDE, Station, StepKind

BUTTON_WORDS = {
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
    StepKind.WITHDRAWAL: "撤回申请…",
    StepKind.INSPECTION: "记监督查看…",
    StepKind.OTHER_HELP: "记其他帮扶…",
}
_IN_MENU = BESIDE | {StepKind.WITHDRAWAL}


@dataclass(frozen=True)
class StationLink:
    """A button that another feature adds to stations of a case, e.g. 打印公示."""

    words: str
    key: str
    stations: frozenset[Station]


class ActionBar(QWidget):
    """Buttons for one station of one case; made anew each time."""

    step_asked = Signal(object)
    link_chosen = Signal(str)
    reasons_asked = Signal()
    back_asked = Signal()

    def __init__(self, links: Sequence[StationLink] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._links = tuple(links)
        left = QWidget(self)
        self._layout = FlowLayout(left, gap=px(10))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        left.setSizePolicy(policy)
        self.note = paragraph("", self, tone="soon")
        self.note.setAccessibleName("回避")
        self.note.hide()
        self._row = QHBoxLayout()
        self._row.setSpacing(px(10))
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.setSpacing(px(6))
        around.addWidget(self.note)
        around.addLayout(self._row)
        self._row.addWidget(left, 1)
        self.buttons: dict[StepKind, Button] = {}
        self.main_button: Button | None = None
        self.reasons_button: Button | None = None
        self.more_button: Button | None = None
        self._menu: QMenu | None = None

    def show_actions(self, detail: CaseDetail, station: Station) -> None:
        """The deeds of this station; those of the whole case when it is the one that is now, or when it ended."""
        self._clear()
        view = detail.stations[station.value - 1]
        now = view.status is StationStatus.NOW
        if not now and detail.state.is_running:
            self._layout.addWidget(button("回到现在这一步", self.back_asked.emit))
        if now and detail.waiting:
            self.reasons_button = button(f"办不了的原因（{len(detail.waiting)}）", self.reasons_asked.emit)
            self._layout.addWidget(self.reasons_button)
        for link in self._links:
            if station in link.stations and view.status is not StationStatus.LATER:
                self._layout.addWidget(button(link.words, partial(self.link_chosen.emit, link.key)))
        if now or not detail.state.is_running:
            self._add_steps(detail)
        self.setVisible(self._layout.count() > 0 or self.main_button is not None)

    def _add_steps(self, detail: CaseDetail) -> None:
        main = next((step for step in detail.next_steps if step.main), None)
        self._note_aside(main, detail)
        for step in detail.next_steps:
            if step is not main and step.kind not in _IN_MENU:
                made = self._step_button(step, button(BUTTON_WORDS[step.kind], self._ask(step)))
                made.bar(detail.barred.get(step.kind, ""))
                self._layout.addWidget(made)
        others = [step for step in detail.next_steps if step is not main and step.kind in _IN_MENU]
        if others:
            self._add_menu(others, detail)
        if main is not None:
            self.main_button = self._step_button(main, primary_button(BUTTON_WORDS[main.kind], self._ask(main)))
            self.main_button.setEnabled(_is_ready(main, detail))
            self.main_button.bar(detail.barred.get(main.kind, ""))
            self.main_button.setAccessibleDescription(detail.aside.get(main.kind, ""))
            self._row.addWidget(self.main_button, 0, Qt.AlignmentFlag.AlignBottom)

    def _note_aside(self, main: NextStep | None, detail: CaseDetail) -> None:
        """回避 stands where the button is, before it is pressed."""
        offered = [step for step in detail.next_steps if step is not main and step.kind not in _IN_MENU]
        told = [detail.aside[step.kind] for step in (main, *offered) if step is not None and step.kind in detail.aside]
        self.note.setText("\n".join(dict.fromkeys(told)))
        self.note.setVisible(bool(told))

    def _ask(self, step: NextStep) -> partial[None]:
        return partial(self.step_asked.emit, step.kind)

    def _step_button(self, step: NextStep, made: Button) -> Button:
        self.buttons[step.kind] = made
        return made

    def _add_menu(self, steps: list[NextStep], detail: CaseDetail) -> None:
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        for step in steps:
            action = self._menu.addAction(BUTTON_WORDS[step.kind])
            action.triggered.connect(lambda _=False, kind=step.kind: self.step_asked.emit(kind))
            action.setToolTip(detail.barred.get(step.kind, ""))
            action.setEnabled(step.kind not in detail.barred)
        self.more_button = button("其他要记的事", self._open_menu)
        self._layout.addWidget(self.more_button)

    def _open_menu(self) -> None:
        if self._menu is not None and self.more_button is not None:
            above = self.more_button.mapToGlobal(QPoint(0, -self._menu.sizeHint().height()))
            self._menu.popup(above)

    def menu_words(self) -> list[str]:
        """What stands in the menu."""
        return [action.text() for action in self._menu.actions()] if self._menu else []

    def _clear(self) -> None:
        self.buttons = {}
        self.note.hide()
        if self.main_button is not None:
            self._row.removeWidget(self.main_button)
            self.main_button.hide()
            self.main_button.deleteLater()
        self.main_button = self.reasons_button = self.more_button = None
        if self._menu is not None:
            self._menu.deleteLater()
            self._menu = None
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


def _is_ready(step: NextStep, detail: CaseDetail) -> bool:
    """Its day has come; a file is archived only when no paper is missing."""
    if step.earliest is not None and step.earliest > detail.today:
        return False
    return step.kind is not StepKind.ARCHIVE or not step.needs
