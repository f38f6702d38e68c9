"""A cell's text as Excel shows it, and a header's name without the accidents of typing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

AROUND = " \t\r\n\v\f\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
_HALF_WIDTH = str.maketrans({code + 0xFEE0: code for code in range(0x21, 0x7F)} | {"﹙": "(", "﹚": ")"})


def cell_text(value: object) -> str:
    """The text of what a reader returned for one cell.

    Numbers have Excel's own 15 digits, so that an ID number stored as a number shows its damage
    (`5.3232719610211E+17`) instead of made-up digits, and 0.1 + 0.2 is `0.3`.
    """
    if isinstance(value, str):
        return value.strip(AROUND)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return f"{value:.15g}".replace("e", "E")
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return ""


def header_key(text: str) -> str:
    """What two spellings of one header share: no blanks or line breaks, half-width brackets, no 必填 marks."""
    plain = "".join(text.translate(_HALF_WIDTH).split())
    return plain.strip(AROUND).strip("*").removesuffix("(必填)").removesuffix("(元)")
