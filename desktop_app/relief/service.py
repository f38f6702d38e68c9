"""Deeds in a relief case. Each is judged in the transaction that writes it; what is written never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from desktop_app.ledger.service import post_relief_payment
from desktop_app.relief.case_facts import gather_facts, household_types
from desktop_app.relief.case_store import StoredCase, get_case, step_row
from desktop_app.relief.policies import relief_pack
from desktop_app.relief.rights import require_grant_right, require_payment_right
from desktop_app.storage.changes import Changes
from desktop_app.storage.county_clock import county_day
from village_core.domain.clock import stamp
from village_core.domain.errors import Finding, RefusedError, RuleRefusedError
from village_core.domain.ids import new_id
from village_core.domain.relief.decisions import decide_step, standing_findings
from village_core.domain.relief.facts import CaseFacts
from village_core.domain.relief.payloads import Application, Payload, Payment, Withdrawal
from village_core.domain.relief.policy import PolicyPack
from village_core.domain.relief.state import CaseState, ends_case
from village_core.domain.relief.steps import CORRECTION_REASON, DECIDING_STEPS, StepKind, StepRecord
from village_core.domain.staff.rights import Right
from village_core.exchange.staff_roles import role_list
from village_core.records.households import Household
from village_core.records.relief import ReliefCase

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import UnitOfWork

CHANGED = Changes.of("relief")


@dataclass(frozen=True)
class OpenedCase:
    """A case was opened with its application."""

    case_id: UUID
    number: str
    step_id: UUID
    changes: Changes = CHANGED


@dataclass(frozen=True)
class RecordedStep:
    """A step stands. `voucher_number` is that of a payment; `ended` says that the case ends with this step."""

    case_id: UUID
    step_id: UUID
    kind: StepKind
    ended: bool = False
    voucher_number: str = ""
    changes: Changes = CHANGED


def open_case(
    uow: UnitOfWork,
    household_id: UUID,
    *,
    application: Application,
    done_on: date,
    reasons: Mapping[str, str] | None = None,
) -> OpenedCase:
    """Open a case for a household with its written application of `done_on`.

    `reasons`: soft rule id → written reason. Raises RuleRefusedError with all findings that stand in the way.
    """
    uow.require(Right.OPEN_CASE, about=household_id)
    household = uow.session.get(Household, (uow.village, household_id))
    if household is None:
        raise RefusedError("找不到这一户。", safe="资料没有改动。", next_step="请回到“农户”，从列表里再打开。")
    pack = relief_pack()
    facts = gather_facts(uow, household_id)
    case_id = new_id()
    record = _new_record(
        uow,
        case_id,
        StepKind.APPLICATION,
        replace(application, household_types=household_types(household)),
        done_on=done_on,
        pack=pack,
    )
    record = _judged(uow, CaseState(), record, facts, pack=pack, reasons=reasons or {})
    number = next_case_number(uow, done_on.year)
    uow.session.add(
        ReliefCase(
            village=uow.village,
            id=case_id,
            household_id=household_id,
            number=number,
            opened_on=done_on,
            made_at=record.recorded_at,
            made_by=uow.actor.person_id,
        )
    )
    uow.session.flush()
    uow.session.add(step_row(uow.village, record, voucher_id=None))
    uow.session.flush()
    return OpenedCase(case_id, number, record.id)


def record_step(
    uow: UnitOfWork,
    case_id: UUID,
    payload: Payload,
    *,
    kind: StepKind,
    done_on: date,
    reasons: Mapping[str, str] | None = None,
) -> RecordedStep:
    """Record the next step of a case. A payment makes its voucher in the same transaction."""
    return _record(uow, get_case(uow, case_id), payload, kind=kind, done_on=done_on, reasons=reasons or {})


def correct_step(
    uow: UnitOfWork,
    step_id: UUID,
    payload: Payload,
    *,
    case_id: UUID,
    done_on: date,
    reason: str,
    reasons: Mapping[str, str] | None = None,
) -> RecordedStep:
    """Supersede a step by a corrected one, with a written reason, until the next step is done."""
    case = get_case(uow, case_id)
    target = next((record for record in case.records if record.id == step_id), None)
    if target is None:
        raise RefusedError("找不到要更正的那一步。", safe="资料没有改动。", next_step="请重新打开这一件再看。")
    given = {**(reasons or {}), CORRECTION_REASON: reason}
    return _record(uow, case, payload, kind=target.kind, done_on=done_on, reasons=given, supersedes=target)


def withdraw_case(uow: UnitOfWork, case_id: UUID, *, by_whom: str, reason: str, done_on: date) -> RecordedStep:
    """The household takes its application back; final."""
    return record_step(uow, case_id, Withdrawal(by_whom, reason), kind=StepKind.WITHDRAWAL, done_on=done_on)


def next_case_number(uow: UnitOfWork, year: int) -> str:
    """`2026-017`; from the second device of a village on with a letter, so that two laptops never give the same."""
    prefix = f"{year}-"
    letter = _device_letter(uow.actor.device)
    numbers = uow.session.scalars(
        select(ReliefCase.number).where(ReliefCase.village == uow.village, ReliefCase.number.startswith(prefix))
    )
    taken = [_serial(number.removeprefix(prefix)) for number in numbers]
    return f"{prefix}{max(taken, default=0) + 1:03d}{letter}"


def _device_letter(device: int) -> str:
    if device <= 1:
        return ""
    return chr(ord("A") + device - 1) if device <= 26 else f"-{device}"


def _serial(text: str) -> int:
    """`017B` → 17."""
    digits = "".join(takewhile(str.isdigit, text))
    return int(digits) if digits else 0


def _record(
    uow: UnitOfWork,
    case: StoredCase,
    payload: Payload,
    *,
    kind: StepKind,
    done_on: date,
    reasons: Mapping[str, str],
    supersedes: StepRecord | None = None,
) -> RecordedStep:
    uow.require(role_list().steps[kind.value], about=case.id)
    pack = relief_pack(case.pack_version)
    facts = gather_facts(uow, case.household_id, case=case)
    if isinstance(payload, Application):
        payload = replace(payload, household_types=_types_for(payload, supersedes, facts))
    record = _new_record(uow, case.id, kind, payload, done_on=done_on, pack=pack, supersedes=supersedes)
    if kind is StepKind.VILLAGERS_RESOLUTION:
        require_grant_right(uow, payload, household_id=case.household_id, facts=facts, done_on=done_on)
    record = _judged(uow, case.state, record, facts, pack=pack, reasons=reasons)
    voucher_id, changes = None, CHANGED
    if isinstance(record.payload, Payment):
        record, voucher_id, changes = _book(uow, case, record, record.payload, facts=facts, supersedes=supersedes)
    uow.session.add(step_row(uow.village, record, voucher_id=voucher_id))
    uow.session.flush()
    number = record.payload.voucher_number if isinstance(record.payload, Payment) else ""
    return RecordedStep(case.id, record.id, kind, ends_case(record), number, changes)


def _types_for(payload: Application, supersedes: StepRecord | None, facts: CaseFacts) -> tuple[str, ...]:
    """A correction keeps the types that the application was judged under."""
    if supersedes is not None and isinstance(supersedes.payload, Application):
        return supersedes.payload.household_types
    return payload.household_types or facts.household_types


def _new_record(
    uow: UnitOfWork,
    case_id: UUID,
    kind: StepKind,
    payload: Payload,
    *,
    done_on: date,
    pack: PolicyPack,
    supersedes: StepRecord | None = None,
) -> StepRecord:
    return StepRecord(
        id=new_id(),
        case_id=case_id,
        kind=kind,
        done_on=done_on,
        recorded_at=stamp(uow.clock),
        actor_id=uow.actor.person_id,
        actor_name=uow.actor.name,
        payload=payload,
        pack_version=pack.version,
        supersedes=supersedes.id if supersedes else None,
    )


def _judged(
    uow: UnitOfWork,
    state: CaseState,
    record: StepRecord,
    facts: CaseFacts,
    *,
    pack: PolicyPack,
    reasons: Mapping[str, str],
) -> StepRecord:
    """The record with the reasons that its soft rules asked for; raises when a rule stands in the way."""
    given = {rule_id: text.strip() for rule_id, text in reasons.items() if text.strip()}
    record = replace(record, reasons=given)
    findings = decide_step(state, record, facts, pack=pack, today=max(uow.today, county_day(uow)))
    standing = standing_findings(findings, given)
    if standing:
        raise _refusal(standing)
    asked = {finding.rule_id for finding in findings} | {CORRECTION_REASON}
    return replace(record, reasons={rule_id: text for rule_id, text in given.items() if rule_id in asked})


def _refusal(standing: tuple[Finding, ...]) -> RuleRefusedError:
    """Hard findings first, for they are what refuses."""
    ordered = tuple(sorted(standing, key=lambda finding: not finding.hard))
    next_step = "请改好再存。" if ordered[0].hard else "确实要这样办，请写明理由。"
    return RuleRefusedError(ordered, next_step=next_step)


def _book(
    uow: UnitOfWork,
    case: StoredCase,
    record: StepRecord,
    payment: Payment,
    *,
    facts: CaseFacts,
    supersedes: StepRecord | None,
) -> tuple[StepRecord, UUID | None, Changes]:
    """The payment's voucher, unless a correction leaves it as it stands (CRELIEF-17)."""
    if supersedes is not None and not facts.payment_reversed and isinstance(supersedes.payload, Payment):
        kept = replace(payment, voucher_number=supersedes.payload.voucher_number)
        return replace(record, payload=kept), case.vouchers.get(supersedes.id), CHANGED
    require_payment_right(uow)
    application = case.state.application
    voucher = post_relief_payment(
        uow,
        case_id=case.id,
        household_name=application.applicant_name if application else payment.payee_name,
        amount_fen=payment.amount_fen,
        paid_on=record.done_on,
        bank_account_code=payment.bank_account,
        bank_receipt_no=payment.bank_receipt,
        summary=f"发放{_head_name(uow, case) or payment.payee_name}家集体经济临时救助金（{case.number}号）",
        decided_by=_other_recorder(uow, case),
    )
    booked = replace(payment, voucher_number=voucher.number_text)
    return replace(record, payload=booked), voucher.voucher_id, CHANGED | voucher.changes


def _other_recorder(uow: UnitOfWork, case: StoredCase) -> str:
    """Who else put the decision on record: without 兼任 two people take part in a payment (DUTY-6)."""
    own = uow.actor.person_id
    others = [one for one in case.state.records if one.kind in DECIDING_STEPS and one.actor_id != own]
    return others[-1].actor_name if others else ""


def _head_name(uow: UnitOfWork, case: StoredCase) -> str:
    household = uow.session.get(Household, (uow.village, case.household_id))
    return household.head_name or "" if household else ""
