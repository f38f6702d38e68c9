"""What is known of a photo or scan. The content lies encrypted beside the database, named by its hash."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from village_core.records.base import Merge, Record, SyncRule


class Attachment(Record):
    """A photo or scan that belongs to a household, a relief step or a voucher (`owner_kind`, `owner_id`)."""

    __tablename__ = "attachment"
    sync = SyncRule(Merge.FACT)

    owner_kind: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[UUID] = mapped_column(Uuid)
    kind: Mapped[str] = mapped_column(String(30))
    """application, id_copy, home_visit, minutes, sign_in, notice_near, notice_far, bank_receipt, follow_up, other"""
    title: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(40))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    small_sha256: Mapped[str | None] = mapped_column(String(64))
    """The small copy for lists; the original itself where it is small enough. None: taken by an older program."""
    medium_sha256: Mapped[str | None] = mapped_column(String(64))
    """The copy of 1600 pixels for reading and printing, or the original itself."""
    made_at: Mapped[str] = mapped_column(String(30))
    made_by: Mapped[UUID] = mapped_column(Uuid)

    __table_args__ = (Index(None, "village", "owner_id"), Index(None, "village", "sha256"))
