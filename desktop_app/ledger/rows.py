"""What the books show of themselves: frozen rows for screens, paper and the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from desktop_app.ledger.entries import VoucherEntry
from village_core.domain.ledger.periods import period_of
from village_core.domain.ledger.voucher import Posting, Voucher, VoucherKind, with_printed_number


@dataclass(frozen=True)
class VoucherRow:
    """One line of the voucher list. `status`: posted, reversed (taken back) or reversal (takes one back)."""

    voucher_id: UUID
    voucher_date: date
    number_text: str
    summary: str
    amount_fen: int
    status: str
    kind: str
    paper_count: int
    prepared_by: str
    case_id: UUID | None


@dataclass(frozen=True)
class DraftRow:
    """A voucher that is not posted yet."""

    draft_id: UUID
    draft_number: str
    voucher_date: date
    summary: str
    amount_fen: int
    made_by: str


@dataclass(frozen=True)
class PostingLine:
    """One line of a voucher with the names of its account."""

    account: str
    root_name: str
    detail_name: str
    summary: str
    debit_fen: int
    credit_fen: int


@dataclass(frozen=True)
class VoucherDetail:
    """A posted voucher as on paper. `reversed_by` and `reverses` are (id, number) of the other half of a reversal."""

    voucher_id: UUID
    voucher_date: date
    period: str
    number_text: str
    kind: str
    lines: tuple[PostingLine, ...]
    paper_count: int
    prepared_by: str
    reviewed_by: str
    reason: str
    bank_receipt: str
    case_id: UUID | None
    reverses: tuple[UUID, str] | None
    reversed_by: tuple[UUID, str] | None
    made_at: str
    locked: bool
    printed_number: str = ""
    """The number on the paper, where the county had to give another one."""
    awaits_decision: str = ""
    """Why its payment is before a person (a second grant, over the limit); the voucher stands all the same."""

    @property
    def both_numbers(self) -> str:
        """记-2（纸上 记-1）, or only the one."""
        return with_printed_number(self.number_text, self.printed_number)

    @property
    def counts_later(self) -> bool:
        """It arrived when its month was locked, and stands in a later one."""
        return self.period > period_of(self.voucher_date)

    @property
    def amount_fen(self) -> int:
        return sum(line.debit_fen for line in self.lines)

    def voucher(self) -> Voucher:
        """The same as the domain sees it."""
        return Voucher(
            self.voucher_date,
            tuple(Posting(line.account, line.summary, line.debit_fen, line.credit_fen) for line in self.lines),
            VoucherKind(self.kind),
            self.paper_count,
            self.reverses[0] if self.reverses else None,
        )


@dataclass(frozen=True)
class DraftDetail:
    """A draft, ready to be written on."""

    draft_id: UUID
    draft_number: str
    entry: VoucherEntry
    made_by: str
    maker: UUID | None

    def is_of_another(self, person: UUID | None) -> bool:
        """Whether somebody else made it, whatever he is called by now: who posts it then reviews it. What nobody who is
        listed has made is one's own."""
        return self.maker is not None and self.maker != person


@dataclass(frozen=True)
class MonthRow:
    """One month of the books."""

    period: str
    vouchers: int
    drafts: int
    amount_fen: int
    locked: bool


@dataclass(frozen=True)
class AccountRow:
    """One account with its balance (signed, debit positive)."""

    code: str
    name: str
    full_name: str
    level: int
    leaf: bool
    balance_fen: int
    closed: bool
    category: str
    side_words: str
    note: str
