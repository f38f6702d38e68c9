"""Which household is it for? Typing narrows the list; Enter goes on to its application."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.relief.queries import list_households_for_relief
from desktop_app.relief.rows import HouseholdChoice
from desktop_app.relief.screens.step_pages import page_key
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.labels import hint
from desktop_app.widgets.look import px
from desktop_app.widgets.record_table import Column, RecordTable
from village_core.domain.relief.steps import StepKind

_AT_MOST = 200
_TYPING_MS = 150


class NewCasePage(Page):
    """Households of a listed type come first."""

    title = "新开一件救助"
    subtitle = "先选是哪一户"
    topics = frozenset({"households", "relief"})
    help_text = "输入户主姓名或组名来找。列在前面的是户类型在救助范围内、现在没有在办救助的户。"

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.text = TextEdit(placeholder="户主姓名或组名", most=40)
        self.table: RecordTable[HouseholdChoice] = RecordTable(
            [
                Column("户主", lambda row: row.head_name or "（还没有户主）", 160),
                Column("组", lambda row: row.group_name, 160),
                Column("户类型", lambda row: "、".join(row.types), 260),
                Column("说明", lambda row: row.note, 260, tone=lambda row: "soon" if row.note else ""),
            ],
            empty_text="没有找到这样的户。先到“农户”里登记，再来申请。",
            keys_text="Enter 填申请",
        )
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_MS)
        self._typing.timeout.connect(self.load)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(10))
        layout.addWidget(self.text)
        layout.addWidget(hint("救助以户为单位，一户一年一次。"))
        layout.addWidget(self.table, 1)
        self.text.changed.connect(self._typing.start)
        self.text.entered.connect(self._on_entered)
        self.table.opened.connect(self._on_opened)

    def open(self, **arguments: object) -> None:
        del arguments
        self.text.set_value("")
        self.load()

    def load(self) -> None:
        wanted = self.text.value()
        self.fetch(lambda reader: list_households_for_relief(reader, text=wanted, limit=_AT_MOST), self._show)

    def take_cursor(self) -> None:
        self.text.setFocus()

    def _show(self, choices: list[HouseholdChoice]) -> None:
        free = sum(not choice.note for choice in choices)
        more = "　只列了这些，打户主或组的名字来找" if len(choices) == _AT_MOST else ""
        self.table.set_rows(choices, footer=f"{len(choices)} 户，其中 {free} 户可以申请{more}")

    def _on_entered(self) -> None:
        """One household left: take it; several: go to the list."""
        if self._typing.isActive():
            self._typing.stop()
            self.load()
        if len(self.table.rows) == 1:
            self._on_opened(self.table.rows[0])
        else:
            self.table.setFocus()

    def _on_opened(self, choice: HouseholdChoice) -> None:
        self.context.navigate.replace(page_key(StepKind.APPLICATION), household_id=choice.id)
