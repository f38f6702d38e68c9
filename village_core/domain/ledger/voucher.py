"""A voucher and its lines, their number, and the red-letter reversal. Amounts in 分; nothing posted ever changes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import islice
from uuid import UUID

from village_core.domain.ledger.periods import period_of

OPENING_TEXT = "期初"
DEFAULT_WORD = "记"


class VoucherKind(StrEnum):
    """Where a voucher comes from. `OPENING` vouchers are opening balances, never turnover."""

    NORMAL = "normal"
    OPENING = "opening"
    REVERSAL = "reversal"
    IMPORTED = "imported"


@dataclass(frozen=True)
class Posting:
    """One line: an amount on one side of one account. Negative (红字) only where a voucher reverses another."""

    account: str
    summary: str
    debit_fen: int = 0
    credit_fen: int = 0


@dataclass(frozen=True)
class Voucher:
    """A voucher before or after posting. `reverses` names the voucher that this one takes back."""

    voucher_date: date
    postings: tuple[Posting, ...]
    kind: VoucherKind = VoucherKind.NORMAL
    paper_count: int = 0
    reverses: UUID | None = None

    @property
    def period(self) -> str:
        return period_of(self.voucher_date)

    @property
    def debit_fen(self) -> int:
        return sum(posting.debit_fen for posting in self.postings)

    @property
    def credit_fen(self) -> int:
        return sum(posting.credit_fen for posting in self.postings)


@dataclass(frozen=True)
class VoucherNumber:
    """`记-12`: the word (记, or 收, 付, 转 in older books) and the month's number. `text` is as it was printed."""

    word: str
    number: int
    text: str

    @property
    def key(self) -> tuple[str, int]:
        """What may stand once in a month."""
        return self.word, self.number


OPENING_NUMBER = VoucherNumber(OPENING_TEXT, 0, OPENING_TEXT)


def voucher_number(number: int, word: str = DEFAULT_WORD) -> VoucherNumber:
    """A number that this program gives."""
    return VoucherNumber(word, number, f"{word}-{number}")


def parse_voucher_number(text: str) -> VoucherNumber | None:
    """`记-12`, `记字第12号`, `收0003`, `12` (means 记); None when there is no number in it."""
    match = re.fullmatch(r"([^\d\s\-—第号]*?)字?\s*[-—－第]?\s*([0-9]{1,9})\s*号?", text.strip())
    if match is None or int(match[2]) == 0 or len(text.strip()) > 30:
        return None
    return VoucherNumber(match[1] or DEFAULT_WORD, int(match[2]), text.strip())


def spoken_number(number_text: str) -> str:
    """`记-12` → `记字第 12 号`, as on paper; other texts as they are."""
    number = parse_voucher_number(number_text)
    return f"{number.word}字第 {number.number} 号" if number else number_text


def with_printed_number(number: str, printed: str) -> str:
    """`记-2（纸上 记-1）` where the paper bears another number than the books."""
    return f"{number}（纸上 {printed}）" if printed else number


def next_number(taken: tuple[VoucherNumber, ...], word: str = DEFAULT_WORD) -> VoucherNumber:
    """The number after the highest of this month and word, so that none is missing at the end."""
    return voucher_number(max((number.number for number in taken if number.word == word), default=0) + 1, word)


def missing_numbers(taken: tuple[VoucherNumber, ...]) -> tuple[str, ...]:
    """断号 of a month: what lies between 1 and the highest number of each word and was never given."""
    gaps: list[str] = []
    for word in sorted({number.word for number in taken}):
        given = {number.number for number in taken if number.word == word}
        absent = (f"{word}-{number}" for number in range(1, max(given)) if number not in given)
        gaps += islice(absent, 20)
    return tuple(gaps)


def reversal_of(original: Voucher, original_id: UUID, *, on: date, number_text: str) -> Voucher:
    """红字冲销: the same lines on the same sides with negative amounts, dated `on`.

    An opening stays an opening, so that its reversal is no turnover either.
    """
    return Voucher(
        voucher_date=on,
        postings=tuple(_red(posting, number_text) for posting in original.postings),
        kind=VoucherKind.OPENING if original.kind is VoucherKind.OPENING else VoucherKind.REVERSAL,
        reverses=original_id,
    )


def _red(posting: Posting, number_text: str) -> Posting:
    summary = f"冲销 {number_text}：{posting.summary}"[:200]
    return replace(posting, summary=summary, debit_fen=-posting.debit_fen, credit_fen=-posting.credit_fen)
