"""On a household's page: the relief that it received or asked for."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext
from desktop_app.households.screens.side_cards import SideCard
from desktop_app.relief.queries import list_cases
from desktop_app.relief.rows import CaseRow
from desktop_app.shell.context import PageContext
from desktop_app.widgets.buttons import link_button
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px
from village_core.domain.calendar import chinese_date
from village_core.domain.money import format_yuan


class HelpReceived(SideCard):
    """One line a case; its number opens it."""

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__("得到的帮助", parent=parent)
        self._context = context
        self._lines = QVBoxLayout()
        self._lines.setSpacing(px(8))
        self.body.addLayout(self._lines)

    def show_household(self, household_id: UUID) -> None:
        workspace = self._context.workspace

        def work(_: TaskContext) -> list[CaseRow]:
            with workspace.reader() as reader:
                return [case for case in list_cases(reader) if case.household_id == household_id]

        self._context.tasks.run(work, lane=Lane.DB, owner=self, on_done=self._show)

    def _show(self, cases: list[CaseRow]) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for case in cases:
            self._lines.addWidget(self._line(case))
        if not cases:
            self._lines.addWidget(paragraph("没有领过村集体救助。", tone="second"))

    def _line(self, case: CaseRow) -> QWidget:
        box = QWidget(self)
        layout = QHBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(10))
        open_case = partial(self._context.navigate.open, "case", case_id=case.id)
        layout.addWidget(link_button(f"{case.number} 号", open_case), 0, Qt.AlignmentFlag.AlignTop)
        amount = f"，{format_yuan(case.amount_fen)} 元" if case.amount_fen is not None else ""
        day = case.paid_on or case.applied_on
        when = f"{chinese_date(day)}，" if day else ""
        layout.addWidget(paragraph(f"{when}{case.kind_label}{amount}，{case.step_label}", box), 1)
        return box
