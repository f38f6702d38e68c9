"""What of a sensitive number is shown when nobody has asked for all of it. The one place that decides it.

Numbers of identity papers, telephones and bank accounts. Collective accounts are masked like those of people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any


def mask_id_number(number: str | None) -> str:
    """`532327199001011234` → `5323**********1234`; shorter papers keep two characters at each end."""
    if not number:
        return ""
    if len(number) >= 15:
        return number[:4] + "*" * (len(number) - 8) + number[-4:]
    if len(number) <= 4:
        return "*" * len(number)
    return number[:2] + "*" * (len(number) - 4) + number[-2:]


def mask_phone(number: str | None) -> str:
    """`13812345678` → `138****5678`."""
    if not number:
        return ""
    if len(number) == 11 and number.isdigit():
        return f"{number[:3]}****{number[7:]}"
    return "*" * max(0, len(number) - 4) + number[-4:] if len(number) > 4 else "*" * len(number)


def mask_account(number: str | None) -> str:
    """`6217001234567891234` → `**** **** 1234`."""
    if not number:
        return ""
    return f"**** **** {number[-4:]}" if len(number) > 4 else "*" * len(number)


MASKS: Mapping[str, Callable[[str | None], str]] = {
    "id_number": mask_id_number,
    "phone": mask_phone,
    "bank_account": mask_account,
    "account_number": mask_account,
    "payee_account": mask_account,
}
"""By the name of the field, in whichever table it stands."""

_RUN = re.compile(r"(?<![\d*.])\d{11,19}(?![\d*]|\.\d)[Xx]?|(?<![\d*])\d{17}[Xx]")
_ANY_LONG_RUN = re.compile(r"(?<![\d*])(?:\d(?:[ \u3000-]?\d){10,}|\d{9,})[Xx]?")
_PHONE = re.compile(r"1[3-9]\d{9}|0\d{10}")


def is_masked_field(name: str) -> bool:
    return name in MASKS


def mask_field(name: str, value: Any) -> Any:
    """The value of a field as it may be shown; other fields as they are."""
    mask = MASKS.get(name)
    return mask(str(value)) if mask is not None and value else value


def mask_text(text: str) -> str:
    """Free text with every run of digits covered that can be an identity number, a mobile telephone or an account.

    Codes of twelve digits (villages) and thirteen or fourteen (serial numbers) are left: no such number is that long.
    """
    return _RUN.sub(lambda run: _mask_run(run[0]), text)


def cover_unread(text: str) -> str:
    """What stands in a cell that could not be read, or tells of one: it may hold a number with a digit too few or too
    many or with gaps, so that any long run of digits is covered but for its last four characters."""
    return _ANY_LONG_RUN.sub(lambda run: _cover_run(run[0]), text)


def has_full_number(text: str) -> bool:
    """Whether a text shows a number that has to be covered."""
    return mask_text(text) != text


def _cover_run(run: str) -> str:
    masked = mask_text(run)
    return masked if "*" in masked and run.isalnum() else "*" * (len(run) - 4) + run[-4:]


def _mask_run(run: str) -> str:
    if run[-1] in "Xx":
        return mask_id_number(run)
    if len(run) == 11:
        return mask_phone(run) if _PHONE.fullmatch(run) else run
    if len(run) < 15:
        return run
    if len(run) in (15, 18) and "01" <= (run[10:12] if len(run) == 18 else run[8:10]) <= "12":
        return mask_id_number(run)
    return mask_account(run)
