"""What the two ways of writing a voucher share: drafts, the question before posting, a reason for soft rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from desktop_app.ledger import queries, service
from desktop_app.ledger.chart import load_chart, offered_accounts
from desktop_app.ledger.entries import VoucherEntry
from desktop_app.ledger.posting import PostedVoucher
from desktop_app.ledger.rows import DraftDetail
from desktop_app.ledger.service import SavedDraft
from desktop_app.shell.form_page import FormPage
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.widgets.buttons import Button, button
from desktop_app.widgets.date_edit import DateEdit, format_date
from desktop_app.widgets.editor import NumberEdit, TextEdit
from desktop_app.widgets.question import ask
from village_core.domain.clock import today
from village_core.domain.errors import RuleRefusedError
from village_core.domain.ledger.accounts import Chart
from village_core.domain.ledger.checks import check_voucher
from village_core.domain.ledger.periods import period_label, period_of
from village_core.domain.money import format_yuan
from village_core.domain.staff.rights import Right

_UNREADABLE = "这张草稿的内容读不出来。账上没有改动。请照单据重新填，或者删掉这张草稿。"


@dataclass(frozen=True)
class EntryFacts:
    """What the page must know of the books while one writes."""

    chart: Chart
    used: frozenset[str]
    locked: frozenset[str]
    no_right: str
    draft: DraftDetail | None


class EntryPage(FormPage):
    """`open(draft_id=…)` goes on with a draft. Subclasses turn the fields into an entry and back."""

    save_text = "记账"
    keys_text = "Enter 到下一格　Ctrl+S 存成草稿　Esc 返回"
    topics = frozenset({"ledger"})
    draft_id: UUID | None = None
    facts: EntryFacts | None = None

    def open(self, **arguments: object) -> None:
        draft_id = arguments.get("draft_id")
        self.draft_id = draft_id if isinstance(draft_id, UUID) else None
        super().open()

    def load(self) -> None:
        draft_id = self.draft_id

        def query(reader: Reader) -> EntryFacts:
            draft = queries.get_draft(reader, draft_id) if draft_id else None
            return EntryFacts(
                chart=load_chart(reader),
                used=queries.list_used_accounts(reader),
                locked=queries.locked_periods(reader),
                no_right=queries.posting_problem(reader, draft),
                draft=draft,
            )

        self.fetch(query, self._show_facts)

    def _show_facts(self, facts: EntryFacts) -> None:
        self.facts = facts
        self.delete_button.setVisible(facts.draft is not None)
        self.save_button.setVisible(not facts.no_right)
        self.sheet.fields["reason"].setVisible(False)
        self.show_facts(facts)
        if facts.no_right:
            self.refusal.set_clause("", "", message=facts.no_right, tone="soon")
        if facts.draft is not None and not facts.draft.entry.readable:
            self.refusal.set_clause("", "", message=_UNREADABLE, tone="soon")
        self._show_number()

    def _frame(self) -> None:
        super()._frame()
        self.draft_button: Button = button("存成草稿", self.save_now)
        self.delete_button: Button = button("删掉草稿", self._on_delete_clicked)
        self.delete_button.hide()
        for made in (self.delete_button, self.draft_button):
            self.guard(made, Right.DRAFT_VOUCHER)
            self.foot.insertWidget(self.foot.count() - 1, made)

    def show_facts(self, facts: EntryFacts) -> None:
        """Fill the fields from the draft, or leave them empty."""
        raise NotImplementedError

    def entry(self, values: Mapping[str, Any]) -> VoucherEntry:
        """What stands in the fields."""
        raise NotImplementedError

    def add_reason_field(self) -> None:
        """Shown only when a rule wants a written reason."""
        self.sheet.add(
            "reason",
            TextEdit(most=150, placeholder="例如：2026年3月1日村民代表会议决议"),
            label="理由",
            hint="这条规则可以例外，但要写明理由，理由会留在凭证上",
            wide=True,
        ).hide()

    def add_date_field(self) -> None:
        field = self.sheet.add("voucher_date", DateEdit(today=self._today), label="日期", required=True)
        field.editor.changed.connect(self._show_number)

    def add_paper_count(self) -> None:
        self.sheet.add("paper_count", NumberEdit(most=999), label="附单据", unit="张", hint="发票、收据、回单共几张")

    # Checks

    def check(self, values: Mapping[str, Any]) -> dict[str, str]:
        assert self.facts is not None
        voucher = self.entry(values).voucher()
        findings = check_voucher(voucher, chart=self.chart_with_offers(voucher.postings), locked=self.facts.locked)
        return self.mark_findings([(finding.field, finding.message) for finding in findings if finding.hard])

    def mark_findings(self, findings: list[tuple[str, str]]) -> dict[str, str]:
        """Field name → mistake; the grid marks its own lines."""
        known = self.sheet.fields
        return {(field if field in known else "voucher_date"): message for field, message in findings}

    def chart_with_offers(self, postings: tuple[Any, ...]) -> Chart:
        """The chart with the suggested sub-accounts that the entry would open."""
        assert self.facts is not None
        chart = self.facts.chart
        for code, name in missing_offers(chart, {posting.account for posting in postings}):
            chart = chart.with_sub_account(code, name)
        return chart

    # Posting

    def _on_save_clicked(self) -> None:
        values = self.values_to_save()
        if values is None:
            return
        entry = self.entry(values)
        ask(
            self,
            f"记账：{entry.summary}　{format_yuan(entry.amount_fen)} 元？",
            detail=f"日期 {format_date(entry.voucher_date)}。记账后就定下来了，不能再改，错了只能冲销后重记。",
            safe="再看看",
            act="记账",
            on_act=super()._on_save_clicked,
        )

    def save(self, uow: UnitOfWork, values: Mapping[str, Any]) -> PostedVoucher:
        draft_id = self._write_draft(uow, self.entry(values)).draft_id
        return service.post_voucher(uow, draft_id, reason=values["reason"] or "")

    def _on_saved(self, outcome: Any) -> None:
        self.context.navigate.replace("voucher", voucher_id=outcome.voucher_id)
        self.context.messages.tell(f"已记账，凭证号 {outcome.number_text}。")

    def _on_failed(self, error: Exception) -> None:
        super()._on_failed(error)
        if isinstance(error, RuleRefusedError) and not any(finding.hard for finding in error.findings):
            self.sheet.fields["reason"].show()
            self.sheet.mark({"reason": "请写明理由再记账。"})
            self.sheet.bring_into_sight("reason")

    # Drafts

    def save_now(self) -> None:
        """Ctrl+S keeps what is written, also when it does not balance yet."""
        values = self.read()
        if values.get("voucher_date") is None:
            self.sheet.mark({"voucher_date": "草稿也要有日期。"})
            return
        self.draft_button.setEnabled(False)
        self.perform(
            lambda uow: self._write_draft(uow, self.entry(values)),
            reason="写凭证草稿",
            on_done=self._on_draft_saved,
            on_error=self._on_draft_failed,
        )

    def _write_draft(self, uow: UnitOfWork, entry: VoucherEntry) -> SavedDraft:
        chart = load_chart(uow)
        for code, name in missing_offers(chart, {posting.account for posting in entry.postings}):
            service.add_sub_account(uow, parent=code[:-2], name=name, code=code)
        return service.save_draft(uow, entry, draft_id=self.draft_id)

    def _on_draft_saved(self, saved: SavedDraft) -> None:
        self.draft_button.setEnabled(True)
        self._dirty = False
        self.drop_draft()
        self.context.navigate.back()
        self.context.messages.tell(f"已存成草稿 {saved.draft_number}，还没有记账。")

    def _on_draft_failed(self, error: Exception) -> None:
        self.draft_button.setEnabled(True)
        self._on_failed(error)

    def _on_delete_clicked(self) -> None:
        ask(
            self,
            "删掉这张草稿？",
            detail="草稿还没有记账，删掉不影响账上的数。",
            safe="留着",
            act="删掉草稿",
            on_act=self._delete,
        )

    def _delete(self) -> None:
        draft_id, facts = self.draft_id, self.facts
        if draft_id is None or facts is None or facts.draft is None:
            return
        kept, perform, messages = facts.draft.entry, self.perform, self.context.messages

        def write_again() -> None:
            perform(lambda uow: service.save_draft(uow, kept), reason="恢复凭证草稿")

        def deleted(_: object) -> None:
            self._dirty = False
            self.drop_draft()
            self.context.navigate.back()
            messages.tell("已删掉草稿。", undo=write_again)

        self.perform(lambda uow: service.delete_draft(uow, draft_id), reason="删掉凭证草稿", on_done=deleted)

    # Small things

    def _show_number(self) -> None:
        """Under the date: the number that the voucher would get."""
        day = self.sheet.editor("voucher_date").value()
        if not isinstance(day, date) or (self.facts is not None and self.facts.no_right):
            return
        period = period_of(day)

        def show(text: str) -> None:
            self.sheet.fields["voucher_date"].set_hint(f"记账后是 {period_label(period)} {text}")

        self.fetch(lambda reader: queries.next_voucher_number(reader, period).text, show, slot="number")

    def _today(self) -> date:
        return today(self.context.workspace.clock)


def missing_offers(chart: Chart, codes: set[str]) -> list[tuple[str, str]]:
    """The suggested sub-accounts among these codes that the village does not have yet."""
    return [(one.code, one.name) for one in offered_accounts() if one.code in codes and chart.find(one.code) is None]
