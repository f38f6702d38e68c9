"""What happened to a household, in sentences that a clerk would write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from village_core.domain.households.fields import HOUSEHOLD_FIELD, PERSON_FIELD, Field, Kind
from village_core.domain.masking import MASKS, mask_text
from village_core.domain.money import format_yuan

Row = Mapping[str, Any]


def household_sentence(op: str, new: Row, old: Row) -> str:
    """One change of the household's own row. Values are as the change log holds them (JSON)."""
    if op == "I":
        return "登记了这户"
    if new.get("merged_into"):
        return "和登记重了的另一户并成了一户"
    parts = _closing(new, old, closed="这户记成销户", opened="这户恢复了")
    parts += _field_changes(HOUSEHOLD_FIELD, new, old)
    return "；".join(parts)


def person_sentence(op: str, name: str, new: Row, old: Row) -> str:
    """One change of a member, called by name."""
    if op == "I":
        relation = new.get("relation")
        return f"登记了{name}" + (f"（{relation}）" if relation else "")
    if new.get("merged_into"):
        return f"{name}登记重了，两份并成了一份"
    parts = _closing(new, old, closed=f"{name}不在户里了", opened=f"{name}又回到户里")
    if "household_id" in new:
        parts.append(f"{name}换了户")
    changes = _field_changes(PERSON_FIELD, new, old)
    if changes:
        parts.append(f"{name}的" + "；".join(changes))
    return "；".join(parts)


def extra_sentence(op: str, field: str, whose: str, new: Row, old: Row) -> str:
    """A column that was kept by its name."""
    if op == "I":
        return f"{whose}补上“{field}”：{mask_text(str(new.get('value')))}"
    before, after = mask_text(str(old.get("value"))), mask_text(str(new.get("value")))
    return f"{whose}“{field}”从“{before}”改成“{after}”"


def _closing(new: Row, old: Row, *, closed: str, opened: str) -> list[str]:
    if "closed_on" not in new:
        return []
    if new["closed_on"] is None:
        return [opened]
    reason = new.get("closed_reason") or old.get("closed_reason")
    return [closed + (f"（{reason}）" if reason else "")]


def _field_changes(fields: Mapping[str, Field], new: Row, old: Row) -> list[str]:
    sentences = []
    for name, value in new.items():
        field = fields.get(name)
        if field is None:
            continue
        before, after = shown_value(field, old.get(name)), shown_value(field, value)
        if not before:
            sentences.append(f"{field.label}填上{after}")
        elif not after:
            sentences.append(f"{field.label}去掉了（原来是{before}）")
        elif before == after:
            sentences.append(f"{field.label}改了（{after}）")
        else:
            sentences.append(f"{field.label}从{before}改成{after}")
    return sentences


def shown_value(field: Field, value: Any) -> str:
    """A stored value in words; numbers of people and accounts are masked."""
    if value is None or value == "":
        return ""
    if field.kind is Kind.YES_NO:
        return "“是”" if value else "“否”"
    if field.kind is Kind.MONEY:
        return f"{format_yuan(int(value))} 元"
    if field.kind is Kind.DAY or (field.kind is Kind.MONTH and len(str(value)) in (7, 10)):
        return _day_in_words(str(value))
    if (mask := MASKS.get(field.name)) is not None:
        return mask(str(value))
    if isinstance(value, str):
        return f"“{value if field.kind is Kind.NUMBER else mask_text(value)}”"
    return str(value)


def _day_in_words(text: str) -> str:
    year, month, *day = text.split("-")
    return f"{year}年{int(month)}月" + (f"{int(day[0])}日" if day else "")
