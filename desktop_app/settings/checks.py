"""What can stand in the fields of 村情. Pure: field name → what is wrong and how to mend it."""

from __future__ import annotations

import re

from desktop_app.storage.key_file import MINIMUM_PASSPHRASE
from village_core.domain.households.contacts import phone_warning, tidy_phone

_ROMAN_CLASSES = (r"[a-z]", r"[A-Z]", r"\d", r"[^\w\s]")


def village_code_problem(code: str) -> str:
    """Twelve digits of the statistical division code; the last three name the village."""
    digits = code.strip()
    if not re.fullmatch(r"[0-9]{12}", digits):
        return f"应是 12 位数字，现在是 {len(digits)} 位。可以在村委会的介绍信或统计局网站上找到。"
    if not "11" <= digits[:2] <= "82":
        return "开头两位是省的代码，例如云南是 53，请核对。"
    if digits.endswith("000"):
        return "后三位是 000，这是乡镇的代码。请填到村，例如 532327101201。"
    return ""


def phone_problem(phone: str) -> str:
    """Empty is allowed; a number must look like one, because it goes on a public notice."""
    warning = phone_warning(tidy_phone(phone)) if phone.strip() else ""
    return f"{warning}。" if warning else ""


def passphrase_problem(passphrase: str, again: str) -> str:
    """Length counts, kinds of characters do not."""
    if len(passphrase) < MINIMUM_PASSPHRASE:
        return f"至少要 {MINIMUM_PASSPHRASE} 个字。可以用一句好记的话，中文、空格都行。"
    if passphrase != again:
        return "两次填的不一样，请再填一遍。"
    return ""


def passphrase_strength(passphrase: str) -> str:
    """A word about how hard it is to guess."""
    if len(passphrase) < MINIMUM_PASSPHRASE:
        return f"还差 {MINIMUM_PASSPHRASE - len(passphrase)} 个字"
    if len(set(passphrase)) <= 3 or passphrase.isdigit():
        return "太容易猜到，最好换一句话"
    bits = sum(15 if ord(sign) > 0x2E80 else 4 for sign in passphrase)
    kinds = sum(bool(re.search(pattern, passphrase)) for pattern in _ROMAN_CLASSES)
    score = bits + 6 * kinds
    if score < 50:
        return "一般，再长一点更好"
    return "好" if score < 80 else "很好"
