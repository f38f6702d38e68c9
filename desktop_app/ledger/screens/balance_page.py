"""科目余额表 between two days: opening, turnover and closing, each pair with its check."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.ledger.queries import trial_balance
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.widgets.buttons import Button, button
from desktop_app.widgets.date_edit import DateEdit, format_date
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.labels import phrase
from desktop_app.widgets.look import px
from desktop_app.widgets.record_table import Column, RecordTable
from village_core.domain.clock import today
from village_core.domain.ledger.accounts import display_code
from village_core.domain.ledger.trial_balance import TrialBalanceRow, totals_of
from village_core.domain.money import format_yuan


def shown_fen(fen: int) -> str:
    """An amount, or nothing where there is none."""
    return format_yuan(fen) if fen else ""


COLUMNS = (
    Column[TrialBalanceRow]("编码", lambda row: display_code(row.code), width=84, sort_key=lambda row: row.code),
    Column[TrialBalanceRow]("科目", lambda row: "　" * (row.level - 1) + row.name, width=150, stretch=True),
    *(
        Column[TrialBalanceRow](title, text, width=118, sort_key=key, right=True)
        for title, text, key in (
            ("期初借方", lambda r: shown_fen(max(r.opening_fen, 0)), lambda r: max(r.opening_fen, 0)),
            ("期初贷方", lambda r: shown_fen(max(-r.opening_fen, 0)), lambda r: max(-r.opening_fen, 0)),
            ("本期借方", lambda r: shown_fen(r.debit_fen), lambda r: r.debit_fen),
            ("本期贷方", lambda r: shown_fen(r.credit_fen), lambda r: r.credit_fen),
            ("期末借方", lambda r: shown_fen(max(r.closing_fen, 0)), lambda r: max(r.closing_fen, 0)),
            ("期末贷方", lambda r: shown_fen(max(-r.closing_fen, 0)), lambda r: max(-r.closing_fen, 0)),
        )
    ),
)


class BalancePage(Page):
    """From the first day of the year to today, until other days are given."""

    title = "科目余额表"
    topics = frozenset({"ledger"})
    help_text = (
        "每个科目的期初、本期发生和期末余额，单位是元。改日期后按 Enter 就重算；“只看总账”只列一级科目。"
        "最下面三对合计都应该借贷相等。Ctrl+P 打印。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._rows: tuple[TrialBalanceRow, ...] = ()
        now = today(context.workspace.clock)
        self.start = DateEdit(self, today=lambda: now)
        self.end = DateEdit(self, today=lambda: now)
        self.start.set_value(date(now.year, 1, 1))
        self.end.set_value(now)
        self.mistake = phrase("", self, tone="bad")
        self.chips = FilterChips([Chip("all", "全部科目"), Chip("first", "只看总账")], self)
        self.table: RecordTable[TrialBalanceRow] = RecordTable(
            COLUMNS, empty_text="这段时间里没有余额，也没有发生额。", keys_text="Ctrl+P 打印　F1 说明"
        )
        self.print_button: Button = button("打印余额表", self.print_page)
        self._arrange()
        for editor in (self.start, self.end):
            editor.entered.connect(self.load)
        self.chips.chosen.connect(lambda _: self._show_rows())

    def header_buttons(self) -> list[QWidget]:
        return [self.print_button]

    def open(self, **arguments: object) -> None:
        for name, editor in (("start", self.start), ("end", self.end)):
            day = arguments.get(name)
            if isinstance(day, date):
                editor.set_value(day)
        super().open()

    def take_cursor(self) -> None:
        self.table.setFocus()

    def load(self) -> None:
        start, end = self.start.value(), self.end.value()
        problem = self.start.problem() or self.end.problem()
        if start is None or end is None:
            problem = problem or "请填从哪天到哪天。"
        elif start > end:
            problem = "开始的日期晚于结束的日期。"
        self.mistake.setText(f"✕ {problem}" if problem else "")
        self.mistake.setVisible(bool(problem))
        if problem or start is None or end is None:
            return
        self.set_heading(self.title, f"{format_date(start)} 到 {format_date(end)}")
        self.fetch(lambda reader: trial_balance(reader, start=start, end=end), self._show)

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day, once both can be read."""
        start, end = self.start.value(), self.end.value()
        return (start, end) if start is not None and end is not None else None

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(px(10))
        for editor in (self.start, self.end):
            editor.setFixedWidth(px(190))
        top.addWidget(phrase("从", self))
        top.addWidget(self.start)
        top.addWidget(phrase("到", self))
        top.addWidget(self.end)
        top.addWidget(button("重算", self.load))
        top.addWidget(self.chips, 1, Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(10))
        layout.addLayout(top)
        layout.addWidget(self.mistake)
        layout.addWidget(self.table, 1)

    def _show(self, rows: tuple[TrialBalanceRow, ...]) -> None:
        self._rows = rows
        self._show_rows()

    def _show_rows(self) -> None:
        first_only = self.chips.current == "first"
        shown = [row for row in self._rows if row.level == 1 or not first_only]
        totals = totals_of(self._rows)
        pairs = (
            ("期初", totals.opening_debit_fen, totals.opening_credit_fen),
            ("本期", totals.debit_fen, totals.credit_fen),
            ("期末", totals.closing_debit_fen, totals.closing_credit_fen),
        )
        words = [
            f"{word}合计借贷各 {format_yuan(debit)}"
            if debit == credit
            else f"{word}合计借 {format_yuan(debit)}、贷 {format_yuan(credit)}"
            for word, debit, credit in pairs
        ]
        words.append("✓ 三对都相等" if totals.balanced else "✕ 借贷不相等，请查期初余额")
        self.table.set_rows(shown, footer="　".join([f"{len(shown)} 个科目", *words]) if shown else "")

    def print_page(self) -> None:
        if self.days is not None:
            start, end = self.days
            self.context.navigate.open("preview", kind="trial_balance", start=start, end=end)
