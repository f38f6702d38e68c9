"""What can stand in the fields of 村情. Pure: field name → what is wrong and how to mend it."""

from __future__ import annotations

import re

from village_core.domain.households.contacts import phone_warning, tidy_phone


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
