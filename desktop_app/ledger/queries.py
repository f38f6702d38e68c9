"""What the screens, the command line and other features read of the books: frozen rows, never records."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from desktop_app.ledger.chart import load_chart
from desktop_app.ledger.entries import entry_of
from desktop_app.ledger.rows import (
    AccountRow,
    DraftDetail,
    DraftRow,
    MonthRow,
    PostingLine,
    VoucherDetail,
    VoucherRow,
)
from desktop_app.storage.rights import rights_of
from village_core.domain.errors import RefusedError
from village_core.domain.ledger.accounts import CASH
from village_core.domain.ledger.periods import period_of
from village_core.domain.ledger.trial_balance import AccountSums, TrialBalanceRow
from village_core.domain.ledger.trial_balance import trial_balance as add_up
from village_core.domain.ledger.voucher import (
    DEFAULT_WORD,
    VoucherKind,
    VoucherNumber,
    missing_numbers,
    next_number,
    parse_voucher_number,
)
from village_core.domain.staff.rights import Right
from village_core.exchange.seats import SeatKind
from village_core.records import ledger as records
from village_core.records.held import HeldChange
from village_core.records.staff import StaffMember

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader


def list_vouchers(reader: Reader, *, period: str | None = None, limit: int | None = None) -> tuple[VoucherRow, ...]:
    """Posted vouchers in the order of the books; of one month, or the newest first when `limit` is given."""
    reader.require(Right.READ_LEDGER)
    conditions = [records.Voucher.period == period] if period else []
    return _voucher_rows(reader, conditions, limit=limit)


def find_vouchers(reader: Reader, text: str, *, limit: int = 20) -> tuple[VoucherRow, ...]:
    """Vouchers whose number or summary contains the text, the newest first."""
    reader.require(Right.READ_LEDGER)
    pattern = f"%{text.strip().replace('%', '').replace('_', '')}%"
    by_summary = select(records.Posting.voucher_id).where(
        records.Posting.village == reader.village, records.Posting.summary.like(pattern)
    )
    condition = or_(
        records.Voucher.number_text.like(pattern),
        records.Voucher.printed_number.like(pattern),
        records.Voucher.id.in_(by_summary),
    )
    return _voucher_rows(reader, [condition], limit=limit)


def list_case_vouchers(reader: Reader, case_id: UUID) -> tuple[VoucherRow, ...]:
    """The vouchers of a relief case: its payment, and what took it back."""
    return _voucher_rows(reader, [records.Voucher.case_id == case_id])


def _voucher_rows(
    reader: Reader, conditions: list[ColumnElement[bool]], *, limit: int | None = None
) -> tuple[VoucherRow, ...]:
    voucher, line = records.Voucher, records.Posting
    taken_back = aliased(voucher)
    first_summary = (
        select(line.summary)
        .where(line.village == voucher.village, line.voucher_id == voucher.id, line.line == 1)
        .scalar_subquery()
    )
    amount = (
        select(func.sum(line.debit_fen))
        .where(line.village == voucher.village, line.voucher_id == voucher.id)
        .scalar_subquery()
    )
    statement = (
        select(voucher, first_summary, amount, taken_back.id)
        .outerjoin(taken_back, and_(taken_back.village == voucher.village, taken_back.reverses == voucher.id))
        .where(voucher.village == reader.village, *conditions)
    )
    if limit is None:
        statement = statement.order_by(voucher.period, voucher.number, voucher.number_text, voucher.id)
    else:
        statement = statement.order_by(voucher.voucher_date.desc(), voucher.number.desc()).limit(limit)
    return tuple(
        VoucherRow(
            voucher_id=row.id,
            voucher_date=row.voucher_date,
            number_text=row.number_text,
            summary=summary or "",
            amount_fen=amount_fen or 0,
            status="reversal" if row.reverses else "reversed" if reversal else "posted",
            kind=row.kind,
            paper_count=row.paper_count,
            prepared_by=row.prepared_by,
            case_id=row.case_id,
        )
        for row, summary, amount_fen, reversal in reader.session.execute(statement)
    )


def list_drafts(reader: Reader, *, period: str | None = None) -> tuple[DraftRow, ...]:
    """Vouchers that wait to be posted, of one month or all."""
    reader.require(Right.READ_LEDGER)
    rows = reader.session.execute(
        select(records.VoucherDraft, StaffMember.name)
        .outerjoin(
            StaffMember,
            and_(StaffMember.village == records.VoucherDraft.village, StaffMember.id == records.VoucherDraft.made_by),
        )
        .where(records.VoucherDraft.village == reader.village)
        .order_by(records.VoucherDraft.voucher_date, records.VoucherDraft.draft_number)
    ).all()
    return tuple(
        _draft_row(draft, name or "")
        for draft, name in rows
        if period is None or period_of(draft.voucher_date) == period
    )


def _draft_row(draft: records.VoucherDraft, made_by: str) -> DraftRow:
    entry = entry_of(draft.voucher_date, draft.body)
    return DraftRow(
        draft_id=draft.id,
        draft_number=draft.draft_number,
        voucher_date=draft.voucher_date,
        summary=draft.summary if entry.readable else f"（内容读不出来）{draft.summary}",
        amount_fen=entry.amount_fen,
        made_by=made_by,
    )


def get_voucher(reader: Reader, voucher_id: UUID) -> VoucherDetail:
    """A posted voucher with its lines and what refers to it."""
    reader.require(Right.READ_LEDGER, about=voucher_id)
    row = reader.session.get(records.Voucher, (reader.village, voucher_id))
    if row is None:
        raise RefusedError("这张凭证找不到了。", safe="账上没有改动。", next_step="请回到三资，从凭证列表里再打开。")
    reversal = reader.session.execute(
        select(records.Voucher.id, records.Voucher.number_text).where(
            records.Voucher.village == reader.village, records.Voucher.reverses == voucher_id
        )
    ).first()
    original = reader.session.get(records.Voucher, (reader.village, row.reverses)) if row.reverses else None
    return VoucherDetail(
        voucher_id=row.id,
        voucher_date=row.voucher_date,
        period=row.period,
        number_text=row.number_text,
        kind=row.kind,
        lines=_lines(reader, voucher_id),
        paper_count=row.paper_count,
        prepared_by=row.prepared_by,
        reviewed_by=row.reviewed_by or "",
        reason=row.reason or "",
        bank_receipt=row.bank_receipt or "",
        case_id=row.case_id,
        reverses=(original.id, original.number_text) if original else None,
        reversed_by=(reversal.id, reversal.number_text) if reversal else None,
        made_at=row.made_at,
        locked=row.period <= max(locked_periods(reader), default=""),
        printed_number=row.printed_number or "",
        awaits_decision=_awaits_decision(reader, row.case_id),
    )


def _awaits_decision(reader: Reader, case_id: UUID | None) -> str:
    """Why the grant that a voucher paid is put before a person, until that is decided."""
    if case_id is None:
        return ""
    sentence = reader.session.scalar(
        select(HeldChange.reason)
        .where(
            HeldChange.village == reader.village,
            HeldChange.subject_table == "relief_step",
            HeldChange.decision_id.is_(None),
            HeldChange.offered.contains(case_id.hex),
        )
        .limit(1)
    )
    return sentence or ""


def _lines(reader: Reader, voucher_id: UUID) -> tuple[PostingLine, ...]:
    chart = load_chart(reader)
    rows = reader.session.scalars(
        select(records.Posting)
        .where(records.Posting.village == reader.village, records.Posting.voucher_id == voucher_id)
        .order_by(records.Posting.line)
    )
    lines = []
    for row in rows:
        root, _, detail = chart.full_name(row.account).partition("—")
        lines.append(PostingLine(row.account, root, detail, row.summary, row.debit_fen, row.credit_fen))
    return tuple(lines)


def get_draft(reader: Reader, draft_id: UUID) -> DraftDetail:
    """A draft to go on with."""
    reader.require(Right.READ_LEDGER)
    row = reader.session.get(records.VoucherDraft, (reader.village, draft_id))
    if row is None:
        raise RefusedError(
            "这张草稿已经不在了，可能已经记账或删掉。", safe="账上没有改动。", next_step="请回到三资，从列表里再打开。"
        )
    maker = reader.session.get(StaffMember, (reader.village, row.made_by))
    entry, made_by = entry_of(row.voucher_date, row.body), maker.name if maker else ""
    return DraftDetail(row.id, row.draft_number, entry, made_by, maker.id if maker else None)


def locked_periods(reader: Reader) -> frozenset[str]:
    return frozenset(
        reader.session.scalars(select(records.MonthLock.period).where(records.MonthLock.village == reader.village))
    )


def list_months(reader: Reader) -> tuple[MonthRow, ...]:
    """Months with vouchers or drafts and the present one, the newest first."""
    voucher, line = records.Voucher, records.Posting
    counts = reader.session.execute(
        select(voucher.period, func.count())
        .where(voucher.village == reader.village, voucher.kind != VoucherKind.OPENING)
        .group_by(voucher.period)
    )
    vouchers: dict[str, int] = dict(counts.all())
    month = func.substr(line.voucher_date, 1, 7)
    sums = reader.session.execute(
        select(month, func.sum(line.debit_fen))
        .where(line.village == reader.village, line.opening.is_(False))
        .group_by(month)
    )
    amounts: dict[str, int] = dict(sums.all())
    drafts: dict[str, int] = {}
    for draft in list_drafts(reader):
        period = period_of(draft.voucher_date)
        drafts[period] = drafts.get(period, 0) + 1
    latest_lock = max(locked_periods(reader), default="")
    periods = {period_of(reader.today), *vouchers, *drafts}
    return tuple(
        MonthRow(period, vouchers.get(period, 0), drafts.get(period, 0), amounts.get(period, 0), period <= latest_lock)
        for period in sorted(periods, reverse=True)
    )


def numbers_of(reader: Reader, period: str) -> tuple[VoucherNumber, ...]:
    """The numbers given in a month."""
    texts = reader.session.scalars(
        select(records.Voucher.number_text).where(
            records.Voucher.village == reader.village,
            records.Voucher.period == period,
            records.Voucher.kind != VoucherKind.OPENING,
        )
    )
    return tuple(number for text in texts if (number := parse_voucher_number(text)))


def next_voucher_number(reader: Reader, period: str) -> VoucherNumber:
    """The number that the next voucher of the month gets."""
    return next_number(numbers_of(reader, period), DEFAULT_WORD)


def posting_problem(reader: Reader, draft: DraftDetail | None = None) -> str:
    """Why this person or this laptop writes drafts only, or leaves this one to others, in words; '' when they may
    post. Who posts the draft of another reviews it."""
    duties = reader.duties
    if duties is not None:
        reviews = draft is not None and draft.is_of_another(duties.person)
        problem = duties.why_not_words(Right.POST_VOUCHER)
        problem = problem or (duties.why_not_words(Right.REVIEW_VOUCHER) if reviews else "")
        if problem:
            return problem
    rights = rights_of(reader.session)
    if rights.may_post:
        return ""
    then = "同步以后在那台电脑上记账" if rights.is_lent(SeatKind.LEDGER) else "请县里借给一台以后再记账"
    return f"{rights.whereabouts(SeatKind.LEDGER)}，这里先存成草稿，{then}。"


def list_missing_numbers(reader: Reader, period: str) -> tuple[str, ...]:
    """断号 of a month."""
    return missing_numbers(numbers_of(reader, period))


def account_sums(reader: Reader, *, start: date, end: date) -> tuple[AccountSums, ...]:
    """What each account itself bears: opening before `start` (期初 rows up to `end` too), turnover in between."""
    line = records.Posting
    before = or_(line.opening, line.voucher_date < start)
    signed = line.debit_fen - line.credit_fen
    rows = reader.session.execute(
        select(
            line.account,
            func.sum(case((before, signed), else_=0)),
            func.sum(case((before, 0), else_=line.debit_fen)),
            func.sum(case((before, 0), else_=line.credit_fen)),
            func.max(case((before, 0), else_=1)),
        )
        .where(line.village == reader.village, line.voucher_date <= end)
        .group_by(line.account)
    )
    return tuple(AccountSums(code, opening, debit, credit, bool(moved)) for code, opening, debit, credit, moved in rows)


def trial_balance(reader: Reader, *, start: date, end: date) -> tuple[TrialBalanceRow, ...]:
    """科目余额表: every account with a balance or a movement, parents included."""
    reader.require(Right.READ_LEDGER)
    return add_up(account_sums(reader, start=start, end=end), load_chart(reader))


def list_accounts(reader: Reader) -> tuple[AccountRow, ...]:
    """All accounts with their balance of today and later, by code."""
    chart = load_chart(reader)
    balances = {row.code: row.closing_fen for row in trial_balance(reader, start=date.min, end=date.max)}
    return tuple(
        AccountRow(
            code=account.code,
            name=account.name,
            full_name=chart.full_name(account.code),
            level=account.level,
            leaf=chart.is_leaf(account.code),
            balance_fen=balances.get(account.code, 0),
            closed=account.closed_on is not None,
            category=account.category,
            side_words="借或贷" if account.both_sides else account.normal.word,
            note="已停用" if account.closed_on else account.note,
        )
        for account in chart
    )


def list_used_accounts(reader: Reader) -> frozenset[str]:
    """The accounts that have postings of their own."""
    line = records.Posting
    return frozenset(reader.session.scalars(select(line.account).where(line.village == reader.village).distinct()))


def cash_balances(reader: Reader) -> dict[str, int]:
    """What lies in the cash box by the books, by cash account."""
    line = records.Posting
    rows = reader.session.execute(
        select(line.account, func.sum(line.debit_fen - line.credit_fen))
        .where(line.village == reader.village, line.account.between(CASH, f"{CASH}~"))
        .group_by(line.account)
    )
    return dict(rows.all())


def balance_under(reader: Reader, code: str) -> int:
    """The balance of an account with all that stands below it, in 分, debit positive."""
    reader.require(Right.READ_LEDGER)
    line = records.Posting
    balance = reader.session.scalar(
        select(func.sum(line.debit_fen - line.credit_fen)).where(
            line.village == reader.village, line.account.between(code, f"{code}~")
        )
    )
    return balance or 0


def find_opening(reader: Reader) -> VoucherDetail | None:
    """The opening balances that stand, if they were entered."""
    reversal = aliased(records.Voucher)
    voucher_id = reader.session.scalar(
        select(records.Voucher.id)
        .outerjoin(reversal, and_(reversal.village == records.Voucher.village, reversal.reverses == records.Voucher.id))
        .where(
            records.Voucher.village == reader.village,
            records.Voucher.kind == VoucherKind.OPENING,
            records.Voucher.reverses.is_(None),
            reversal.id.is_(None),
        )
    )
    return get_voucher(reader, voucher_id) if voucher_id else None
