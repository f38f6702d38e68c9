"""救助: the list of cases, by what can be done with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.relief.queries import get_pool, list_cases
from desktop_app.relief.rows import CaseRow
from desktop_app.relief.wording import short_date
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.storage.unit_of_work import Reader
from desktop_app.widgets.buttons import primary_button
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.look import px
from desktop_app.widgets.record_table import Column, RecordTable
from village_core.domain.calendar import chinese_date
from village_core.domain.money import format_yuan
from village_core.domain.relief.grants import PoolStatus
from village_core.domain.relief.state import CaseStatus
from village_core.domain.staff.rights import Right

_FILTERS: dict[str, tuple[str, Callable[[CaseRow], bool]]] = {
    "running": ("在办", lambda row: row.status in (CaseStatus.OPEN, CaseStatus.PAID)),
    "unpaid": ("还没发放", lambda row: row.status is CaseStatus.OPEN),
    "follow": ("已发放，没归档", lambda row: row.status is CaseStatus.PAID),
    "archived": ("已归档", lambda row: row.status is CaseStatus.ARCHIVED),
    "ended": ("不予救助、撤回", lambda row: row.status in (CaseStatus.REFUSED, CaseStatus.WITHDRAWN)),
    "all": ("全部", lambda _: True),
}
_EMPTY = {
    "running": "没有正在办的救助。有户来申请时，点“新开一件救助”。",
    "unpaid": "没有等着发放的救助。",
    "follow": "没有等着回访和归档的救助。",
    "archived": "还没有归档的救助。",
    "ended": "没有不予救助或撤回的。",
    "all": "还没有办过救助。有户来申请时，点“新开一件救助”。",
}


class CasesPage(Page):
    """`open(filter="archived")` presses a chip."""

    title = "救助"
    topics = frozenset({"relief", "households", "settings", "ledger"})
    help_text = "每一行是一户的一件救助。按 Enter 打开，Ctrl+N 新开一件。"

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._rows: list[CaseRow] = []
        self._pool: PoolStatus | None = None
        self.chips = FilterChips([Chip(key, words) for key, (words, _) in _FILTERS.items()])
        self.table = RecordTable(
            _columns(),
            empty_text=_EMPTY["running"],
            empty_action=self.guard(primary_button("新开一件救助", self.add_new), Right.OPEN_CASE),
            keys_text="Enter 打开　Ctrl+N 新开一件",
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(12))
        layout.addWidget(self.chips)
        layout.addWidget(self.table, 1)
        self.chips.chosen.connect(lambda _: self._fill())
        self.table.opened.connect(self._on_opened)

    def open(self, **arguments: object) -> None:
        wanted = arguments.get("filter")
        if isinstance(wanted, str):
            self.chips.choose(wanted)
        self.load()

    def load(self) -> None:
        def query(reader: Reader) -> tuple[list[CaseRow], PoolStatus]:
            return list_cases(reader), get_pool(reader, reader.today.year)

        self.fetch(query, self._show)

    def header_buttons(self) -> list[QWidget]:
        return [self.guard(primary_button("新开一件救助", self.add_new), Right.OPEN_CASE)]

    def add_new(self) -> None:
        self.context.navigate.open("case_new")

    def take_cursor(self) -> None:
        self.table.setFocus()

    def _show(self, answer: tuple[list[CaseRow], PoolStatus]) -> None:
        self._rows, self._pool = answer
        self.chips.set_chips(
            [Chip(key, words, sum(map(matches, self._rows))) for key, (words, matches) in _FILTERS.items()]
        )
        self._fill()

    def _fill(self) -> None:
        key = self.chips.current
        rows = [row for row in self._rows if _FILTERS[key][1](row)]
        self.table.set_empty_text(_EMPTY[key])
        self.table.set_rows(rows, footer=self._footer(rows))

    def _footer(self, rows: list[CaseRow]) -> str:
        words = f"{len(rows)} 件"
        pool = self._pool
        if pool is None:
            return words
        told = f"{pool.year}年已发 {format_yuan(pool.paid_fen)} 元，已定未发 {format_yuan(pool.committed_fen)} 元"
        if pool.left_fen is None:
            return f"{words}　{told}；{pool.year - 1}年集体净收入还没有填，算不出限额。"
        return f"{words}　{told}，还剩 {format_yuan(pool.left_fen)} 元。"

    def _on_opened(self, row: CaseRow) -> None:
        self.context.navigate.open("case", case_id=row.id)


def _columns() -> list[Column[CaseRow]]:
    return [
        Column("编号", lambda row: row.number, 100),
        Column("户", lambda row: row.household_name or "（还没有户主）", 110),
        Column("组", lambda row: row.group_name, 110),
        Column("走到哪一步", lambda row: row.step_label, 120, tone=_tone),
        Column("现在办什么", _next_words, 270, tone=_waiting_tone, stretch=True),
        Column("申请日期", lambda row: _day(row.applied_on), 140, sort_key=lambda row: row.applied_on or date.min),
        Column(
            "金额（元）",
            lambda row: "" if row.amount_fen is None else format_yuan(row.amount_fen),
            120,
            sort_key=lambda row: row.amount_fen or 0,
            right=True,
        ),
        Column("发放日期", lambda row: _day(row.paid_on), 140, sort_key=lambda row: row.paid_on or date.min),
    ]


def _next_words(row: CaseRow) -> str:
    if row.next_on is not None:
        return f"公示中，{short_date(row.next_on)}起可以取下"
    return row.waiting or row.next_title


def _tone(row: CaseRow) -> str:
    return "text_second" if row.status in (CaseStatus.REFUSED, CaseStatus.WITHDRAWN, CaseStatus.ARCHIVED) else ""


def _waiting_tone(row: CaseRow) -> str:
    return "soon" if row.waiting and row.status in (CaseStatus.OPEN, CaseStatus.PAID) else _tone(row)


def _day(day: date | None) -> str:
    return chinese_date(day) if day else ""
