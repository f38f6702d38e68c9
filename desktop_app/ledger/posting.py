"""Writing a checked voucher into the books: the one place that makes voucher and posting rows for single vouchers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import insert

from desktop_app.storage.changes import Changes
from village_core.domain.clock import stamp
from village_core.domain.errors import Finding, NoSeatError, RuleRefusedError
from village_core.domain.ids import derived_id, new_id
from village_core.domain.ledger.voucher import Voucher, VoucherKind, VoucherNumber
from village_core.domain.staff.rights import Right, check_second_person
from village_core.exchange.seats import SeatKind
from village_core.records import ledger as records

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import UnitOfWork

CHANGED = Changes.of("ledger")


@dataclass(frozen=True)
class PostedVoucher:
    """A voucher stands in the books under its number."""

    voucher_id: UUID
    number_text: str
    changes: Changes = CHANGED


@dataclass(frozen=True)
class VoucherPapers:
    """What a voucher says besides its lines."""

    prepared_by: str
    reviewed_by: str | None = None
    reason: str | None = None
    case_id: UUID | None = None
    bank_receipt: str | None = None


def record_voucher(uow: UnitOfWork, voucher: Voucher, *, number: VoucherNumber, papers: VoucherPapers) -> PostedVoucher:
    """Write a checked voucher and its lines. Refuses where this laptop may not post."""
    require_posting_right(uow)
    voucher_id = new_id()
    values = voucher_values(uow, voucher_id, voucher, number=number, papers=papers)
    uow.session.execute(insert(records.Voucher), [values])
    uow.session.execute(insert(records.Posting), posting_values(uow.village, voucher_id, voucher))
    return PostedVoucher(voucher_id, number.text)


def voucher_values(
    uow: UnitOfWork, voucher_id: UUID, voucher: Voucher, *, number: VoucherNumber, papers: VoucherPapers
) -> dict[str, object]:
    """The row of a voucher."""
    return {
        "village": uow.village,
        "id": voucher_id,
        "voucher_date": voucher.voucher_date,
        "period": voucher.period,
        "number": number.number,
        "number_text": number.text,
        "kind": voucher.kind.value,
        "paper_count": voucher.paper_count,
        "reverses": voucher.reverses,
        "reason": (papers.reason or "")[:200] or None,
        "case_id": papers.case_id,
        "bank_receipt": papers.bank_receipt,
        "prepared_by": papers.prepared_by,
        "reviewed_by": papers.reviewed_by,
        "made_at": stamp(uow.clock),
        "made_by": uow.actor.person_id,
    }


def posting_values(village: str, voucher_id: UUID, voucher: Voucher) -> list[dict[str, object]]:
    """The rows of a voucher's lines."""
    return [
        {
            "village": village,
            "id": derived_id(village, "posting", voucher_id.hex, str(line)),
            "voucher_id": voucher_id,
            "line": line,
            "summary": posting.summary.strip()[:200],
            "account": posting.account,
            "voucher_date": voucher.voucher_date,
            "opening": voucher.kind is VoucherKind.OPENING,
            "debit_fen": posting.debit_fen,
            "credit_fen": posting.credit_fen,
        }
        for line, posting in enumerate(voucher.postings, start=1)
    ]


def judge_second_person(uow: UnitOfWork, papers: VoucherPapers, second: str = "") -> tuple[Finding, ...]:
    """DUTY-6: nobody reviews what he made himself, unless 兼任 is on record.

    `second`: who else took part where nobody has reviewed the voucher itself yet.
    """
    if uow.duties is None:
        return ()
    reviewer = papers.reviewed_by or second or papers.prepared_by
    return check_second_person(uow.duties, maker=papers.prepared_by, reviewer=reviewer)


def require_posting_right(uow: UnitOfWork, right: Right = Right.POST_VOUCHER) -> None:
    """The person must have the right. Formal numbers come from one laptop of the village; the others write drafts."""
    uow.require(right)
    rights = uow.rights
    if not rights.may_post:
        there = "让那台电脑来记账，或" if rights.is_lent(SeatKind.LEDGER) else "再"
        raise NoSeatError(
            f"这台电脑现在只能写草稿，不能记正式凭证。{rights.whereabouts(SeatKind.LEDGER)}。",
            safe="写好的草稿都在。",
            next_step=f"请先同步，{there}请县里把记账权转过来。",
        )


def refuse_findings(findings: Collection[Finding], reason: str) -> None:
    """Raise for hard findings, or for soft ones that nobody answered."""
    hard = tuple(finding for finding in findings if finding.hard)
    if hard:
        raise RuleRefusedError(hard, next_step="请改好再记账。")
    soft = tuple(findings)
    if soft and not reason.strip():
        raise RuleRefusedError(soft, next_step="确实要记，请写明理由。")
