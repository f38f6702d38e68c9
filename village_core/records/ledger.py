"""The collective's books. First-level accounts are data of the release; only sub-accounts are rows."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from village_core.records.base import Merge, Record, SyncRule, references


class SubAccount(Record):
    """A second- or third-level account; id derived from its code. `code` is digits only, e.g. 51401."""

    __tablename__ = "sub_account"
    sync = SyncRule(Merge.EDIT, natural_key=("code",))

    code: Mapped[str] = mapped_column(String(12))
    name: Mapped[str] = mapped_column(String(80))
    closed_on: Mapped[date | None]

    __table_args__ = (Index(None, "village", "code"),)


class VoucherDraft(Record):
    """A voucher being written. `body` is JSON of the entry lines; deleted when posted or thrown away."""

    __tablename__ = "voucher_draft"
    sync = SyncRule(Merge.EDIT, deletable=True)

    draft_number: Mapped[str] = mapped_column(String(20))
    voucher_date: Mapped[date]
    summary: Mapped[str] = mapped_column(String(200), default="")
    body: Mapped[str] = mapped_column(Text)
    made_by: Mapped[UUID] = mapped_column(Uuid)


class Voucher(Record):
    """A posted voucher: frozen. `period` is YYYY-MM, `number` the month's number (opening balances have 0).

    `kind`: normal, opening, reversal, imported. `number_text` is what was printed or imported (记-12, 期初).
    """

    __tablename__ = "voucher"
    sync = SyncRule(Merge.FACT)

    voucher_date: Mapped[date]
    period: Mapped[str] = mapped_column(String(7))
    number: Mapped[int]
    number_text: Mapped[str] = mapped_column(String(30))
    kind: Mapped[str] = mapped_column(String(12))
    paper_count: Mapped[int] = mapped_column(default=0)
    reverses: Mapped[UUID | None] = mapped_column(Uuid)
    reason: Mapped[str | None] = mapped_column(String(200))
    case_id: Mapped[UUID | None] = mapped_column(Uuid)
    bank_receipt: Mapped[str | None] = mapped_column(String(60))
    prepared_by: Mapped[str] = mapped_column(String(60))
    reviewed_by: Mapped[str | None] = mapped_column(String(60))
    made_at: Mapped[str] = mapped_column(String(30))
    made_by: Mapped[UUID] = mapped_column(Uuid)
    printed_number: Mapped[str | None] = mapped_column(String(30))
    """The number on the paper, where the county had to give another one because it was taken."""

    __table_args__ = (
        references("reverses", "voucher"),
        Index(None, "village", "period", "number"),
        Index(None, "village", "voucher_date"),
        Index(None, "village", "case_id"),
        Index(None, "village", "reverses"),
    )


class Posting(Record):
    """One line of a voucher. Exactly one of the amounts is not zero; both in 分, negative only in a reversal.

    `voucher_date` and `opening` repeat what the voucher says: both are facts, and sums over a long history need
    no second table then (100,000 lines: 40 ms instead of 550).
    """

    __tablename__ = "posting"
    sync = SyncRule(Merge.FACT)

    voucher_id: Mapped[UUID] = mapped_column(Uuid)
    line: Mapped[int]
    summary: Mapped[str] = mapped_column(String(200))
    account: Mapped[str] = mapped_column(String(12))
    voucher_date: Mapped[date]
    opening: Mapped[bool] = mapped_column(default=False)
    debit_fen: Mapped[int] = mapped_column(BigInteger)
    credit_fen: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        references("voucher_id", "voucher"),
        Index(None, "village", "voucher_id"),
        Index("ix_posting_sums", "village", "account", "voucher_date", "opening", "debit_fen", "credit_fen"),
    )


class MonthLock(Record):
    """A month that takes no more vouchers; id derived from the period."""

    __tablename__ = "month_lock"
    sync = SyncRule(Merge.FACT)

    period: Mapped[str] = mapped_column(String(7))
    locked_on: Mapped[date]
    locked_by: Mapped[str] = mapped_column(String(60))

    __table_args__ = (Index(None, "village", "period"),)
