"""What of a sensitive number is shown when nobody has asked for all of it."""

from __future__ import annotations


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
