"""A cell's text becomes a field's value, or a sentence about why it cannot be one.

Readers return the bare value where there is nothing to say: a sheet has hundreds of thousands of cells.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from village_core.domain.errors import RefusedError
from village_core.domain.households.contacts import account_warning, phone_warning, tidy_account, tidy_phone
from village_core.domain.households.fields import Field, FieldValue, Kind
from village_core.domain.households.id_numbers import EXCEL_MADE_IT_A_NUMBER, is_damaged_by_excel, tidy_number
from village_core.domain.households.names import LONGEST_NAME, name_problem, name_warning, tidy_name
from village_core.domain.money import LIMIT_FEN, format_yuan, parse_yuan

NOT_TAKEN = "这一格没有收，原来的不变"

_YES = frozenset("是 有 已 已消除 已解决 已参加 享受 参加 y yes true √ ✓ 1".split())  # noqa: SIM905
_NO = frozenset("否 无 未 没有 未消除 未解决 未参加 不享受 不参加 n no false × 0".split())  # noqa: SIM905
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?")
_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
_DROPPED = frozenset(("Cc", "Cf", "Cs"))
_NOTHING = frozenset("- － — —— – / \\".split())  # noqa: SIM905
_NO_NUMBER = frozenset("无 暂无 没有".split())  # noqa: SIM905
_NUMBERS = (Kind.NUMBER, Kind.ID_NUMBER, Kind.PHONE, Kind.ACCOUNT)
_WITHOUT_LENGTH = (Kind.MONEY, Kind.COUNT, Kind.YES_NO, Kind.DAY)
_BLANKS = {kind: _NOTHING | {""} | (_NO_NUMBER if kind in _NUMBERS else frozenset()) for kind in Kind}
_LONG_MONEY = re.compile(r"-?\d{1,12}\.\d{3,}")


@dataclass(frozen=True, slots=True)
class CellReading:
    """A value with what is to be said of it. A `problem` leaves the value out; a `warning` goes with it."""

    value: FieldValue = None
    problem: str = ""
    warning: str = ""


Reading = CellReading | FieldValue


@dataclass(frozen=True)
class CodeList:
    """The words that a field knows. A `closed` list refuses others, an open one keeps them with a warning.

    `keeps_words` leaves a synonym as the source has it.
    """

    values: tuple[str, ...]
    synonyms: Mapping[str, str] = field(default_factory=dict)
    closed: bool = False
    warns: bool = True
    keeps_words: bool = False

    def read(self, text: str) -> Reading:
        """The list's own word for the text."""
        word = self.synonyms.get(text, text)
        if word in self.values:
            return text if self.keeps_words else word
        if self.closed:
            return CellReading(problem=f"不认识“{text}”，可以填：{'、'.join(self.values)}")
        return CellReading(word, warning=f"“{text}”不在常用的说法里，照原样收了") if self.warns else word


_ANY_WORD = CodeList((), warns=False)


COVER = "****"
_COVERED_KINDS = frozenset((Kind.ID_NUMBER, Kind.PHONE, Kind.ACCOUNT))


def cell_reader(target: Field, code_list: CodeList | None = None) -> Callable[[str], Reading]:
    """The function that reads texts of a field, its length limit included. Identity numbers are read elsewhere."""
    read = _READERS.get(target.kind, _read_text)
    if target.kind is Kind.CODE:
        read = (code_list or _ANY_WORD).read
    blanks, longest = _BLANKS[target.kind], target.longest
    if target.kind in _WITHOUT_LENGTH:
        return lambda text: None if text in blanks else read(text.strip())

    def read_within_length(text: str) -> Reading:
        if not text.isprintable():
            text = _without_controls(text)
        if text in blanks or ("*" in text and is_covered(text, target.kind)):
            return None
        reading = read(text)
        if reading == "" or (isinstance(reading, str) and reading in blanks):
            return None
        if len(text) > longest:
            value = reading.value if isinstance(reading, CellReading) else reading
            if isinstance(value, str) and len(value) > longest:
                return CellReading(problem=f"太长了（{len(value)} 个字），最多 {longest} 个字")
        return reading

    return read_within_length


def is_blank(text: str, kind: Kind) -> bool:
    """Whether a cell says nothing: empty, a stroke, or 无 where a number should stand; or a covered number."""
    return text in _BLANKS[kind] or ("*" in text and is_covered(text, kind))


def is_covered(text: str, kind: Kind | None = None) -> bool:
    """Whether a cell of a masked sheet: what it hides is not known, so it says nothing about the value."""
    return COVER in text or (kind in _COVERED_KINDS and "*" in text)


