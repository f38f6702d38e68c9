"""Money is an integer number of 分 everywhere; only what people type, read or sign is turned into 元 here."""

from __future__ import annotations

import re

from village_core.domain.errors import RefusedError

LIMIT_FEN = 10**15
"""Typed amounts stay below this (10^13 元): more is a slip, and sums must fit 64 bits."""

_AMOUNT = re.compile(r"([-+]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+|(?=\.[0-9]))(?:\.([0-9]+))?")
_SAME_IN_HALF_WIDTH = str.maketrans(
    {code + 0xFEE0: code for code in range(0x21, 0x7F)} | {"−": "-", "﹣": "-", "–": "-", "￥": "¥"}
)
"""Only full-width signs; Unicode's own folding would read 5² as 52."""
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("仟", "佰", "拾", "")


def parse_yuan(text: str) -> int:
    """分 of an amount in 元 as people type it: `1,234.5`, `￥１２`, `-3元`. At most two decimals."""
    plain = "".join(text.translate(_SAME_IN_HALF_WIDTH).split()).replace("¥", "").removesuffix("元")
    if not plain:
        raise _refused("金额是空的。")
    match = _AMOUNT.fullmatch(plain)
    if match is None:
        raise _refused(f"“{text.strip()}”不是金额。")
    sign, whole, decimals = match[1], match[2].replace(",", ""), match[3] or ""
    if len(decimals) > 2:
        raise _refused(f"“{text.strip()}”的小数超过两位，金额只能到分。")
    fen = int(whole or "0") * 100 + int(decimals.ljust(2, "0"))
    if fen >= LIMIT_FEN:
        raise _refused(f"“{text.strip()}”太大了，可能多打了几位。")
    return -fen if sign == "-" else fen


def format_yuan(fen: int) -> str:
    """`123400` → `1,234.00`, as on screens and in tables."""
    yuan, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{cents:02d}"


def plain_yuan(fen: int) -> str:
    """`123400` → `1234.00`, as in files that other programs read."""
    return format_yuan(fen).replace(",", "")


def capital_yuan(fen: int) -> str:
    """`123400` → `人民币壹仟贰佰叁拾肆元整`, as signed on paper (支付结算办法 附一); below 10^18 分."""
    if abs(fen) >= 10**18:
        raise ValueError("no capital form for an amount of 10^18 分 or more")
    yuan, cents = divmod(abs(fen), 100)
    tenths, hundredths = divmod(cents, 10)
    words = f"{_capital_integer(yuan)}元" if yuan else ""
    if tenths:
        words += f"{_DIGITS[tenths]}角"
    elif hundredths and yuan:
        words += "零"
    words += f"{_DIGITS[hundredths]}分" if hundredths else "整"
    if fen == 0:
        words = "零元整"
    return f"人民币{'负' if fen < 0 else ''}{words}"


def _capital_integer(number: int) -> str:
    """A positive integer in capital numerals; 零 stands once for each gap between written places."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        if number >= size:
            high, low = divmod(number, size)
            words = _capital_integer(high) + unit
            if low:
                words += ("零" if low < size // 10 else "") + _capital_integer(low)
            return words
    words = ""
    for digit, place in zip(f"{number:04d}", _PLACES, strict=True):
        if digit != "0":
            words += _DIGITS[int(digit)] + place
        elif words and not words.endswith("零"):
            words += "零"
    return words.rstrip("零")


def _refused(what: str) -> RefusedError:
    return RefusedError(what, safe="没有记下任何数。", next_step="请填写以元为单位的数，最多两位小数，例如 1,234.50。")
