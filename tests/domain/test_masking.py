"""Free text shows no full number, and nothing else is spoilt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from village_core.domain.masking import cover_unread, has_full_number, mask_field, mask_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("证 532327199001011234 已核", "证 5323**********1234 已核"),
        ("53232719900101123X", "5323**********123X"),
        ("打 13812345678 找他", "打 138****5678 找他"),
        ("卡 6217001234567891234", "卡 **** **** 1234"),
        ("532327101201 太平村", "532327101201 太平村"),
        ("2026-11-22 10:00，12,345,678.00 元", "2026-11-22 10:00，12,345,678.00 元"),
        ("案号 202611220001", "案号 202611220001"),
        ("5323**********1234", "5323**********1234"),
    ],
)
def test_numbers_in_free_text_are_covered(text: str, shown: str) -> None:
    assert mask_text(text) == shown
    assert has_full_number(text) == (text != shown)


@given(
    st.text(), st.from_regex(r"1[3-9]\d{9}|5323\d{13}[\dX]|62\d{17}", fullmatch=True), st.sampled_from(["", " ", "，"])
)
def test_a_number_never_stands_in_masked_text(before: str, number: str, gap: str) -> None:
    if not before[-1:].isnumeric() and not before.endswith(("*", ".")):
        assert number not in mask_text(before + gap + number)


def test_a_masked_text_stays_as_it_is() -> None:
    once = mask_text("132 13812345678 532327199001011234 6217001234567891234")
    assert mask_text(once) == once


def test_fields_that_are_no_numbers_are_left_alone() -> None:
    assert mask_field("name", "罗铉") == "罗铉"
    assert mask_field("phone", "13812345678") == "138****5678"
    assert mask_field("phone", None) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("不认识“53232719900101123”，可以填：男、女", "不认识“**** **** 1123”，可以填：男、女"),
        ("“138 1234 5678”不是整数", "“*********5678”不是整数"),
        ("“6217 0012 3456 7891 234”不是真的日子", "“******************* 234”不是真的日子"),
        ("“1101011990 01011234”不是整数", "“***************1234”不是整数"),
        ("“11010119900 1011234”不是整数", "“***************1234”不是整数"),
        ("“1990-13-31 00:00:00”不是真的日子", "“1990-13-31 00:00:00”不是真的日子"),
        ("身份证号里的出生日期 19901331 不是真的日子", "身份证号里的出生日期 19901331 不是真的日子"),
    ],
)
def test_in_what_was_not_understood_any_long_run_is_covered(text: str, shown: str) -> None:
    assert cover_unread(text) == shown
    assert cover_unread(shown) == shown
