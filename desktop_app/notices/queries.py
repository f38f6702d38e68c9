"""What was printed, by whom and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from village_core.domain.notices.model import NOTICE_TITLES
from village_core.domain.staff.rights import Right
from village_core.records.notices import PrintedDocument

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

PAPER_TITLES = {
    **{kind.value: title for kind, title in NOTICE_TITLES.items()},
    "archive": "一户一档",
    "voucher": "记账凭证",
    "trial_balance": "科目余额表",
    "stick_slip": "U 盘交接单",
}


@dataclass(frozen=True)
class PrintedRow:
    """A paper that left the program."""

    kind: str
    title: str
    case_id: UUID | None
    printed_on: date
    pages: int
    sha256: str
    made_by: str
    made_at: str

    @property
    def kind_title(self) -> str:
        """决议公开, 救助对象公示 …"""
        return PAPER_TITLES.get(self.kind, self.kind)


def list_printed(reader: Reader, *, case_id: UUID | None = None, limit: int | None = None) -> tuple[PrintedRow, ...]:
    """Printed papers, the newest first; of one case when given."""
    reader.require(Right.READ_CASES, about=case_id)
    statement = (
        select(PrintedDocument)
        .where(PrintedDocument.village == reader.village)
        .order_by(PrintedDocument.made_at.desc(), PrintedDocument.id.desc())
        .limit(limit)
    )
    if case_id is not None:
        statement = statement.where(PrintedDocument.case_id == case_id)
    return tuple(
        PrintedRow(
            kind=row.kind,
            title=row.title,
            case_id=row.case_id,
            printed_on=row.printed_on,
            pages=row.pages,
            sha256=row.sha256,
            made_by=row.made_by_name,
            made_at=row.made_at,
        )
        for row in reader.session.scalars(statement)
    )
