"""Who of the staff is of an applying household or near to it: by the household's people and by what each declared."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from village_core.domain.relief.facts import Kin
from village_core.exchange.staff_roles import split_relatives
from village_core.records.households import Person
from village_core.records.staff import StaffMember

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

NAMESAKE = "同名"
"""Declared instead of a relation: that one only bears the same name."""


def list_kin(reader: Reader, member_names: Collection[str]) -> tuple[Kin, ...]:
    """Everybody who works here and has to stand aside when this household's case is decided."""
    members = {name.strip() for name in member_names if name.strip()}
    rows = reader.session.execute(
        select(StaffMember.name, StaffMember.relatives)
        .where(StaffMember.village == reader.village, StaffMember.left_on.is_(None))
        .order_by(StaffMember.id)
    )
    kin = []
    for name, declared in rows:
        relatives = split_relatives(declared)
        strangers = {relative for relative, relation in relatives if relation == NAMESAKE}
        if name in members and name not in strangers:
            kin.append(Kin(name, "申请户的人", certain=_is_only_one(reader, name)))
        kin += [
            Kin(name, f"{relative}的{relation}")
            for relative, relation in relatives
            if relative in members and relation != NAMESAKE and relative != name
        ]
    return tuple(kin)


def _is_only_one(reader: Reader, name: str) -> bool:
    """Whether just one person of the village bears the name."""
    count = reader.session.scalar(
        select(func.count())
        .select_from(Person)
        .where(
            Person.village == reader.village,
            Person.name == name,
            Person.closed_on.is_(None),
            Person.merged_into.is_(None),
        )
    )
    return (count or 0) <= 1
