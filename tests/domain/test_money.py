"""Money: what people type becomes 分 and comes back unchanged, in figures and in capital numerals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from village_core.domain.errors import RefusedError
from village_core.domain.money import LIMIT_FEN, capital_yuan, format_yuan, parse_yuan, plain_yuan

typed_amounts = st.integers(min_value=-LIMIT_FEN + 1, max_value=LIMIT_FEN - 1)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("0", 0),
        ("1", 100),
        ("1,234.5", 123450),
        ("￥1,234.50", 123450),
        ("¥ 0.05", 5),
        ("１２３．４", 12340),
        ("１，２３４元", 123400),
        (" 12 345.67 ", 1234567),
        (".5", 50),
        ("-3", -300),
        ("－3.10", -310),
        ("−0.01", -1),
        ("+7", 700),
        ("186334.20", 18633420),
    ],
)
def test_typed_amount_is_understood(text: str, fen: int) -> None:
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "元",
        "一百",
        "1.234",
        "0.300",
        "1,23",
        "12,34.5",
        "1.2.3",
        "5.",
        "1e3",
        "--1",
        "1-",
        "12元5角",
        "NaN",
        "²",
        "5²",
        "9999999999999999",
        "٣",
    ],
)
def test_what_is_no_amount_is_refused_in_chinese(text: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        parse_yuan(text)
    assert refusal.value.what
    assert "两位小数" in refusal.value.next_step


@given(typed_amounts)
def test_figures_come_back_unchanged(fen: int) -> None:
    assert parse_yuan(format_yuan(fen)) == fen
    assert parse_yuan(plain_yuan(fen)) == fen
    assert parse_yuan(f"￥{format_yuan(fen)}元".replace("￥-", "-￥")) == fen


@given(st.integers(min_value=0, max_value=LIMIT_FEN - 1))
def test_full_width_figures_mean_the_same(fen: int) -> None:
    wide = format_yuan(fen).translate({ord(c): chr(ord(c) + 0xFEE0) for c in "0123456789,."})
    assert parse_yuan(wide) == fen


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "人民币零元整"),
        (1, "人民币壹分"),
        (10, "人民币壹角整"),
        (55, "人民币伍角伍分"),
        (100, "人民币壹元整"),
        (105, "人民币壹元零伍分"),
        (1000, "人民币壹拾元整"),
        (123400, "人民币壹仟贰佰叁拾肆元整"),
        (140950, "人民币壹仟肆佰零玖元伍角整"),
        (600714, "人民币陆仟零柒元壹角肆分"),
        (168032, "人民币壹仟陆佰捌拾元叁角贰分"),
        (10_700_053, "人民币壹拾万柒仟元伍角叁分"),
        (1_640_902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (1_000_010_000, "人民币壹仟万零壹佰元整"),
        (10_000_000_000, "人民币壹亿元整"),
        (10_000_000_100, "人民币壹亿零壹元整"),
        (1_000_000_000_000, "人民币壹佰亿元整"),
        (1_000_100_010_000_00, "人民币壹万零壹亿零壹万元整"),
        (10**17, "人民币壹仟万亿元整"),
        (-400_000, "人民币负肆仟元整"),
    ],
)
def test_capital_form_is_what_a_bank_accepts(fen: int, words: str) -> None:
    assert capital_yuan(fen) == words


def test_capital_form_ends_somewhere() -> None:
    with pytest.raises(ValueError, match="10\\^18"):
        capital_yuan(10**18)


@given(st.integers(min_value=-(10**18) + 1, max_value=10**18 - 1))
def test_capital_form_reads_back_to_the_same_amount(fen: int) -> None:
    words = capital_yuan(fen)
    assert read_capital(words) == fen
    assert "零零" not in words
    assert words.endswith(("分", "整"))


def read_capital(words: str) -> int:
    """The other direction, written on its own so that one mistake cannot hide in both."""
    text = words.removeprefix("人民币")
    negative = text.startswith("负")
    text = text.removeprefix("负").removesuffix("整")
    whole, _, rest = text.rpartition("元")
    cents = 0
    for unit, size in (("角", 10), ("分", 1)):
        if unit in rest:
            cents += "零壹贰叁肆伍陆柒捌玖".index(rest[rest.index(unit) - 1]) * size
    fen = read_integer(whole) * 100 + cents
    return -fen if negative else fen


def read_integer(text: str) -> int:
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        if unit in text:
            high, _, low = text.rpartition(unit) if unit == "亿" else text.partition(unit)
            return read_integer(high) * size + read_integer(low)
    total = 0
    digit = 0
    for character in text:
        if character in "零壹贰叁肆伍陆柒捌玖":
            digit = "零壹贰叁肆伍陆柒捌玖".index(character)
        else:
            total += digit * {"仟": 1000, "佰": 100, "拾": 10}[character]
            digit = 0
    return total + digit
