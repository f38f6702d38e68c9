"""What the county put aside for a person to decide (要您拿主意)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from village_core.records.base import Merge, Record, SyncRule, references


class HeldChange(Record):
    """A change that arrived but does not stand: a later value of a sensitive field, a second grant, a taken number.

    `subject_table`/`subject_id` name the row, `field` the column ('' for a whole row). `standing` and `offered`
    are JSON values; `reason` a Chinese sentence.
    """

    __tablename__ = "held_change"
    sync = SyncRule(Merge.COUNTY)

    subject_table: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    field: Mapped[str] = mapped_column(String(60))
    standing: Mapped[str] = mapped_column(Text)
    offered: Mapped[str] = mapped_column(Text)
    reason_kind: Mapped[str] = mapped_column(String(30))
    reason: Mapped[str] = mapped_column(String(300))
    offered_by: Mapped[str] = mapped_column(String(60))
    offered_at: Mapped[str] = mapped_column(String(30))
    offered_device: Mapped[int] = mapped_column(BigInteger)
    offered_seq: Mapped[int] = mapped_column(BigInteger)
    decision_id: Mapped[UUID | None] = mapped_column(Uuid)
    """The decision that closed the question; empty while it is open."""
    decided_at: Mapped[str | None] = mapped_column(String(30))
    offered_incarnation: Mapped[int | None] = mapped_column(Integer)
    """Tells two machines of one copied disk apart; empty in questions of older counties."""

    __table_args__ = (Index(None, "village", "subject_id"),)


class HeldDecision(Record):
    """What a person decided about a question. The county carries it out in the order of arrival.

    `choice`: `standing` (what stands stays), `offered` (what was put aside takes its place) or `neither` (`value`,
    JSON of field → value, takes its place). `made_at` is a time stamp, as in every fact.
    """

    __tablename__ = "held_decision"
    sync = SyncRule(Merge.FACT)

    held_id: Mapped[UUID] = mapped_column(Uuid)
    choice: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(Text, default="{}")
    reason: Mapped[str] = mapped_column(String(300), default="")
    made_at: Mapped[str] = mapped_column(String(30))
    made_by: Mapped[UUID] = mapped_column(Uuid)
    made_by_name: Mapped[str] = mapped_column(String(60))

    __table_args__ = (references("held_id", "held_change"), Index(None, "village", "held_id"))
