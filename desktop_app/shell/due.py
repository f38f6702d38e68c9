"""What is due: the rows of 今天要办, which each feature's queries provide. No Qt here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader


@dataclass(frozen=True)
class DueItem:
    """One thing to do. `due` is its last day (None: any day); `action` is the verb on its button."""

    title: str
    page: str
    action: str
    due: date | None = None
    detail: str = ""
    arguments: Mapping[str, object] = field(default_factory=dict)


DueProvider = Callable[["Reader"], list[DueItem]]


def sort_due(items: list[DueItem]) -> list[DueItem]:
    """The most urgent first; what has no day comes last."""
    return sorted(items, key=lambda item: (item.due is None, item.due or date.max, item.title))


def urgency(item: DueItem, today: date) -> str:
    """超期, 今天, 三天内, 本周 (within seven days), 以后 or 随时."""
    if item.due is None:
        return "随时"
    days = (item.due - today).days
    if days < 0:
        return "超期"
    if days == 0:
        return "今天"
    if days <= 3:
        return "三天内"
    return "本周" if days <= 7 else "以后"
