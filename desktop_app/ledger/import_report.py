"""What an import did or would do: counts of sheet rows, and a reason for each row that was left out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from desktop_app.storage.changes import Changes


@dataclass(frozen=True)
class RowNote:
    """Something to say about one row: its number in the sheet, the column, and why, in Chinese."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True)
class ImportReport:
    """Counts are sheet rows; `vouchers` are the vouchers taken, opening balances not among them.

    `reviewers`: of whom one has to be named as having reviewed them; None where nobody has to be.
    """

    rows: int
    created: int
    unchanged: int
    vouchers: int
    rejected: tuple[RowNote, ...]
    warnings: tuple[RowNote, ...]
    new_accounts: tuple[str, ...] = ()
    reviewers: tuple[str, ...] | None = None
    changes: Changes = field(default_factory=Changes.of)

    def as_json(self) -> dict[str, Any]:
        """The keys of the command line's answer."""
        return {
            "rows": self.rows,
            "created": self.created,
            "updated": 0,
            "unchanged": self.unchanged,
            "vouchers": self.vouchers,
            "rejected": [asdict(note) for note in self.rejected],
            "warnings": [asdict(note) for note in self.warnings],
        }
