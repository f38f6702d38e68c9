"""三资: the vouchers of a month, drafts first, with the money that the books show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane
from desktop_app.ledger import queries, service
from desktop_app.ledger.excel import export_vouchers
from desktop_app.ledger.rows import DraftRow, MonthRow, VoucherRow
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.storage.unit_of_work import Reader
from desktop_app.widgets.buttons import Button, button, link_button, primary_button
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.look import px
from desktop_app.widgets.question import ask
from desktop_app.widgets.record_table import Column, RecordTable
from desktop_app.widgets.saving import ask_where_to_save
from village_core.domain.ledger.accounts import BANK, CASH
from village_core.domain.ledger.periods import period_label
from village_core.domain.money import format_yuan
from village_core.domain.staff.rights import Right

_WORDS = {"draft": "草稿", "posted": "已记账", "reversed": "已冲销", "reversal": "冲销"}
_TONES = {"draft": "soon", "posted": "", "reversed": "text_second", "reversal": "bad"}


@dataclass(frozen=True)
class Entry:
    """One line of the list: a voucher or a draft."""

    status: str
    voucher_date: date
    number: str
    number_order: int
    summary: str
    amount_fen: int
    papers: str
    prepared_by: str
    voucher_id: UUID | None = None
    draft_id: UUID | None = None
    kind: str = ""

    @property
    def status_words(self) -> str:
        words = _WORDS[self.status]
        if self.kind == "imported":
            return f"{words} · 导入"
        return "期初" if self.kind == "opening" and self.status == "posted" else words


@dataclass(frozen=True)
class LedgerView:
    """What the page shows."""

    months: tuple[MonthRow, ...]
    period: str
    entries: tuple[Entry, ...]
    cash_fen: int
    bank_fen: int
    gaps: tuple[str, ...]


def get_ledger_view(reader: Reader, period: str | None) -> LedgerView:
    """The chosen month; else the latest with something in it."""
    months = queries.list_months(reader)
    known = {month.period for month in months}
    if period not in known:
        period = next((month.period for month in months if month.vouchers or month.drafts), months[0].period)
    assert period is not None
    drafts = [_draft_entry(row) for row in queries.list_drafts(reader, period=period)]
    vouchers = [_voucher_entry(row, number) for number, row in enumerate(queries.list_vouchers(reader, period=period))]
    return LedgerView(
        months=months,
        period=period,
        entries=(*drafts, *vouchers),
        cash_fen=queries.balance_under(reader, CASH),
        bank_fen=queries.balance_under(reader, BANK),
        gaps=queries.list_missing_numbers(reader, period),
    )


def _draft_entry(row: DraftRow) -> Entry:
    return Entry(
        status="draft",
        voucher_date=row.voucher_date,
        number=row.draft_number,
        number_order=-1,
        summary=row.summary or "（还没有摘要）",
        amount_fen=row.amount_fen,
        papers="",
        prepared_by=row.made_by,
        draft_id=row.draft_id,
    )


def _voucher_entry(row: VoucherRow, order: int) -> Entry:
    return Entry(
        status=row.status,
        voucher_date=row.voucher_date,
        number=row.number_text,
        number_order=order,
        summary=row.summary,
        amount_fen=row.amount_fen,
        papers=str(row.paper_count) if row.paper_count else "",
        prepared_by=row.prepared_by,
        voucher_id=row.voucher_id,
        kind=row.kind,
    )


COLUMNS = (
    Column[Entry](
        "日期",
        lambda row: f"{row.voucher_date.month}月{row.voucher_date.day}日",
        width=88,
        sort_key=lambda row: (row.voucher_date, row.number_order),
    ),
    Column[Entry]("凭证号", lambda row: row.number, width=78, sort_key=lambda row: row.number_order),
    Column[Entry]("摘要", lambda row: row.summary, width=200, stretch=True),
    Column[Entry](
        "金额（元）",
        lambda row: format_yuan(row.amount_fen),
        width=118,
        sort_key=lambda row: row.amount_fen,
        right=True,
        tone=lambda row: "bad" if row.amount_fen < 0 else "",
    ),
    Column[Entry]("状态", lambda row: row.status_words, width=122, tone=lambda row: _TONES[row.status]),
    Column[Entry]("附单据", lambda row: row.papers, width=74, right=True),
    Column[Entry]("制单", lambda row: row.prepared_by, width=80),
)


class LedgerPage(Page):
    """The list of a month. Enter opens; Ctrl+N writes a voucher."""

    title = "三资"
    topics = frozenset({"ledger"})
    help_text = (
        "这里按月列出凭证。草稿在最上面，黄色，还没有记账。Enter 打开一张；Ctrl+N 记一笔。"
        "记了账的凭证不能改，错了打开它点“冲销”，再重记一张。一个月的账对好以后可以锁账。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._period: str | None = None
        self._view: LedgerView | None = None
        self.months = ChoiceEdit(parent=self, empty=None)
        self.chips = FilterChips(parent=self)
        self.lock_button: Button = link_button("锁账", self._on_lock_clicked)
        self.export_button: Button = link_button("导出凭证", self._on_export_clicked)
        self.opening_button: Button = link_button("期初余额", lambda: context.navigate.open("opening_balances"))
        self.accounts_button: Button = link_button("科目", lambda: context.navigate.open("accounts"))
        self.table: RecordTable[Entry] = RecordTable(
            COLUMNS,
            empty_text="这个月还没有凭证。",
            empty_action=self.guard(button("记一笔", self.add_new), Right.DRAFT_VOUCHER),
            keys_text="Enter 打开　Ctrl+N 记一笔　F1 说明",
        )
        self._arrange()
        self.guard(self.lock_button, Right.LOCK_MONTH)
        self.guard(self.export_button, Right.EXPORT)
        self.guard(self.opening_button, Right.KEEP_ACCOUNTS)
        self.months.changed.connect(self._on_month_chosen)
        self.chips.chosen.connect(lambda _: self._show_entries())
        self.table.opened.connect(self._on_opened)

    def header_buttons(self) -> list[QWidget]:
        navigate = self.context.navigate
        return [
            self.guard(button("从 Excel 导入", lambda: navigate.open("voucher_import")), Right.POST_VOUCHER),
            button("科目余额表", lambda: navigate.open("trial_balance")),
            self.guard(primary_button("记一笔", self.add_new), Right.DRAFT_VOUCHER),
        ]

    def open(self, **arguments: object) -> None:
        period = arguments.get("period")
        if isinstance(period, str):
            self._period = period
        super().open()

    def load(self) -> None:
        period = self._period
        self.fetch(lambda reader: get_ledger_view(reader, period), self._show)

    def take_cursor(self) -> None:
        self.table.setFocus()

    def add_new(self) -> None:
        self.context.navigate.open("voucher_new")

    def _arrange(self) -> None:
        self.months.setMinimumWidth(px(280))
        top = QHBoxLayout()
        top.setSpacing(px(12))
        top.addWidget(self.months)
        top.addStretch(1)
        for link in (self.accounts_button, self.opening_button, self.export_button, self.lock_button):
            top.addWidget(link)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(10))
        layout.addLayout(top)
        layout.addWidget(self.chips)
        layout.addWidget(self.table, 1)

    def _show(self, view: LedgerView) -> None:
        self._view = view
        self.set_heading("三资", f"现金 {format_yuan(view.cash_fen)}　银行 {format_yuan(view.bank_fen)}")
        self.months.set_choices([(month.period, _month_words(month)) for month in view.months])
        self.months.set_value(view.period)
        month = next(month for month in view.months if month.period == view.period)
        self.lock_button.setText("已锁账" if month.locked else f"锁{period_label(view.period)}的账")
        self.lock_button.setEnabled(not month.locked)
        counts = {status: sum(entry.status == status for entry in view.entries) for status in _WORDS}
        chips = [Chip("", "全部", len(view.entries))]
        chips += [Chip(status, words, counts[status]) for status, words in _WORDS.items() if counts[status]]
        self.chips.set_chips(chips)
        self._show_entries()

    def _show_entries(self) -> None:
        if self._view is None:
            return
        shown = [entry for entry in self._view.entries if self.chips.current in ("", entry.status)]
        posted = [entry for entry in shown if entry.status != "draft" and entry.kind != "opening"]
        drafts = sum(entry.status == "draft" for entry in shown)
        parts = [f"{len(posted)} 张凭证，合计 {format_yuan(sum(entry.amount_fen for entry in posted))} 元"]
        if drafts:
            parts.append(f"{drafts} 张草稿没有记账")
        if self._view.gaps:
            parts.append(f"缺号：{'、'.join(self._view.gaps[:5])}{'…' if len(self._view.gaps) > 5 else ''}")
        self.table.set_rows(shown, footer="　".join(parts) if shown else "")

    def _on_month_chosen(self) -> None:
        self._period = str(self.months.value())
        self.load()

    def _on_opened(self, entry: Entry) -> None:
        if entry.voucher_id is not None:
            self.context.navigate.open("voucher", voucher_id=entry.voucher_id)
        elif entry.draft_id is not None:
            self._open_draft(entry.draft_id)

    def _open_draft(self, draft_id: UUID) -> None:
        def go(template: str) -> None:
            key = "voucher_template" if template else "voucher_entry"
            self.context.navigate.open(key, draft_id=draft_id)

        self.fetch(lambda reader: queries.get_draft(reader, draft_id).entry.template, go, slot="draft")

    def _on_lock_clicked(self) -> None:
        view = self._view
        if view is None:
            return
        gaps = f"这个月缺号：{'、'.join(view.gaps[:8])}。" if view.gaps else ""
        ask(
            self,
            f"锁{period_label(view.period)}和以前的账？",
            detail=f"{gaps}锁账以后，这些月份不能再记凭证，也不能解锁；发现错了，只能在以后的月份冲销。",
            safe="先不锁",
            act="锁账",
            on_act=lambda: self._lock(view.period),
        )

    def _lock(self, period: str) -> None:
        self.perform(
            lambda uow: service.lock_month(uow, period),
            reason=f"锁{period_label(period)}的账",
            on_done=lambda _: self.context.messages.tell(f"{period_label(period)}和以前的账已经锁上。"),
        )

    def _on_export_clicked(self) -> None:
        ask_where_to_save(self, "导出凭证", name="记账凭证.xlsx", on_chosen=self.export_to)

    def export_to(self, path: Path) -> None:
        """Write all vouchers to a file, in the background."""
        workspace, messages = self.context.workspace, self.context.messages
        self.context.tasks.run(
            lambda _: export_vouchers(workspace, path),
            lane=Lane.DB,
            owner=self,
            on_done=lambda rows: messages.tell(f"已导出 {rows} 行到 {path.name}。文件没有加密，用完请收好。"),
        )


def _month_words(month: MonthRow) -> str:
    words = period_label(month.period)
    if month.vouchers:
        words += f"　{month.vouchers} 张"
    if month.drafts:
        words += f"　草稿 {month.drafts}"
    return f"{words}　已锁账" if month.locked else words
