"""People who work with the program, and in which roles."""

from __future__ import annotations

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from village_core.records.base import Merge, Record, SyncRule


class StaffMember(Record):
    """A person at the keyboard. `roles` is a comma-separated list of role names (支书, 报账员 …)."""

    __tablename__ = "staff_member"
    sync = SyncRule(Merge.EDIT, sensitive=frozenset({"roles"}), lines=frozenset({"relatives"}))

    name: Mapped[str] = mapped_column(String(60))
    roles: Mapped[str] = mapped_column(String(200), default="")
    may_combine_duties: Mapped[bool] = mapped_column(default=False)
    """岗位兼任 of a small village, on record."""
    left_on: Mapped[str | None] = mapped_column(String(10))
    note: Mapped[str | None] = mapped_column(Text)
    relatives: Mapped[str | None] = mapped_column(Text)
    """Near relatives whom this person declared, a line each: 王建国 兄弟. Asked when a case is decided (回避)."""
