"""A voucher written in plain words: what happened, how much, from where to where; debit and credit are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from desktop_app.ledger.chart import load_chart, offered_accounts
from desktop_app.ledger.entries import VoucherEntry
from desktop_app.ledger.screens.account_dialog import AccountDialog
from desktop_app.ledger.screens.account_edit import account_words
from desktop_app.ledger.screens.entry_page import EntryFacts, EntryPage, missing_offers
from desktop_app.ledger.service import AddedAccount, add_sub_account
from desktop_app.ledger.templates import (
    EntryTemplate,
    Slot,
    choices_for,
    default_choice,
    entry_templates,
    fill_template,
    get_template,
    missing_suggestion,
)
from desktop_app.widgets.buttons import Button, link_button
from desktop_app.widgets.card import Card, ScrollColumn
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.labels import hint, paragraph
from desktop_app.widgets.money_edit import MoneyEdit
from village_core.domain.ledger.accounts import Chart, Side, display_code
from village_core.domain.money import capital_yuan, format_yuan

_SIDES = (Side.DEBIT, Side.CREDIT)


class TemplatePage(EntryPage):
    """`open(template="rent_received")` for a new voucher, `open(draft_id=…)` to go on with one."""

    title = "记一笔"
    reason = "记账"
    help_text = (
        "填金额，选钱从哪里来、到哪里去，右边会显示借贷怎么记。没有要的明细（比如一户新的往来），可以在右边新开。"
        "拿不准就存成草稿，请会计看过再记账。"
    )
    template: EntryTemplate | None = None

    def _build(self) -> None:
        self.sheet.add("amount", MoneyEdit(), label="金额", unit="元", required=True)
        self.add_date_field()
        self.slots = {
            side: self.sheet.add(side.value, ChoiceEdit(), label="科目", required=True, wide=True) for side in _SIDES
        }
        self.sheet.add(
            "summary", TextEdit(most=200), label="摘要", hint="写清收谁的、付谁的、什么事", required=True, wide=True
        )
        self.add_paper_count()
        self.add_reason_field()
        self.warning = ClauseBox()
        self.preview = Card("会这样记")
        self.lines = paragraph("")
        self.source = hint("")
        self.account_button: Button = link_button("没有要的明细？新开一个", self._on_new_account)
        for widget in (self.lines, self.source, self.account_button):
            self.preview.body.addWidget(widget)
        column = ScrollColumn()
        column.body.addWidget(self.warning)
        column.body.addWidget(self.preview)
        column.body.addStretch(1)
        self.side.addWidget(column)
        self.sheet.changed.connect(self._show_preview)

    def open(self, **arguments: object) -> None:
        key = arguments.get("template")
        if isinstance(key, str):
            self.template = get_template(key)
        super().open(**arguments)

    def draft_key(self) -> str:
        return f"voucher:{self.draft_id or (self.template.key if self.template else '')}"

    def show_facts(self, facts: EntryFacts) -> None:
        entry = facts.draft.entry if facts.draft else VoucherEntry(self._today(), ())
        if facts.draft is not None:
            self.template = get_template(entry.template)
        template = self._template()
        self.set_heading(template.title, f"草稿 {facts.draft.draft_number}" if facts.draft else template.hint)
        self.warning.set_clause("", "", message=template.warn, tone="soon")
        self._show_choices(facts.chart)
        chosen = {
            slot.side.value: next((p.account for p in entry.postings if _side(p.debit_fen) is slot.side), "")
            or default_choice(slot, facts.chart, used=facts.used)
            for slot in template.slots
        }
        self._show(
            {
                "amount": entry.amount_fen or None,
                "voucher_date": entry.voucher_date,
                "summary": entry.summary or template.summary,
                "paper_count": entry.paper_count or None,
                "reason": "",
                **chosen,
            }
        )
        self._show_preview()

    def _show_choices(self, chart: Chart) -> None:
        for slot in self._template().slots:
            field = self.slots[slot.side]
            field.label_text = slot.ask
            field.label.setText(slot.ask)
            editor = field.editor
            assert isinstance(editor, ChoiceEdit)
            editor.set_choices(_choices(slot, chart))

    def entry(self, values: Mapping[str, Any]) -> VoucherEntry:
        template = self._template()
        postings = fill_template(
            template,
            accounts={side: values[side.value] or "" for side in _SIDES},
            amount_fen=values["amount"] or 0,
            summary=values["summary"] or "",
        )
        return VoucherEntry(
            values["voucher_date"], postings, paper_count=values["paper_count"] or 0, template=template.key
        )

    def mark_findings(self, findings: list[tuple[str, str]]) -> dict[str, str]:
        mistakes = {}
        for field, message in findings:
            line, _, part = field.partition(".")
            if part == "account":
                mistakes[self._template().slots[int(line) - 1].side.value] = message
            elif part == "summary":
                mistakes["summary"] = message
            else:
                mistakes["voucher_date" if field == "voucher_date" else "amount"] = message
        return mistakes

    def _template(self) -> EntryTemplate:
        return self.template or entry_templates()[0]

    def _show_preview(self) -> None:
        """Debit and credit of what is chosen, in the words of the books."""
        if self.facts is None:
            return
        values = self.read()
        chart = self.facts.chart
        for code, name in missing_offers(chart, {str(values[side.value]) for side in _SIDES}):
            chart = chart.with_sub_account(code, name)
        amount = values["amount"] or 0
        shown = []
        for side in _SIDES:
            account = chart.find(values[side.value] or "")
            words = account_words(chart, account) if account else "还没有选"
            shown.append(f"{side.word}：{words}\n　　{format_yuan(amount)}")
        self.lines.setText("\n".join([*shown, "", capital_yuan(amount) if amount else "金额还没有填"]))
        template = self._template()
        self.source.setText(f"{template.source}；{template.certainty}。")

    def _on_new_account(self) -> None:
        if self.facts is None:
            return
        chart = self.facts.chart
        codes = {code for slot in self._template().slots for code in slot.accounts}
        parents = [account for code in sorted(codes) if (account := chart.find(code))]
        AccountDialog(self, chart=chart, parents=parents, on_add=self._add_account).open()

    def _add_account(self, parent: str, name: str) -> None:
        self.perform(lambda uow: add_sub_account(uow, parent=parent, name=name), on_done=self._on_account_added)

    def _on_account_added(self, added: AddedAccount) -> None:
        def show(chart: Chart) -> None:
            assert self.facts is not None
            self.facts = replace(self.facts, chart=chart)
            self._show_choices(chart)
            for slot in self._template().slots:
                if any(account.code == added.code for account in choices_for(slot, chart)):
                    self.slots[slot.side].editor.set_value(added.code)
            self._show_preview()

        self.fetch(load_chart, show, slot="chart")
        self.context.messages.tell(f"已新开明细 {display_code(added.code)}。")


def _side(debit_fen: int) -> Side:
    return Side.DEBIT if debit_fen else Side.CREDIT


def _choices(slot: Slot, chart: Chart) -> list[tuple[object, str]]:
    """What can be chosen for a slot; the suggested sub-account that is not there yet comes with 新开."""
    choices: list[tuple[object, str]] = [
        (account.code, account_words(chart, account)) for account in choices_for(slot, chart)
    ]
    suggested = missing_suggestion(slot, chart)
    if suggested:
        name = next(one.name for one in offered_accounts() if one.code == suggested)
        choices.insert(0, (suggested, f"{display_code(suggested)} {chart.full_name(suggested)}—{name}（新开）"))
    return choices
