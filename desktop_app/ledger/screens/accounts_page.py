"""The accounts: the fixed first level, the village's own sub-accounts, and what stands on them today."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_app.ledger import queries
from desktop_app.ledger.chart import load_chart
from desktop_app.ledger.rows import AccountRow
from desktop_app.ledger.screens.account_dialog import AccountDialog
from desktop_app.ledger.service import AddedAccount, add_sub_account
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.storage.unit_of_work import Reader
from desktop_app.widgets.buttons import Button, primary_button
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.look import px
from desktop_app.widgets.record_table import Column, RecordTable
from village_core.domain.ledger.accounts import Chart, display_code
from village_core.domain.money import format_yuan
from village_core.domain.staff.rights import Right


@dataclass(frozen=True)
class AccountsView:
    """The accounts and the chart they stand in."""

    chart: Chart
    rows: tuple[AccountRow, ...]


def _balance_words(row: AccountRow) -> str:
    if not row.balance_fen:
        return ""
    return f"{'借' if row.balance_fen > 0 else '贷'} {format_yuan(abs(row.balance_fen))}"


COLUMNS = (
    Column[AccountRow]("编码", lambda row: display_code(row.code), width=96, sort_key=lambda row: row.code),
    Column[AccountRow]("科目", lambda row: "　" * (row.level - 1) + row.name, width=210),
    Column[AccountRow]("余额（元）", _balance_words, width=150, sort_key=lambda row: row.balance_fen, right=True),
    Column[AccountRow]("余额方向", lambda row: row.side_words, width=92),
    Column[AccountRow]("类别", lambda row: row.category, width=104),
    Column[AccountRow]("说明", lambda row: row.note, width=200, tone=lambda _: "text_second"),
)


class AccountsPage(Page):
    """Ctrl+N opens a sub-account below the account under the cursor."""

    title = "科目"
    subtitle = "一级科目由财会〔2023〕14号定，待会计对照原文核实"
    topics = frozenset({"ledger"})
    help_text = (
        "一级科目的编码和名称是制度定死的，村里可以在下面分明细：一个银行账户、一户往来、一个项目各分一个。"
        "有了明细以后，凭证要记到明细上。Ctrl+N 在光标所在的科目下面新开一个明细。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._view: AccountsView | None = None
        self.chips = FilterChips([Chip("all", "全部"), Chip("used", "有余额的"), Chip("own", "村里的明细")], self)
        self.table: RecordTable[AccountRow] = RecordTable(
            COLUMNS, empty_text="没有这样的科目。", keys_text="Ctrl+N 新开明细　F1 说明"
        )
        self.add_button: Button = primary_button("新开明细", self.add_new)
        self.guard(self.add_button, Right.KEEP_ACCOUNTS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(10))
        layout.addWidget(self.chips)
        layout.addWidget(self.table, 1)
        self.chips.chosen.connect(lambda _: self._show_rows())

    def header_buttons(self) -> list[QWidget]:
        return [self.add_button]

    def take_cursor(self) -> None:
        self.table.setFocus()

    def load(self) -> None:
        def query(reader: Reader) -> AccountsView:
            return AccountsView(load_chart(reader), queries.list_accounts(reader))

        self.fetch(query, self._show)

    def add_new(self) -> None:
        if self._view is None:
            return
        self.dialog = AccountDialog(self, chart=self._view.chart, on_add=self._add)
        current = self.table.current()
        if current is not None:
            self.dialog.choose_parent(current.code)
        self.dialog.open()

    def _add(self, parent: str, name: str) -> None:
        def done(added: AddedAccount) -> None:
            self.context.messages.tell(f"已新开明细 {display_code(added.code)} {name}。")

        self.perform(
            lambda uow: add_sub_account(uow, parent=parent, name=name), reason=f"新开明细科目 {name}", on_done=done
        )

    def _show(self, view: AccountsView) -> None:
        self._view = view
        self._show_rows()

    def _show_rows(self) -> None:
        if self._view is None:
            return
        wanted = self.chips.current
        shown = [
            row
            for row in self._view.rows
            if wanted == "all" or (wanted == "used" and row.balance_fen) or (wanted == "own" and row.level > 1)
        ]
        own = sum(row.level > 1 for row in self._view.rows)
        self.table.set_rows(shown, footer=f"{len(shown)} 个科目，村里自己的明细 {own} 个")
