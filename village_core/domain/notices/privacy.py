"""NOTICE-3, second line of defence: finds what must never hang on a board in the text that is about to be printed.

The print model has no field for it; but a name, a place or a sentence is typed by people.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from village_core.domain.errors import Finding
from village_core.domain.notices.model import ReliefNotice

CLAUSE = "个人信息处理者不得公开其处理的个人信息，取得个人单独同意的除外。"
SOURCE = "个人信息保护法 第二十五条"

_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")
_RUN = re.compile(r"\d(?:[ \-.·]?\d)*[Xx]?")
_LANDLINE = re.compile(r"0\d{9,11}")


def find_private(
    text: str, *, allowed: Iterable[str] = (), words: Sequence[str] = (), field: str = ""
) -> list[Finding]:
    """ID numbers (15 or 18), phone numbers, accounts (16 to 19 digits) and illnesses in a text.

    `allowed` are supervision phones. Digits may be full-width or parted by blanks, dots or hyphens.
    """
    plain = unicodedata.normalize("NFKC", text)
    spared = {_digits(number) for number in allowed}
    findings = []
    for run in _RUN.finditer(_DATE.sub(" / ", plain)):
        what = _name_of(_digits(run[0]))
        if what and _digits(run[0]) not in spared:
            findings.append(_finding(f"“{field}”里有{what}（{_hidden(run[0])}），公示上不能有。", field))
    lowered = plain.lower()
    found = next((word for word in words if word.lower() in lowered), None)
    if found:
        message = f"“{field}”里写了“{found}”，公示只写救助事由的类别（因病、因灾……），不能写病情和残疾。"
        findings.append(_finding(message, field))
    return findings


def check_notice(notice: ReliefNotice, *, words: Sequence[str]) -> tuple[Finding, ...]:
    """All private facts in everything that a notice would print."""
    allowed = [phone.number for phone in notice.supervision]
    return tuple(
        finding
        for field, text in notice.texts()
        for finding in find_private(text, allowed=allowed, words=words, field=field)
    )


def _digits(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", text) if c.isdigit() or c in "Xx").upper()


def _name_of(number: str) -> str:
    """What a run of digits is, or nothing."""
    length = len(number)
    if number.endswith("X"):
        return "身份证号" if length == 18 else ""
    if length in (15, 18) and _looks_like_id(number):
        return "身份证号"
    if length == 11 and re.fullmatch(r"1[3-9]\d{9}", number):
        return "手机号"
    if length == 13 and re.fullmatch(r"861[3-9]\d{9}", number):
        return "手机号"
    if _LANDLINE.fullmatch(number):
        return "电话号码"
    return "银行账号" if 15 <= length <= 19 else ""


def _looks_like_id(number: str) -> bool:
    month, day = (number[10:12], number[12:14]) if len(number) == 18 else (number[8:10], number[10:12])
    return "01" <= month <= "12" and "01" <= day <= "31"


def _hidden(run: str) -> str:
    digits = _digits(run)
    return f"{digits[:3]}…{digits[-2:]}"


def _finding(message: str, field: str) -> Finding:
    return Finding("NOTICE-3", hard=True, message=message, clause=CLAUSE, source=SOURCE, field=field)
