"""What the county put aside for a person to decide (要您拿主意)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, Index, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from village_core.records.base import Merge, Record, SyncRule


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

    __table_args__ = (Index(None, "village", "subject_id"),)
