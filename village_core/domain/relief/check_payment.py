"""发放救助金: once, by bank, exactly what was resolved, after the notice has ended and every objection too."""

from __future__ import annotations

from datetime import timedelta

from village_core.domain.calendar import chinese_date
from village_core.domain.errors import Finding
from village_core.domain.money import format_yuan
from village_core.domain.relief.check import Check, check_not_near
from village_core.domain.relief.check_intake import check_no_second_grant
from village_core.domain.relief.check_meetings import check_pool
from village_core.domain.relief.payloads import Payment, PaymentMethod
from village_core.domain.relief.policy import PolicyPack
from village_core.domain.relief.steps import CORRECTION_REASON, StepKind, StepRecord


def check_payment(check: Check) -> tuple[Finding, ...]:
    """CRELIEF-11, 12, 21, 17, RECUSAL-1 and once more CRELIEF-2, 3 and 5."""
    payment = check.proposed.payload
    assert isinstance(payment, Payment)
    return (
        *_check_way(check, payment),
        *_check_amount(check, payment),
        *_check_notice_over(check, payment),
        *[check.finding("CRELIEF-3", message) for message in check.facts.held],
        *_check_payee(check, payment),
        *check_no_second_grant(check),
        *_check_pool_again(check, payment),
        *check_not_near(check),
    )


def _check_way(check: Check, payment: Payment) -> list[Finding]:
    if payment.method is not PaymentMethod.BANK:
        message = "救助金只能转到这一户的银行账号，不能发现金。"
        return [check.finding("CRELIEF-11", message, field="method")]
    findings = check.required(
        "CRELIEF-11",
        ("payee_account", payment.payee_account, "请填收款的银行账号。"),
        ("payee_bank", payment.payee_bank, "请填收款账号的开户银行。"),
    )
    findings += check.required(
        "CRELIEF-17",
        ("bank_account", payment.bank_account, "请选从村集体哪个银行账户付。"),
        ("bank_receipt", payment.bank_receipt, "请填银行回单号，凭证、公示和回单要对得上。"),
    )
    return findings


def _check_amount(check: Check, payment: Payment) -> list[Finding]:
    resolved = check.state.resolved_fen
    if payment.amount_fen == resolved:
        return []
    shown = "没有金额" if resolved is None else f"{format_yuan(resolved)} 元"
    message = f"发放 {format_yuan(payment.amount_fen)} 元，“四议两公开”决定的是{shown}，要一分不差。"
    return [check.finding("CRELIEF-12", message, field="amount_fen")]


def _check_notice_over(check: Check, payment: Payment) -> list[Finding]:
    findings = []
    notice = check.state.notice
    if notice is not None and check.done_on <= notice.until:
        first = notice.until + timedelta(days=1)
        message = f"公示到{chinese_date(notice.until)}（含）才满，最早{chinese_date(first)}发放。"
        findings.append(check.finding("CRELIEF-21", message, field="done_on"))
    if check.state.open_objections:
        message = f"还有 {len(check.state.open_objections)} 条异议没有核查结论，不能发放。"
        findings.append(check.finding("CRELIEF-10", message))
    if not payment.still_eligible:
        message = "发放前请再确认这一户现在仍符合救助条件。"
        findings.append(check.finding("CRELIEF-21", message, field="still_eligible"))
    return findings


def _check_payee(check: Check, payment: Payment) -> list[Finding]:
    """CRELIEF-2: the money goes to the household, through the account of one of its people."""
    name = payment.payee_name.strip()
    if not name:
        return [check.finding("CRELIEF-2", "请填收款人。", field="payee_name")]
    if check.facts.member_names and name not in check.facts.member_names:
        message = f"收款人{name}不是这一户的人，救助金要发到本户的账号。"
        return [check.finding("CRELIEF-2", message, field="payee_name")]
    return []


def _check_pool_again(check: Check, payment: Payment) -> tuple[Finding, ...]:
    """A reason that the resolution of the same year gave for the pool holds for its payment too."""
    resolution = check.state.last(StepKind.VILLAGERS_RESOLUTION)
    same_year = resolution is not None and resolution.done_on.year == check.done_on.year
    if resolution is not None and same_year and resolution.reasons.get("CRELIEF-5", "").strip():
        return ()
    return check_pool(check, payment.amount_fen)


def check_payment_correction(
    target: StepRecord, proposed: StepRecord, *, pack: PolicyPack, reversed_voucher: bool
) -> list[Finding]:
    """The voucher of a payment is frozen: what stands in it is corrected only after it was taken back in red."""
    before, after = target.payload, proposed.payload
    assert isinstance(before, Payment) and isinstance(after, Payment)
    booked = (before.amount_fen, before.bank_account, target.done_on)
    if reversed_voucher or booked == (after.amount_fen, after.bank_account, proposed.done_on):
        return []
    message = "金额、日期和付款账户已经记账，不能在这里更正；记错了请先在三资里冲销凭证。"
    return [pack.rule(CORRECTION_REASON, proposed.done_on).finding(message, field="amount_fen")]
