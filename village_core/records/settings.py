"""What the village says about itself (村情): names, phones, income, the bodies that vote, bank accounts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from village_core.records.base import Merge, Record, SyncRule


class VillageProfile(Record):
    """One row a village; its id is derived from the village code."""

    __tablename__ = "village_profile"
    sync = SyncRule(Merge.EDIT)

    name: Mapped[str] = mapped_column(String(100))
    township: Mapped[str | None] = mapped_column(String(100))
    county: Mapped[str | None] = mapped_column(String(100))
    collective_name: Mapped[str | None] = mapped_column(String(120))
    """Name of the collective economic organisation, as on its registration."""
    supervision_phone: Mapped[str | None] = mapped_column(String(30))
    township_phone: Mapped[str | None] = mapped_column(String(30))
    posting_place: Mapped[str | None] = mapped_column(String(100))


class CollectiveIncome(Record):
    """Net income of the collective in a year, in 分; base of the next year's relief pool. Id from the year."""

    __tablename__ = "collective_income"
    sync = SyncRule(Merge.EDIT, sensitive=frozenset({"net_income_fen"}))

    year: Mapped[int]
    net_income_fen: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (Index(None, "village", "year"),)


class GoverningBody(Record):
    """A body that votes. `kind` is party_members, party_committee, two_committees, delegates, villagers or
    household_heads (`village_core.domain.meetings`); id derived from it. `names` holds one name a line."""

    __tablename__ = "governing_body"
    sync = SyncRule(Merge.EDIT)

    kind: Mapped[str] = mapped_column(String(30))
    size: Mapped[int]
    names: Mapped[str | None] = mapped_column(Text)


class CollectiveBankAccount(Record):
    """A bank account of the collective and the sub-account of 102 that mirrors it."""

    __tablename__ = "collective_bank_account"
    sync = SyncRule(Merge.EDIT, sensitive=frozenset({"account_number"}))

    name: Mapped[str] = mapped_column(String(120))
    bank: Mapped[str] = mapped_column(String(120))
    account_number: Mapped[str] = mapped_column(String(40))
    ledger_account: Mapped[str] = mapped_column(String(12))
    closed_on: Mapped[str | None] = mapped_column(String(10))
