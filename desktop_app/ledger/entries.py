"""A voucher as it is written, before it is posted, and its form as JSON in a draft."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date

from village_core.domain.ledger.voucher import Posting, Voucher


@dataclass(frozen=True)
class VoucherEntry:
    """What the clerk wrote: may be incomplete. `template` is the key of the plain-language entry it came from."""

    voucher_date: date
    postings: tuple[Posting, ...]
    paper_count: int = 0
    template: str = ""

    @property
    def summary(self) -> str:
        return next((posting.summary for posting in self.postings if posting.summary), "")

    @property
    def amount_fen(self) -> int:
        return sum(posting.debit_fen for posting in self.postings)

    def voucher(self) -> Voucher:
        return Voucher(self.voucher_date, self.postings, paper_count=self.paper_count)


def draft_body(entry: VoucherEntry) -> str:
    """The JSON that a draft keeps."""
    return json.dumps(
        {
            "paper_count": entry.paper_count,
            "template": entry.template,
            "postings": [asdict(posting) for posting in entry.postings],
        },
        ensure_ascii=False,
        sort_keys=True,
    )


def entry_of(voucher_date: date, body: str) -> VoucherEntry:
    """The entry that a draft kept."""
    data = json.loads(body)
    return VoucherEntry(
        voucher_date=voucher_date,
        postings=tuple(Posting(**posting) for posting in data["postings"]),
        paper_count=data["paper_count"],
        template=data["template"],
    )
