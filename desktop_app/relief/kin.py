"""Who has to stand aside when a household's case is decided: `village_core.domain.relief.kin` over this workspace."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from desktop_app.relief.household_then import HouseholdSince
from desktop_app.storage.change_log import earlier_names
from village_core.domain.clock import read_day
from village_core.domain.households.names import name_key
from village_core.domain.relief.facts import Kin
from village_core.domain.relief.kin import Declared, find_kin
from village_core.exchange.staff_roles import split_relatives
from village_core.records.households import Person
from village_core.records.staff import StaffMember

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

_AS_IT_IS = HouseholdSince()


def list_kin(reader: Reader, member_names: Collection[str], since: HouseholdSince = _AS_IT_IS) -> tuple[Kin, ...]:
    """Everybody who works here, or did, and has to stand aside when this household's case is decided.

    Who bears a name that a member has is that one where nobody else bears it; a name that a member had before is no
    proof while somebody who was never of the household bears it.
    """
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
    present = {name_key(name) for name in member_names}
    former = [name for name in since.names if name_key(name) not in present]

    def is_only_one(name: str) -> bool:
        bearers = _bearers(reader, name)
        return len(bearers) <= 1 if name_key(name) in present else bearers <= since.people

    return find_kin(staff, (*member_names, *former), is_only_one=is_only_one)


def _bearers(reader: Reader, name: str) -> set[UUID]:
    """Who lives here under this name."""
    return set(
        reader.session.scalars(
            select(Person.id).where(
                Person.village == reader.village,
                Person.name == name,
                Person.closed_on.is_(None),
                Person.merged_into.is_(None),
            )
        )
    )
