"""A voucher written by debit and credit, with the keyboard alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from desktop_app.ledger.chart import load_chart
from desktop_app.ledger.entries import VoucherEntry
from desktop_app.ledger.screens.account_dialog import AccountDialog
from desktop_app.ledger.screens.entry_page import EntryFacts, EntryPage
from desktop_app.ledger.screens.voucher_grid import VoucherGrid
from desktop_app.ledger.service import AddedAccount, add_sub_account
from desktop_app.widgets.buttons import Button, link_button
from desktop_app.widgets.labels import hint
from village_core.domain.ledger.accounts import Chart


class GridPage(EntryPage):
    """`open(draft_id=…)`, or an empty voucher."""

    title = "记一笔（填借贷）"
    reason = "记账"
    help_text = (
        "一行一个科目：打摘要，打科目的编码或名称，再在借方或贷方填金额，每格用 Enter 往下走。"
        "在金额格里按 = 会自动填上还差的数；Ctrl+Delete 删一行；上下箭头换行。"
        "借贷相等才能记账；还没写完可以先存成草稿。"
    )

    def _build(self) -> None:
        self.add_date_field()
        self.add_paper_count()
        self.grid = VoucherGrid()
        self.sheet.add("lines", self.grid, label="", wide=True)
        self.sheet.add_widget(hint("Enter 下一格　= 填上差额　Ctrl+Delete 删一行　借方有数时 Enter 直接到下一行"))
        self.account_button: Button = link_button("没有要的明细？新开一个", self._on_new_account)
        self.sheet.add_widget(self.account_button)
        self.add_reason_field()

    def draft_key(self) -> str:
        return f"voucher:grid:{self.draft_id or ''}"

    def show_facts(self, facts: EntryFacts) -> None:
        self.grid.set_chart(facts.chart)
        entry = facts.draft.entry if facts.draft else VoucherEntry(self._today(), ())
        self.set_heading(self.title, f"草稿 {facts.draft.draft_number}" if facts.draft else "")
        self._show(
            {
                "voucher_date": entry.voucher_date,
                "paper_count": entry.paper_count or None,
                "lines": entry.postings,
                "reason": "",
            }
        )

    def entry(self, values: Mapping[str, Any]) -> VoucherEntry:
        day = values["voucher_date"]
        return VoucherEntry(day, values["lines"], paper_count=values["paper_count"] or 0)

    def mark_findings(self, findings: list[tuple[str, str]]) -> dict[str, str]:
        mistakes: dict[str, str] = {}
        for field, message in findings:
            line, _, _ = field.partition(".")
            if line.isdigit():
                self.grid.mark_line(int(line), message)
                mistakes.setdefault("lines", "请先改好上面标红的行。")
            else:
                mistakes["lines" if field == "postings" else field] = message
        return mistakes

    def _on_new_account(self) -> None:
        if self.facts is not None:
            AccountDialog(self, chart=self.facts.chart, on_add=self._add_account).open()

    def _add_account(self, parent: str, name: str) -> None:
        self.perform(lambda uow: add_sub_account(uow, parent=parent, name=name), on_done=self._on_account_added)

    def _on_account_added(self, added: AddedAccount) -> None:
        self.fetch(load_chart, self._show_chart, slot="chart")
        self.context.messages.tell(f"已新开明细 {added.code}。")

    def _show_chart(self, chart: Chart) -> None:
        assert self.facts is not None
        self.facts = replace(self.facts, chart=chart)
        self.grid.set_chart(chart)
