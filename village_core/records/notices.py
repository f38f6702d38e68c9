"""What was printed: notices and archives, with the hash of the page that went out."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from village_core.records.base import Merge, Record, SyncRule


class PrintedDocument(Record):
    """A paper that left the program.

    `kind`: relief_notice, resolution_notice, result_notice, archive, voucher, trial_balance.
    """

    __tablename__ = "printed_document"
    sync = SyncRule(Merge.FACT)

    kind: Mapped[str] = mapped_column(String(30))
    case_id: Mapped[UUID | None] = mapped_column(Uuid)
    title: Mapped[str] = mapped_column(String(200))
    printed_on: Mapped[date]
    pages: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[UUID] = mapped_column(Uuid)
    made_by_name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[str] = mapped_column(String(30))

    __table_args__ = (Index(None, "village", "case_id"),)
