"""What a form may save: each field read like a cell of a sheet, so that an export comes back unchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from village_core.domain.households.cells import CellReading, cell_reader
from village_core.domain.households.fields import HOUSEHOLD_FIELDS, PERSON_FIELDS, Field, FieldValue, Kind
from village_core.domain.households.id_numbers import RESIDENT_CARD, read_id_number
from village_core.domain.households.vocabulary import HOUSEHOLD, PERSON, Vocabulary

_YOUNGEST_YEAR = 1850


@dataclass(frozen=True)
class Checked:
    """Values as they would be stored, what is wrong by field, and what only asks to look again."""

    values: Mapping[str, FieldValue]
    mistakes: Mapping[str, str] = field(default_factory=dict)
    hints: Mapping[str, str] = field(default_factory=dict)


def check_household(values: Mapping[str, FieldValue], *, vocabulary: Vocabulary) -> Checked:
    """Read the given fields of a household; fields that are not given are not touched."""
    return _check(HOUSEHOLD, HOUSEHOLD_FIELDS, values, vocabulary=vocabulary)


def check_person(values: Mapping[str, FieldValue], *, vocabulary: Vocabulary, today: date) -> Checked:
    """Read the given fields of a person. A good identity number fills kind, birth and sex, and must agree with them."""
    checked = _check(PERSON, PERSON_FIELDS, values, vocabulary=vocabulary)
    tidy, mistakes, hints = dict(checked.values), dict(checked.mistakes), dict(checked.hints)
    if "name" in tidy and tidy["name"] is None and "name" not in mistakes:
        mistakes["name"] = "请填姓名。"
    birth = tidy.get("birth_date")
    if isinstance(birth, date) and (birth > today or birth.year < _YOUNGEST_YEAR):
        mistakes["birth_date"] = "出生日期还没有到，请核对。" if birth > today else "出生日期太早了，请核对。"
    number = tidy.get("id_number")
    if isinstance(number, str):
        paper = read_id_number(number, kind=str(tidy.get("id_kind") or RESIDENT_CARD), today=today)
        tidy["id_number"] = paper.number
        if paper.problem:
            mistakes["id_number"] = f"{paper.problem}。"
            return Checked(tidy, mistakes, hints)
        if paper.warning:
            hints["id_number"] = paper.warning
        tidy["id_kind"] = tidy.get("id_kind") or RESIDENT_CARD
        if paper.birth is not None:
            told = f"{paper.birth.year}年{paper.birth.month}月{paper.birth.day}日"
            _must_agree(tidy, mistakes, "birth_date", right=paper.birth, told=told)
            _must_agree(tidy, mistakes, "sex", right=paper.sex, told=paper.sex)
    return Checked(tidy, mistakes, hints)


def per_capita_of(values: Mapping[str, FieldValue], size: int) -> int | None:
    """人均纯收入 in 分 as the income columns give it, rounded half up; None when one of them is empty."""
    names = ("wage_fen", "business_fen", "property_fen", "transfer_fen", "business_cost_fen")
    amounts = [values.get(name) for name in names]
    if size < 1 or any(amount is None for amount in amounts):
        return None
    *income, cost = (int(amount) for amount in amounts if isinstance(amount, int))
    whole, rest = divmod(sum(income) - cost, size)
    return whole + (2 * rest >= size)


def _must_agree(
    tidy: dict[str, FieldValue], mistakes: dict[str, str], name: str, *, right: FieldValue, told: str
) -> None:
    given = tidy.get(name)
    if given is None:
        tidy[name] = right
    elif given != right and name not in mistakes:
        mistakes[name] = f"和身份证号对不上，身份证号里是{told}。"


def _check(scope: str, fields: Sequence[Field], values: Mapping[str, FieldValue], *, vocabulary: Vocabulary) -> Checked:
    tidy: dict[str, FieldValue] = {}
    mistakes: dict[str, str] = {}
    hints: dict[str, str] = {}
    for each in fields:
        if each.name not in values:
            continue
        value = values[each.name]
        if not isinstance(value, str) or each.kind is Kind.ID_NUMBER:
            tidy[each.name] = value if value != "" else None
            continue
        text = value.strip()
        read = cell_reader(each, vocabulary.code_lists.get(f"{scope}.{each.name}"))
        reading = read(text)
        if isinstance(reading, CellReading):
            tidy[each.name] = reading.value
            if reading.problem:
                mistakes[each.name] = f"{reading.problem}。"
            elif reading.warning:
                hints[each.name] = reading.warning
        else:
            tidy[each.name] = reading
    return Checked(tidy, mistakes, hints)
