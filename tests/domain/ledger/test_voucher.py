"""Vouchers: numbers of a month, and reversals in red."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from village_core.domain.ledger.periods import first_day, is_locked, last_day, period_label, period_of
from village_core.domain.ledger.voucher import (
    Posting,
    Voucher,
    VoucherKind,
    VoucherNumber,
    missing_numbers,
    next_number,
    parse_voucher_number,
    reversal_of,
    voucher_number,
)

SOME_ID = UUID(int=1)


@pytest.mark.parametrize(
    ("text", "word", "number"),
    [
        ("记-12", "记", 12),
        ("记字第12号", "记", 12),
        ("记12", "记", 12),
        (" 收-0003 ", "收", 3),
        ("银付—7", "银付", 7),
        ("12", "记", 12),
        ("0012", "记", 12),
        ("第5号", "记", 5),
    ],
)
def test_voucher_number_is_read_and_its_text_kept(text: str, word: str, number: int) -> None:
    assert parse_voucher_number(text) == VoucherNumber(word, number, text.strip())


@pytest.mark.parametrize("text", ["", "记", "期初", "记-0", "记-1-2", "2025-03-01", "x" * 31 + "1"])
def test_text_without_one_number_is_no_voucher_number(text: str) -> None:
    assert parse_voucher_number(text) is None


@given(st.integers(min_value=1, max_value=999_999_999))
def test_own_numbers_read_back(number: int) -> None:
    assert parse_voucher_number(voucher_number(number).text) == voucher_number(number)


def test_next_number_follows_the_highest_of_its_word() -> None:
    taken = (voucher_number(1), voucher_number(7), voucher_number(9, "收"))
    assert next_number(taken).text == "记-8"
    assert next_number(taken, "收").text == "收-10"
    assert next_number(()).text == "记-1"


@given(st.integers(min_value=0, max_value=60))
def test_numbers_given_one_after_the_other_leave_no_gap(count: int) -> None:
    taken: tuple[VoucherNumber, ...] = ()
    for _ in range(count):
        taken = (*taken, next_number(taken))
    assert [number.number for number in taken] == list(range(1, count + 1))
    assert missing_numbers(taken) == ()


def test_missing_numbers_are_named() -> None:
    assert missing_numbers((voucher_number(1), voucher_number(4), voucher_number(2, "收"))) == ("收-1", "记-2", "记-3")


def test_reversal_is_red_on_the_same_sides_and_sums_to_zero_with_its_original() -> None:
    original = Voucher(date(2025, 3, 5), (Posting("10201", "收租金", debit_fen=500), Posting("504", "收租金", 0, 500)))
    reversal = reversal_of(original, SOME_ID, on=date(2025, 4, 1), number_text="记-3")
    assert reversal.kind is VoucherKind.REVERSAL
    assert reversal.reverses == SOME_ID
    assert [(p.account, p.debit_fen, p.credit_fen) for p in reversal.postings] == [("10201", -500, 0), ("504", 0, -500)]
    assert reversal.postings[0].summary == "冲销 记-3：收租金"
    assert original.debit_fen + reversal.debit_fen == 0


def test_reversal_of_an_opening_is_no_turnover() -> None:
    opening = Voucher(date(2025, 1, 1), (Posting("101", "期初", 5), Posting("301", "期初", 0, 5)), VoucherKind.OPENING)
    assert reversal_of(opening, SOME_ID, on=date(2025, 1, 1), number_text="期初").kind is VoucherKind.OPENING


def test_months() -> None:
    assert period_of(date(2025, 3, 31)) == "2025-03"
    assert (first_day("2024-02"), last_day("2024-02")) == (date(2024, 2, 1), date(2024, 2, 29))
    assert period_label("2025-03") == "2025年3月"


def test_a_lock_closes_everything_before_it() -> None:
    assert is_locked("2025-02", {"2025-03"})
    assert is_locked("2025-03", {"2025-03"})
    assert not is_locked("2025-04", {"2025-03"})
    assert not is_locked("2025-04", ())
