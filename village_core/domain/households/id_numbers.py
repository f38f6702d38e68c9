"""Identity numbers: GB 11643-1999 with its ISO 7064 MOD 11-2 check digit, the old 15 digits, other papers."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from operator import mul
from typing import NamedTuple

RESIDENT_CARD = "居民身份证"

_WEIGHTS = tuple(pow(2, 17 - place, 11) for place in range(17))
_OFFSET = sum(_WEIGHTS) * ord("0")
_CHECK_DIGITS = "10X98765432"
_EIGHTEEN = re.compile(r"\d{17}[\dX]")
_FIFTEEN = re.compile(r"\d{15}")
_AS_A_FLOAT = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,2}")
_LOOSE = str.maketrans("", "", " \t\r\n　\u00a0\u200b\ufeff'’`")
_OTHER_PAPER = re.compile(r"[0-9A-Z()-]{3,30}")

EXCEL_MADE_IT_A_NUMBER = "Excel 把号码变成了数，后几位已经丢了。请把这一列设成“文本”，照证件重新填完整的号码"

_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()  # noqa: SIM905
)
"""The first two digits of GB/T 2260; 83 stands on residence permits of people from Taiwan."""


class IdNumber(NamedTuple):
    """What a typed or imported number says. `problem` refuses it; `warning` only asks to look again."""

    number: str
    birth: date | None = None
    sex: str = ""
    problem: str = ""
    warning: str = ""


def check_digit(first_seventeen: str) -> str:
    """The 18th character of an identity number, `0`–`9` or `X`."""
    return _CHECK_DIGITS[(sum(map(mul, _WEIGHTS, first_seventeen.encode())) - _OFFSET) % 11]


def is_damaged_by_excel(text: str) -> bool:
    """Whether a long number was shown or stored as a float, e.g. `5.32327E+17`."""
    return ("E" in text or "e" in text) and _AS_A_FLOAT.fullmatch(text) is not None


def tidy_number(text: str) -> str:
    """Full-width digits become plain ones, blanks and a leading apostrophe go, letters are capitals."""
    if text.isascii():
        if text.isdigit():
            return text
        return text.translate(_LOOSE).upper()
    plain = unicodedata.normalize("NFKC", text).translate(_LOOSE).upper()
    # Once more: a blank that is gone may leave a letter and its accent side by side.
    return unicodedata.normalize("NFKC", plain)


def read_id_number(text: str, *, kind: str = RESIDENT_CARD, today: date) -> IdNumber:
    """Judge one number. `kind` is the 证件类型; everything but the resident's card is taken as it is written."""
    number = tidy_number(text)
    if kind == RESIDENT_CARD and len(number) == 18 and number.isdigit():
        return _read_resident_card(number, today)
    if is_damaged_by_excel(number):
        return IdNumber(number, problem=EXCEL_MADE_IT_A_NUMBER)
    if kind in ("", RESIDENT_CARD, "身份证"):
        return _read_resident_card(number, today)
    if kind == "残疾人证" and len(number) == 20 and _EIGHTEEN.fullmatch(number[:18]):
        inner = _read_resident_card(number[:18], today)
        return IdNumber(number, inner.birth, inner.sex, inner.problem, inner.warning)
    if not _OTHER_PAPER.fullmatch(number):
        return IdNumber(number, problem=f"{kind}的号码只能是 3 到 30 个数字和字母，请照证件重新填")
    return IdNumber(number)


def _read_resident_card(number: str, today: date) -> IdNumber:
    if _FIFTEEN.fullmatch(number):
        return _read_old_card(number, today)
    if not _EIGHTEEN.fullmatch(number):
        return IdNumber(number, problem=_wrong_shape(number))
    if check_digit(number[:17]) != number[17]:
        if number.endswith("000"):
            return IdNumber(number, problem=EXCEL_MADE_IT_A_NUMBER)
        return IdNumber(number, problem="身份证号的最后一位和前 17 位对不上，可能抄错了一位，请照证件核对")
    birth = _real_date(number[6:14])
    if birth is None:
        return IdNumber(number, problem=f"身份证号里的出生日期 {number[6:14]} 不是真的日子，请照证件核对")
    if birth > today:
        return IdNumber(number, problem=f"身份证号里的出生日期 {number[6:14]} 还没有到，请照证件核对")
    return IdNumber(number, birth, _sex(number[16]), warning=_oddness(number, birth, today))


def _read_old_card(number: str, today: date) -> IdNumber:
    birth = _real_date("19" + number[6:12])
    if birth is None or birth > today:
        return IdNumber(number, problem=f"15 位身份证号里的出生日期 {number[6:12]} 不是真的日子，请照证件核对")
    return IdNumber(number, birth, _sex(number[14]), warning="还是 15 位的老身份证号，请换成 18 位的")


def _oddness(number: str, birth: date, today: date) -> str:
    if number[:2] not in _PROVINCES:
        return f"身份证号开头的 {number[:2]} 不是哪个省的代码，请照证件核对"
    if today.year - birth.year > 115:
        return f"照身份证号算已经 {today.year - birth.year} 岁，请核对"
    return ""


def _wrong_shape(number: str) -> str:
    if not number.isascii() or re.search(r"[^\dX]", number) or "X" in number[:-1]:
        return "身份证号里有不该有的字，应该是 18 位数字，最后一位可以是 X"
    return f"身份证号应该是 18 位，这里是 {len(number)} 位，请照证件补全"


def _real_date(digits: str) -> date | None:
    try:
        day = date.fromisoformat(digits)
    except ValueError:
        return None
    return day if 1850 <= day.year <= 2200 else None


def _sex(digit: str) -> str:
    return "男" if int(digit) % 2 else "女"


def identity_key(kind: str | None, number: str) -> str:
    """What two numbers of one person share: 15 and 18 digits of one card, the card inside a 残疾人证.

    Other papers count with their kind, because a passport's number may be anybody's on another paper.
    """
    if len(number) == 18 and _EIGHTEEN.fullmatch(number):
        return number
    if _FIFTEEN.fullmatch(number):
        body = f"{number[:6]}19{number[6:]}"
        return body + check_digit(body)
    if kind == "残疾人证" and _EIGHTEEN.fullmatch(number[:18]):
        return number[:18]
    return f"{kind or ''}:{number}"
