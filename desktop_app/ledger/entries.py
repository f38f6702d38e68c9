"""A voucher as it is written, before it is posted, and its form as JSON in a draft."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated, TypeVar

import msgspec

from desktop_app.ledger.templates import entry_templates
from village_core.domain.ledger.voucher import Posting, Voucher

T = TypeVar("T")
Fen = Annotated[int, msgspec.Meta(ge=-(10**15), le=10**15)]


class _Line(msgspec.Struct):
    account: str
    summary: str
    debit_fen: Fen = 0
    credit_fen: Fen = 0


class _Body(msgspec.Struct):
    postings: Annotated[list[_Line], msgspec.Meta(max_length=2000)]
    paper_count: Annotated[int, msgspec.Meta(ge=0, le=999_999)]
    template: str


@dataclass(frozen=True)
class VoucherEntry:
    """What the clerk wrote: may be incomplete. `template` is the key of the plain-language entry it came from.
    `readable`: False when a draft held something that makes no sense."""

    voucher_date: date
    postings: tuple[Posting, ...]
    paper_count: int = 0
    template: str = ""
    readable: bool = True

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
    """The entry that a draft kept. A draft may come from another computer: what makes no sense is an empty entry that
    is not `readable`, so that one row never closes the whole list. A template nobody knows is passed over."""
    try:
        kept = msgspec.json.decode(body, type=_Body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return VoucherEntry(voucher_date, (), readable=False)
    return VoucherEntry(
        voucher_date=voucher_date,
        postings=tuple(Posting(**msgspec.structs.asdict(line)) for line in kept.postings),
        paper_count=kept.paper_count,
        template=kept.template if any(kept.template == known.key for known in entry_templates()) else "",
    )


def says_the_same(one: VoucherEntry, other: VoucherEntry) -> bool:
    """Whether two entries make the same voucher, whichever page they were written on."""
    return one.readable and other.readable and one.voucher() == other.voucher()


def typed_lines(text: str) -> list[tuple[str, str, str, str]]:
    """What was typed into the rows of a voucher (summary, account, debit, credit); nothing if it makes no sense."""
    return _typed(text, list[tuple[str, str, str, str]]) or []


def typed_balances(text: str) -> dict[str, tuple[str, str]]:
    """What was typed as opening balances, by account: debit and credit; nothing if it makes no sense."""
    return _typed(text, dict[str, tuple[str, str]]) or {}


def _typed(text: str, shape: type[T]) -> T | None:
    try:
        return msgspec.json.decode(text, type=shape)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
