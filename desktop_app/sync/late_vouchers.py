"""A voucher that came late and is in the books under another number or in another month, as its question sees it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from desktop_app.storage.rights import rights_of
from desktop_app.storage.unit_of_work import Reader
from village_core.domain.ledger.periods import period_label, period_of
from village_core.domain.ledger.voucher import VoucherKind
from village_core.domain.staff.rights import Right
from village_core.exchange.local_tables import held_row
from village_core.exchange.questions import STANDS_ANYWAY, read_document, read_id
from village_core.exchange.seats import SeatKind
from village_core.records.held import HeldChange
from village_core.records.ledger import Voucher


@dataclass(frozen=True)
class LateVoucher:
    """`number` and `month` are those of the books, `printed` the number on its paper. `other` had the number before;
    `reversed_by` names the voucher that took it back, 2026年11月的 记-1 ('' for none)."""

    voucher_id: UUID
    number: str
    printed: str
    month: str
    came_for: str
    other: UUID | None
    reversed_by: str
    reversible: bool

    @property
    def moved(self) -> bool:
        """Whether it counts in another month than its own."""
        return self.month != self.came_for


def find_late_voucher(reader: Reader, question: HeldChange) -> LateVoucher | None:
    """The voucher of such a question; None for any other, and where it is held itself."""
    if question.field or question.subject_table != "voucher" or question.reason_kind not in STANDS_ANYWAY:
        return None
    row = reader.session.get(Voucher, (reader.village, question.subject_id))
    held = select(held_row.c.row_id).where(held_row.c.table_name == "voucher", held_row.c.row_id == question.subject_id)
    if row is None or reader.session.execute(held).first() is not None:
        return None
    taking_back = select(Voucher.period, Voucher.number_text).where(
        Voucher.village == reader.village, Voucher.reverses == row.id
    )
    reversal = reader.session.execute(taking_back).first()
    return LateVoucher(
        voucher_id=row.id,
        number=row.number_text,
        printed=row.printed_number or row.number_text,
        month=period_label(row.period),
        came_for=period_label(period_of(row.voucher_date)),
        other=read_id(read_document(question.standing).get("id")),
        reversed_by=f"{period_label(reversal.period)}的 {reversal.number_text}" if reversal is not None else "",
        reversible=row.reverses is None and row.kind != VoucherKind.OPENING,
    )


def why_no_reversal(reader: Reader) -> str:
    """Why the one at this keyboard cannot take a voucher back on this laptop; '' when she can."""
    words = reader.duties.why_not_words(Right.POST_VOUCHER) if reader.duties is not None else ""
    rights = rights_of(reader.session)
    if not words and not rights.may_post:
        lent = rights.is_lent(SeatKind.LEDGER)
        there = f"请到{rights.where(SeatKind.LEDGER)}上去做" if lent else "请先请县里把记账权借给一台电脑"
        words = f"这台电脑没有记账权，要冲销{there}。"
    return words
