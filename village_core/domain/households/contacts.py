"""Phone numbers and bank accounts: what can be one, and what only looks odd."""

from __future__ import annotations

import re

from village_core.domain.households.id_numbers import tidy_number

_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}[- ]?\d{7,8}(-\d{1,5})?")
_SHORT = re.compile(r"\d{7,8}|[48]00\d{7}")
_DOUBLED = str.maketrans("0123456789", "0246813579")
_SEVERAL = re.compile(r"[/、,，;；]")


def tidy_phone(text: str) -> str:
    """Digits in half width, no blanks, no +86."""
    number = tidy_number(text)
    if len(number) == 11:
        return number
    if number.startswith(("+86", "0086")):
        number = number.removeprefix("+86").removeprefix("0086").lstrip("-")
    if re.fullmatch(r"1\d{2}-\d{4}-\d{4}", number):
        number = number.replace("-", "")
    return number


def phone_warning(phone: str) -> str:
    """Why a tidied phone number may be wrong; empty for one or several (separated by / or 、) that may be right."""
    if _MOBILE.fullmatch(phone):
        return ""
    for part in _SEVERAL.split(phone):
        if not any(shape.fullmatch(part) for shape in (_MOBILE, _LANDLINE, _SHORT)):
            if part.isdigit() and part.startswith("1"):
                return f"手机号应该是 11 位，这里是 {len(part)} 位，请核对"
            return "这不像电话号码，请核对"
    return ""


def tidy_account(text: str) -> str:
    """An account number without the blanks that banks print between groups of four."""
    return text if text.isascii() and text.isdigit() else tidy_number(text).replace("-", "")


def account_warning(account: str) -> str:
    """Why a tidied account number may be wrong. Only a warning: accounts of co-operatives and passbooks vary."""
    if not account.isdigit():
        return "银行账号里有数字以外的字，请照存折或卡核对"
    if not 8 <= len(account) <= 32:
        return f"银行账号一般是 12 到 19 位，这里是 {len(account)} 位，请核对"
    if len(account) in (16, 17, 18, 19) and account[0] in "3456" and not passes_luhn(account):
        return "银行卡号的最后一位和前面对不上，可能抄错了一位，请照卡核对"
    return ""


def passes_luhn(digits: str) -> bool:
    """The check of ISO/IEC 7812 that card numbers carry in their last digit."""
    backwards = digits[::-1]
    return sum(map(int, backwards[::2] + backwards[1::2].translate(_DOUBLED))) % 10 == 0
