"""What makes a passphrase good, in words for whoever types a new one. Pure."""

from __future__ import annotations

import re

from desktop_app.storage.key_file import MINIMUM_PASSPHRASE

PASSPHRASE_RULE = f"至少 {MINIMUM_PASSPHRASE} 个字。可以用一句好记的话，中文、空格都行。"

_ROMAN_CLASSES = (r"[a-z]", r"[A-Z]", r"\d", r"[^\w\s]")


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


def passphrase_hint(typed: str) -> str:
    """What stands below the field while it is typed."""
    return f"口令强度：{passphrase_strength(typed)}。" if typed else PASSPHRASE_RULE
