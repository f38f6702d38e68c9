"""What households tell the start page and the search box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from desktop_app.households.queries import count_kinds
from desktop_app.households.search import search_persons
from desktop_app.households.vocabulary import load_code_lists
from desktop_app.shell.overview import Bar, Chart, Figure, Overview
from desktop_app.shell.search import SearchHit
from village_core.domain.households.fields import HEAD
from village_core.records.households import Person

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

_TONES = {"突发严重困难户": "bad", "边缘易致贫户": "soon", "脱贫不稳定户": "soon", "防止返贫致贫对象": "soon"}


def get_overview(reader: Reader) -> Overview:
    """Households and persons, and how many of each 户类型 that is watched."""
    counts = count_kinds(reader)
    if not counts.total:
        return Overview((Figure("0", "户", order=10, page="households"),))
    persons = reader.session.scalar(
        select(func.count()).where(
            Person.village == reader.village, Person.closed_on.is_(None), Person.merged_into.is_(None)
        )
    )
    watched = load_code_lists()["household.monitor_kind"].values
    figures = (
        Figure(f"{counts.total:,}", "户", order=10, page="households"),
        Figure(f"{persons or 0:,}", "人", order=11, page="households"),
    )
    bars = tuple(
        Bar(kind, counts.by_kind[kind], f"{counts.by_kind[kind]} 户", _TONES.get(kind, "accent"))
        for kind in watched
        if counts.by_kind.get(kind)
    )
    total = sum(bar.value for bar in bars)
    charts = (Chart(f"要多看几眼的有 {total} 户", bars, order=20),) if bars else ()
    return Overview(figures, charts)


def find_people(reader: Reader, text: str, limit: int) -> list[SearchHit]:
    """Persons by part of name, identity number or phone; opens their household."""
    return [
        SearchHit(
            title=hit.name,
            kind="人",
            page="household",
            detail="　".join(part for part in (hit.group, _whose(hit.relation, hit.head_name)) if part),
            arguments={"household_id": hit.household_id},
        )
        for hit in search_persons(reader, text, limit=limit)
    ]


def _whose(relation: str | None, head_name: str | None) -> str:
    if relation == HEAD or not head_name:
        return relation or ""
    return f"{head_name}家{relation or '的人'}"
