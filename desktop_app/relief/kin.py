"""Who has to stand aside when a household's case is decided: `village_core.domain.relief.kin` over this workspace."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from desktop_app.storage.change_log import earlier_names
from village_core.domain.clock import read_day
from village_core.domain.relief.facts import Kin
from village_core.domain.relief.kin import Declared, find_kin
from village_core.exchange.staff_roles import split_relatives
from village_core.records.households import Person
from village_core.records.staff import StaffMember

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader


def list_kin(reader: Reader, member_names: Collection[str]) -> tuple[Kin, ...]:
    """Everybody who works here, or did, and has to stand aside when this household's case is decided."""
    rows = reader.session.execute(
        select(StaffMember.id, StaffMember.name, StaffMember.relatives, StaffMember.left_on)
        .where(StaffMember.village == reader.village)
        .order_by(StaffMember.id)
    ).all()
    earlier = earlier_names(reader.session, [row.id for row in rows])
    staff = [
        Declared(row.name, split_relatives(row.relatives), read_day(row.left_on), earlier.get(row.id, ()), row.id)
        for row in rows
    ]
    return find_kin(staff, member_names, is_only_one=lambda name: _is_only_one(reader, name))


def _is_only_one(reader: Reader, name: str) -> bool:
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
