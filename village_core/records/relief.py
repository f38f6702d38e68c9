"""Relief cases: the case and its steps are facts; where a case stands is a replay of its steps."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from village_core.records.base import Merge, Record, SyncRule, references


class ReliefCase(Record):
    """One household's application for relief from the collective's income. Opened once, never changed."""

    __tablename__ = "relief_case"
    sync = SyncRule(Merge.FACT)

    household_id: Mapped[UUID] = mapped_column(Uuid)
    number: Mapped[str] = mapped_column(String(30))
    """Shown to people, e.g. 2026-017; device letter added where two laptops opened the same."""
    opened_on: Mapped[date]
    made_at: Mapped[str] = mapped_column(String(30))
    made_by: Mapped[UUID] = mapped_column(Uuid)

    __table_args__ = (references("household_id", "household"), Index(None, "village", "household_id"))


class ReliefStep(Record):
    """One deed in a case (application, review, a meeting, a notice, an objection, payment …).

    `payload` is canonical JSON of the dataclass that `kind` names in `village_core.domain.relief`; `reasons` is
    JSON of rule id → written reason. A correction names the step it `supersedes`. `amount_fen` repeats the
    amount of a resolution or payment, so that the county can add up without reading payloads.
    """

    __tablename__ = "relief_step"
    sync = SyncRule(Merge.FACT)

    case_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(String(40))
    done_on: Mapped[date]
    payload: Mapped[str] = mapped_column(Text)
    reasons: Mapped[str] = mapped_column(Text, default="{}")
    supersedes: Mapped[UUID | None] = mapped_column(Uuid)
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    pack_version: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[str] = mapped_column(String(30))
    made_by: Mapped[UUID] = mapped_column(Uuid)
    made_by_name: Mapped[str] = mapped_column(String(60))
    voucher_id: Mapped[UUID | None] = mapped_column(Uuid)
    """The voucher of a payment."""

    __table_args__ = (
        references("case_id", "relief_case"),
        references("voucher_id", "voucher"),
        Index(None, "village", "case_id"),
    )
