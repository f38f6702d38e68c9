"""期初余额: one line an account, debit or credit, until both sides agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from PySide6.QtWidgets import QVBoxLayout

from desktop_app.ledger import queries, service
from desktop_app.ledger.chart import load_chart
from desktop_app.ledger.rows import VoucherDetail
from desktop_app.ledger.screens.account_dialog import AccountDialog
from desktop_app.ledger.screens.balance_grid import BalanceGrid
from desktop_app.shell.form_page import FormPage
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.widgets.buttons import Button, link_button
from desktop_app.widgets.date_edit import DateEdit
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.question import ask
from village_core.domain.clock import today
from village_core.domain.ledger.accounts import Chart, Side
from village_core.domain.staff.rights import Right


@dataclass(frozen=True)
class OpeningFacts:
    """The accounts, and the opening balances that stand."""

    chart: Chart
    opening: VoucherDetail | None


class OpeningPage(FormPage):
    """Entered once; mended with a reason, in red, as long as no month is locked over them."""

    needs = Right.KEEP_ACCOUNTS
    title = "期初余额"
    save_text = "保存期初余额"
    reason = "期初余额"
    topics = frozenset({"ledger"})
    help_text = (
        "从哪天开始用田埂记账，就填那天早上的余额，照老账的科目余额表抄。借方余额填左边，贷方余额填右边，"
        "空着就是没有。累计折旧这类备抵科目填在贷方。两边合计相等才能保存。"
    )
    facts: OpeningFacts | None = None

    def _build(self) -> None:
        now = today(self.context.workspace.clock)
        self.sheet.add(
            "on",
            DateEdit(today=lambda: now, latest=now),
            label="从哪天开始",
            hint="一般是启用那年的1月1日",
            required=True,
        )
        self.why = self.sheet.add("why", TextEdit(most=150), label="为什么改期初", hint="原来的会用红字冲掉，留着备查")
        self.grid = BalanceGrid()
        self.sheet.add("balances", self.grid, label="", wide=True)
        self.account_button: Button = link_button("没有要的明细？新开一个", self._on_new_account)
        self.sheet.add_widget(self.account_button)

    def _frame(self) -> None:
        super()._frame()
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(layout.count() - 1, self.grid.totals)

    def draft_key(self) -> str:
        return "ledger:opening"

    def load(self) -> None:
        def query(reader: Reader) -> OpeningFacts:
            return OpeningFacts(load_chart(reader), queries.find_opening(reader))

        self.fetch(query, self._show_facts)

    def _show_facts(self, facts: OpeningFacts) -> None:
        self.facts = facts
        opening = facts.opening
        self.why.setVisible(opening is not None)
        self.why.required = opening is not None
        self.set_heading(self.title, "已经填过，改动要写明原因" if opening else "")
        self._show_lines(facts.chart)
        now = today(self.context.workspace.clock)
        balances = {line.account: line.debit_fen - line.credit_fen for line in opening.lines} if opening else {}
        self._show(
            {
                "on": opening.voucher_date if opening else date(now.year, 1, 1),
                "why": "",
                "balances": balances,
            }
        )

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        balances = values["balances"]
        if not balances:
            return {"balances": "一个数都还没有填。"}
        return {"balances": "两边合计还不相等。"} if sum(balances.values()) else {}

    def _on_save_clicked(self) -> None:
        opening = self.facts.opening if self.facts else None
        if opening is None:
            super()._on_save_clicked()
            return
        if self.values_to_save() is None:
            return
        ask(
            self,
            "改期初余额？",
            detail="原来的期初会用红字冲掉，换成现在填的数；所有月份的余额都会跟着变。",
            safe="先不改",
            act="改期初余额",
            on_act=super()._on_save_clicked,
        )

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> Any:
        return service.enter_opening_balances(
            uow, on=values["on"], balances=values["balances"], reason=values["why"] or ""
        )

    def _on_saved(self, outcome: Any) -> None:
        super()._on_saved(outcome)
        self.context.messages.tell("已保存期初余额。")

    def _on_new_account(self) -> None:
        if self.facts is not None:
            AccountDialog(self, chart=self.facts.chart, on_add=self._add_account).open()

    def _show_lines(self, chart: Chart) -> None:
        """The lines are made late; Tab still leads from the last of them to the button."""
        self.grid.set_accounts(chart)
        last = list(self.grid.lines.values())[-1]
        self.setTabOrder(last[Side.CREDIT].line, self.save_button)

    def _add_account(self, parent: str, name: str) -> None:
        def show(chart: Chart) -> None:
            self._show_lines(chart)

        self.perform(
            lambda uow: service.add_sub_account(uow, parent=parent, name=name),
            on_done=lambda _: self.fetch(load_chart, show, slot="chart"),
        )
