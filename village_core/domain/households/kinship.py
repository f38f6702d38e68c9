"""What is odd but possible in a family: ages and sexes that do not go with 与户主关系."""

from __future__ import annotations

from datetime import date

from village_core.domain.households.fields import HEAD
from village_core.domain.households.vocabulary import Relation

_LEAST_YEARS_BETWEEN_GENERATIONS = 14


def sex_warning(relation: Relation, sex: object) -> str:
    """A mother who is a man."""
    if not relation.sex or not sex or relation.sex == sex:
        return ""
    return f"与户主关系是“{relation.label}”，性别却是{sex}，请核对"


def age_warning(relation: Relation, birth: date, *, head_birth: date | None, today: date) -> str:
    """A son older than his father, a head of four years."""
    if relation.label == HEAD:
        age = years_between(birth, today)
        return f"户主只有 {age} 岁，请核对" if age < 16 else ""
    if relation.label in ("配偶", "夫", "妻"):
        age = years_between(birth, today)
        return f"户主的配偶只有 {age} 岁，请核对" if age < 16 else ""
    if not relation.generation or head_birth is None:
        return ""
    elder, younger = (birth, head_birth) if relation.generation > 0 else (head_birth, birth)
    least = _LEAST_YEARS_BETWEEN_GENERATIONS * abs(relation.generation) if relation.by_blood else 0
    gap = years_between(elder, younger)
    if gap >= least:
        return ""
    side, other = ("大", "小") if relation.generation > 0 else ("小", "大")
    told = f"只{side} {gap} 岁" if gap > 0 else f"反而{other} {-gap} 岁" if gap < 0 else "差不到 1 岁"
    return f"与户主关系是“{relation.label}”，比户主{told}，请核对"


def years_between(earlier: date, later: date) -> int:
    """Whole years; negative when `later` is the earlier one."""
    if later < earlier:
        return -years_between(later, earlier)
    return later.year - earlier.year - ((later.month, later.day) < (earlier.month, earlier.day))