def read_day(text: str) -> date | None:
    """The day of `19900131`, `1990-1-31`, `1990年1月31日`, with or without a time; None for no real day."""
    try:
        if len(text) == 8 and text.isdecimal() and text.isascii():
            return date.fromisoformat(text)
        match = _DAY.fullmatch(unicodedata.normalize("NFKC", text))
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def _read_text(text: str) -> Reading:
    return text


def _read_name(text: str) -> Reading:
    name = tidy_name(text)
    if name.isalpha() and len(name) <= LONGEST_NAME:
        return name
    if problem := name_problem(name):
        return CellReading(problem=problem)
    return _warned(name, name_warning(name))


def _read_number(text: str) -> Reading:
    number = tidy_number(text)
    if is_damaged_by_excel(number):
        return CellReading(problem=EXCEL_MADE_IT_A_NUMBER)
    return number


def _read_phone(text: str) -> Reading:
    phone = tidy_phone(text)
    if is_damaged_by_excel(phone):
        return CellReading(problem=EXCEL_MADE_IT_A_NUMBER)
    return _warned(phone, phone_warning(phone))


def _read_account(text: str) -> Reading:
    account = tidy_account(text)
    warning = account_warning(account)
    if is_damaged_by_excel(account) or (warning and len(account) > 15 and account.endswith("0000")):
        return CellReading(problem=EXCEL_MADE_IT_A_NUMBER)
    return _warned(account, warning)


def _read_money(text: str) -> Reading:
    if text.isascii() and len(text) < 13:
        if text.isdigit():
            return int(text) * 100
        whole, _, decimals = text.partition(".")
        if whole.isdigit() and decimals.isdigit() and len(decimals) == 2:
            return int(whole + decimals)
    try:
        fen = parse_yuan(text)
    except RefusedError as refused:
        return _read_long_money(text) or CellReading(problem=refused.what.rstrip("。"))
    return _warned(fen, "是负数，请核对" if fen < 0 else "")


def _read_long_money(text: str) -> CellReading | None:
    """An average that Excel worked out has more decimals than money has: rounded, and said."""
    if not _LONG_MONEY.fullmatch(text):
        return None
    whole, _, decimals = text.lstrip("-").partition(".")
    fen = int(whole) * 100 + int(decimals[:2]) + (decimals[2] >= "5")
    fen = -fen if text.startswith("-") else fen
    if abs(fen) >= LIMIT_FEN:
        return None
    return CellReading(fen, warning=f"小数超过两位，按四舍五入记成 {format_yuan(fen)}")


def _read_count(text: str) -> Reading:
    plain = unicodedata.normalize("NFKC", text).removesuffix("人").removesuffix("个月").removesuffix("月")
    if plain.endswith(".0"):
        plain = plain[:-2]
    if plain.isascii() and plain.isdigit() and len(plain) <= 4:
        return int(plain)
    return CellReading(problem=f"“{text}”不是整数")


def _read_yes_no(text: str) -> Reading:
    word = text.lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    return CellReading(problem=f"“{text}”看不出是还是否，请填“是”或“否”")


def _read_birthday(text: str) -> Reading:
    return read_day(text) or CellReading(problem=f"“{text}”不是真的日子，请像 19900131 这样填")


def _read_month(text: str) -> Reading:
    """`YYYY-MM`, or `YYYY-MM-DD` where the source tells the day."""
    if text.isascii() and text.isdigit() and len(text) == 6:
        year, month = int(text[:4]), int(text[4:])
    elif match := _MONTH.fullmatch(unicodedata.normalize("NFKC", text)):
        year, month = int(match[1]), int(match[2])
    else:
        day = read_day(text)
        return day.isoformat() if day else CellReading(problem=f"“{text}”不是年月，请像 202309 这样填")
    if not (1900 <= year <= 2200 and 1 <= month <= 12):
        return CellReading(problem=f"“{text}”不是年月，请像 202309 这样填")
    return f"{year}-{month:02d}"


def _warned(value: FieldValue, warning: str) -> Reading:
    return CellReading(value, warning=warning) if warning else value


def _without_controls(text: str) -> str:
    """Without the control and formatting characters that the county's database or paper would not take.

    Characters that this Python does not know yet stay: rare characters of names are added to Unicode every year.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(char for char in lines if char == "\n" or unicodedata.category(char) not in _DROPPED).strip()


_READERS: dict[Kind, Callable[[str], Reading]] = {
    Kind.NAME: _read_name,
    Kind.NUMBER: _read_number,
    Kind.PHONE: _read_phone,
    Kind.ACCOUNT: _read_account,
    Kind.MONEY: _read_money,
    Kind.COUNT: _read_count,
    Kind.YES_NO: _read_yes_no,
    Kind.DAY: _read_birthday,
    Kind.MONTH: _read_month,
}
