"""发放救助金 as a form: only a bank account can be filled in, and the amount is the resolved one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from desktop_app.relief.rows import CaseDetail
from desktop_app.relief.screens.step_form import StepForm
from desktop_app.relief.service import RecordedStep
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.editor import CheckEdit, TextEdit
from desktop_app.widgets.masked_edit import MaskedEdit
from desktop_app.widgets.money_edit import MoneyEdit
from village_core.domain.masking import mask_account
from village_core.domain.relief.payloads import Payload, Payment, PaymentMethod
from village_core.domain.relief.steps import StepKind

NO_ACCOUNT = "村集体的银行账户还没有登记。资料都在。请到“设置”登记一个账户，再来记发放。"


class PaymentForm(StepForm):
    """Saving makes the voucher in the same deed."""

    kind = StepKind.PAYMENT
    rule_id = "CRELIEF-11"
    soft_rules = ("CRELIEF-6", "CRELIEF-5", "RECUSAL-1")
    date_label = "银行转账的日期"
    save_text = "记下发放并记账"
    reason = "发放救助金"
    help_text = "先在银行转账，拿到回单再记。记下以后凭证就记账了，错了只能冲销。"

    def add_fields(self) -> None:
        sheet = self.sheet
        sheet.add("amount_fen", MoneyEdit(), label="发放金额", unit="元", hint="四议决定的金额，一分不差，一次发完")
        sheet.editor("amount_fen").set_read_only(True)
        sheet.add_heading("收款：这一户的银行账号")
        sheet.add("payee_name", ChoiceEdit(empty="请选择本户的人"), label="收款人", required=True)
        sheet.add("payee_bank", TextEdit(most=80), label="开户银行", required=True)
        sheet.add("payee_account", MaskedEdit(mask_account, most=40), label="银行账号", required=True)
        sheet.add_heading("付款：村集体的账户")
        sheet.add("bank_account", ChoiceEdit(), label="付款账户", required=True)
        sheet.add("bank_receipt", TextEdit(most=60), label="银行回单号", hint="凭证、公示和回单要对得上", required=True)
        sheet.add("supervisor", TextEdit(most=60), label="村务监督委员会", hint="谁看过，可以不填")
        sheet.add("still_eligible", CheckEdit("已再次确认：这一户现在仍符合救助条件"), label="", wide=True)

    def numbers_about(self) -> tuple[UUID, str] | None:
        return (self.case_id, self._whose) if self.case_id is not None else None

    def prepare(self, detail: CaseDetail) -> None:
        self._whose = f"{detail.household.group_name or ''} {detail.household.head_name}家".strip()
        payee, account = self.sheet.editor("payee_name"), self.sheet.editor("bank_account")
        assert isinstance(payee, ChoiceEdit)
        assert isinstance(account, ChoiceEdit)
        payee.set_choices([(name, name) for name in detail.household.member_names])
        account.set_choices(
            (one.ledger_account, f"{one.bank} {mask_account(one.account_number)}") for one in detail.bank_accounts
        )

    def defaults(self, detail: CaseDetail) -> dict[str, Any]:
        names, accounts = detail.household.member_names, detail.bank_accounts
        return {
            "amount_fen": detail.state.resolved_fen,
            "payee_name": names[0] if names else None,
            "payee_bank": detail.household.bank_name,
            "payee_account": detail.household.bank_account,
            "bank_account": accounts[0].ledger_account if len(accounts) == 1 else None,
        }

    def values_of(self, payload: Payload) -> dict[str, Any]:
        assert isinstance(payload, Payment)
        return {
            "amount_fen": payload.amount_fen,
            "payee_name": payload.payee_name,
            "payee_bank": payload.payee_bank,
            "payee_account": payload.payee_account,
            "bank_account": payload.bank_account,
            "bank_receipt": payload.bank_receipt,
            "supervisor": payload.supervisor,
            "still_eligible": payload.still_eligible,
        }

    def payload(self, values: Mapping[str, Any]) -> Payload:
        return Payment(
            method=PaymentMethod.BANK,
            amount_fen=values["amount_fen"] or 0,
            payee_name=values["payee_name"] or "",
            payee_bank=values["payee_bank"] or "",
            payee_account="".join((values["payee_account"] or "").split()),
            bank_account=values["bank_account"] or "",
            bank_receipt=values["bank_receipt"] or "",
            still_eligible=values["still_eligible"],
            supervisor=values["supervisor"] or "",
        )

    def _show_detail(self, detail: CaseDetail) -> None:
        super()._show_detail(detail)
        problem = detail.no_posting or ("" if detail.bank_accounts else NO_ACCOUNT)
        self.save_button.setEnabled(not problem)
        if problem:
            self.refusal.set_clause("", "", message=problem, tone="bad")

    def saved_words(self, outcome: Any) -> str:
        if isinstance(outcome, RecordedStep) and outcome.voucher_number and self.step_id is None:
            return f"已记下发放，凭证 {outcome.voucher_number} 已经记账。下一步是公开实施结果。"
        return super().saved_words(outcome)
