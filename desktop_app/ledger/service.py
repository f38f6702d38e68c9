"""Deeds on vouchers: write a draft, post it, take it back, pay a grant, lock a month. What is posted never changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import insert, select

from desktop_app.ledger.chart import load_chart
from desktop_app.ledger.entries import VoucherEntry, draft_body, entry_of, says_the_same
from desktop_app.ledger.posting import (
    CHANGED,
    PostedVoucher,
    VoucherPapers,
    judge_second_person,
    record_voucher,
    refuse_findings,
    require_posting_right,
)
from desktop_app.ledger.queries import (
    cash_balances,
    find_opening,
    get_draft,
    get_voucher,
    list_case_vouchers,
    list_drafts,
    locked_periods,
    next_voucher_number,
)
from desktop_app.storage.changes import Changes
from desktop_app.storage.county_clock import county_day
from village_core.domain.errors import RefusedError
from village_core.domain.ids import derived_id, new_id
from village_core.domain.ledger.accounts import BANK, RELIEF, RELIEF_NAME, RELIEF_PARENT
from village_core.domain.ledger.checks import check_reversal, check_voucher
from village_core.domain.ledger.periods import is_locked, period_label, period_of
from village_core.domain.ledger.voucher import OPENING_NUMBER, OPENING_TEXT, Posting, Voucher, VoucherKind, reversal_of
from village_core.domain.staff.rights import Right
from village_core.records import ledger as records

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import UnitOfWork


_DRAFTS = "ledger.drafts"


@dataclass(frozen=True)
class AddedAccount:
    """A sub-account was opened."""

    code: str
    changes: Changes = CHANGED


@dataclass(frozen=True)
class SavedDraft:
    """A draft was written down."""

    draft_id: UUID
    draft_number: str
    changes: Changes = CHANGED


def save_draft(uow: UnitOfWork, entry: VoucherEntry, *, draft_id: UUID | None = None) -> SavedDraft:
    """Write an entry down as it is, also when it does not balance yet. Who changes what it says is its maker."""
    uow.require(Right.DRAFT_VOUCHER)
    values = {
        "voucher_date": entry.voucher_date,
        "summary": entry.summary[:200],
        "body": draft_body(entry),
    }
    if draft_id is not None:
        draft = uow.session.get(records.VoucherDraft, (uow.village, draft_id))
        if draft is not None:
            if not says_the_same(entry_of(draft.voucher_date, draft.body), entry):
                draft.made_by = uow.actor.person_id
            for name, value in values.items():
                setattr(draft, name, value)
            uow.session.flush()
            return SavedDraft(draft_id, draft.draft_number)
    draft = records.VoucherDraft(
        village=uow.village,
        id=new_id(),
        draft_number=_next_draft_number(uow),
        made_by=uow.actor.person_id,
        **values,
    )
    uow.session.add(draft)
    uow.session.flush()
    return SavedDraft(draft.id, draft.draft_number)


def delete_draft(uow: UnitOfWork, draft_id: UUID) -> Changes:
    """Throw a draft away; nobody relied on it."""
    uow.require(Right.DRAFT_VOUCHER)
    draft = uow.session.get(records.VoucherDraft, (uow.village, draft_id))
    if draft is not None:
        uow.session.delete(draft)
        uow.session.flush()
    return CHANGED


def post_voucher(uow: UnitOfWork, draft_id: UUID, *, reason: str = "") -> PostedVoucher:
    """Freeze a draft under the month's next number. `reason` answers soft findings (a date to come, a loan …).

    Raises RuleRefusedError with all findings, or RefusedError when this laptop may not post.
    """
    uow.require(Right.POST_VOUCHER)
    draft = get_draft(uow, draft_id)
    poster = uow.actor.name
    reviews = draft.is_of_another(uow.actor.person_id)
    if reviews:
        uow.require(Right.REVIEW_VOUCHER)
    papers = VoucherPapers(prepared_by=draft.made_by or poster, reviewed_by=poster if reviews else None)
    posted = post_entry(uow, draft.entry, papers=papers, reason=reason)
    delete_draft(uow, draft_id)
    return posted


def post_entry(
    uow: UnitOfWork, entry: VoucherEntry, *, papers: VoucherPapers | None = None, reason: str = "", second: str = ""
) -> PostedVoucher:
    """Post an entry without a draft. `second`: who else took part where nobody reviews the voucher now."""
    require_posting_right(uow)
    papers = papers or VoucherPapers(prepared_by=uow.actor.name)
    voucher = entry.voucher()
    findings = check_voucher(
        voucher,
        chart=load_chart(uow),
        locked=locked_periods(uow),
        cash_before_fen=cash_balances(uow),
        today=max(uow.today, county_day(uow)),
    ) + uow.ask_advice("voucher", voucher)
    refuse_findings((*judge_second_person(uow, papers, second), *findings), reason)
    note = "；".join(part for part in (papers.reason, reason.strip() if findings else "") if part)
    return record_voucher(
        uow,
        voucher,
        number=next_voucher_number(uow, voucher.period),
        papers=VoucherPapers(papers.prepared_by, papers.reviewed_by, note or None, papers.case_id, papers.bank_receipt),
    )


def reverse_voucher(uow: UnitOfWork, voucher_id: UUID, *, reason: str, on: date | None = None) -> PostedVoucher:
    """红字冲销, dated `on` (default today, or the original's own date when that is later)."""
    uow.require(Right.POST_VOUCHER, about=voucher_id)
    original = get_voucher(uow, voucher_id)
    if original.kind == VoucherKind.OPENING:
        raise _refused("期初余额不能在这里冲销。", "要改期初，请到“期初余额”里改。")
    if original.reversed_by is not None:
        raise _refused(f"{original.number_text} 已经由 {original.reversed_by[1]} 冲销过了。", "不用再冲销。")
    if not reason.strip():
        raise _refused("没有写冲销的原因。", "请写明为什么冲销，例如：金额记错，已重记。")
    voucher = original.voucher()
    day = on or max(uow.today, original.voucher_date)
    reversal = reversal_of(voucher, voucher_id, on=day, number_text=original.number_text)
    findings = check_reversal(reversal, voucher) + check_voucher(
        reversal, chart=load_chart(uow), locked=locked_periods(uow)
    )
    maker = VoucherPapers(original.prepared_by, None if original.prepared_by == uow.actor.name else uow.actor.name)
    refuse_findings((*judge_second_person(uow, maker), *findings), reason)
    return record_voucher(
        uow,
        reversal,
        number=next_voucher_number(uow, reversal.period),
        papers=VoucherPapers(prepared_by=uow.actor.name, reason=reason.strip(), case_id=original.case_id),
    )


def post_relief_payment(
    uow: UnitOfWork,
    *,
    case_id: UUID,
    household_name: str,
    amount_fen: int,
    paid_on: date,
    bank_account_code: str,
    bank_receipt_no: str,
    summary: str = "",
    decided_by: str = "",
) -> PostedVoucher:
    """Book a grant that went through the bank: 借 公益支出—困难救助, 贷 the bank account. Once a case.

    `decided_by`: who else recorded the decision, where two people must take part. He did not see the voucher: 审核
    stays empty on it, for whoever reviews the printed one and signs.
    """
    uow.require(Right.PAY_GRANT, about=case_id)
    if not bank_account_code.startswith(BANK):
        raise _refused("救助金只能从银行账户发放，不能用现金。", "请选一个银行账户。")
    standing = [row for row in list_case_vouchers(uow, case_id) if row.status == "posted"]
    if standing:
        raise _refused(f"这一件救助已经记过发放凭证 {standing[0].number_text}。", "不用再记；记错了请先冲销那一张。")
    require_posting_right(uow)
    words = summary.strip() or f"发放{household_name}家集体经济临时救助金"
    relief_account = _require_relief_account(uow)
    entry = VoucherEntry(
        paid_on,
        (
            Posting(relief_account, words, debit_fen=amount_fen),
            Posting(bank_account_code, words, credit_fen=amount_fen),
        ),
        paper_count=1 if bank_receipt_no.strip() else 0,
    )
    papers = VoucherPapers(
        prepared_by=uow.actor.name,
        case_id=case_id,
        bank_receipt=bank_receipt_no.strip()[:60] or None,
    )
    return post_entry(uow, entry, papers=papers, second=decided_by)


def add_sub_account(uow: UnitOfWork, *, parent: str, name: str, code: str | None = None) -> AddedAccount:
    """Open a sub-account below `parent`, under the next free code unless one is given.

    Its id comes from the code, so that two laptops which open the same one open one.
    """
    uow.require(Right.KEEP_ACCOUNTS)
    chart = load_chart(uow)
    code = code or chart.next_child_code(parent)
    chart.with_sub_account(code, name)
    uow.session.execute(insert(records.SubAccount), [sub_account_values(uow.village, code, name)])
    return AddedAccount(code)


def enter_opening_balances(
    uow: UnitOfWork, *, on: date, balances: Mapping[str, int], reason: str = ""
) -> PostedVoucher:
    """期初余额: account → signed 分 (debit positive). Entered again, the former ones are first taken back in red."""
    uow.require(Right.KEEP_ACCOUNTS)
    require_posting_right(uow)
    former = find_opening(uow)
    locked = locked_periods(uow)
    if former is not None:
        if not reason.strip():
            raise _refused("期初余额已经有了，要改就要写明原因。", "请写明为什么改期初。")
        voucher = former.voucher()
        red = reversal_of(voucher, former.voucher_id, on=former.voucher_date, number_text=OPENING_TEXT)
        refuse_findings(check_voucher(red, chart=load_chart(uow), locked=locked), reason)
        record_voucher(
            uow, red, number=OPENING_NUMBER, papers=VoucherPapers(prepared_by=uow.actor.name, reason=reason.strip())
        )
    opening = Voucher(
        on,
        tuple(
            Posting(account, "期初余额", debit_fen=max(balance, 0), credit_fen=max(-balance, 0))
            for account, balance in sorted(balances.items())
            if balance
        ),
        VoucherKind.OPENING,
    )
    refuse_findings(check_voucher(opening, chart=load_chart(uow), locked=locked), reason)
    papers = VoucherPapers(prepared_by=uow.actor.name, reason=reason.strip() or None)
    return record_voucher(uow, opening, number=OPENING_NUMBER, papers=papers)


def lock_month(uow: UnitOfWork, period: str) -> Changes:
    """Close a month and all before it for good. Refuses while drafts wait in them."""
    require_posting_right(uow, Right.LOCK_MONTH)
    if is_locked(period, locked_periods(uow)):
        raise _refused(f"{period_label(period)}已经锁过账了。", "不用再锁。")
    if period > period_of(uow.today):
        raise _refused(f"{period_label(period)}还没有到，不能锁账。", "请等这个月开始以后再锁。")
    waiting = [draft for draft in list_drafts(uow) if period_of(draft.voucher_date) <= period]
    if waiting:
        raise _refused(
            f"{period_label(period)}和以前还有 {len(waiting)} 张草稿没有记账。", "请先记账或删掉草稿，再锁账。"
        )
    uow.session.add(
        records.MonthLock(
            village=uow.village,
            id=derived_id(uow.village, "month_lock", period),
            period=period,
            locked_on=uow.today,
            locked_by=uow.actor.name,
        )
    )
    uow.session.flush()
    return CHANGED


def sub_account_values(village: str, code: str, name: str) -> dict[str, object]:
    """The row of a sub-account."""
    return {
        "village": village,
        "id": derived_id(village, "sub_account", code),
        "code": code,
        "name": name.strip()[:80],
        "closed_on": None,
    }


def _require_relief_account(uow: UnitOfWork) -> str:
    """The account of grants below 公益支出; opened under 51401, or the next free code, when it is not there."""
    chart = load_chart(uow)
    below = chart.children(RELIEF_PARENT)
    found = next((account.code for account in below if account.name == RELIEF_NAME), None)
    if found is not None:
        return found
    code = RELIEF if chart.find(RELIEF) is None else chart.next_child_code(RELIEF_PARENT)
    return add_sub_account(uow, parent=RELIEF_PARENT, name=RELIEF_NAME, code=code).code


def _next_draft_number(uow: UnitOfWork) -> str:
    """D03-0017: the number of the device, then its own count, which goes on when drafts are deleted."""
    prefix = f"D{uow.actor.device:02d}-"
    texts = uow.session.scalars(
        select(records.VoucherDraft.draft_number).where(
            records.VoucherDraft.village == uow.village, records.VoucherDraft.draft_number.startswith(prefix)
        )
    )
    taken = [int(text.removeprefix(prefix)) for text in texts if text.removeprefix(prefix).isdigit()]
    number = max(uow.count_of(_DRAFTS), *taken, 0) + 1
    uow.set_count(_DRAFTS, number)
    return f"{prefix}{number:04d}"


def _refused(what: str, next_step: str) -> RefusedError:
    return RefusedError(what, safe="账上没有改动。", next_step=next_step)
