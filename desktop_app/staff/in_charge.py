"""Who may change people: there is always somebody, and nobody decides about himself while another one may.

Who had another one's duty taken away, or wrote that he has left, is not alone at once: else three saves would do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from desktop_app.storage.change_log import list_history
from desktop_app.storage.duties import has_left
from desktop_app.storage.unit_of_work import Reader
from village_core.domain.staff.rights import Duties, Right
from village_core.exchange.staff_roles import role_list, split_roles
from village_core.records.staff import StaffMember

BY_ANOTHER = "请另一位管人员的人登录，在“人员”里改，或请县里的管理人员改。"
_STILL_COUNTS = timedelta(days=30)


@dataclass(frozen=True)
class _State:
    """What decides whether somebody may change people, as it is or once was."""

    roles: str
    may_combine_duties: bool
    left_on: str | None

    def before(self, changed: dict[str, Any]) -> _State:
        """As it was before a change; `changed` holds the old values of the changed columns."""
        return _State(
            changed.get("roles", self.roles),
            bool(changed.get("may_combine_duties", self.may_combine_duties)),
            changed.get("left_on", self.left_on),
        )

    def is_in_charge(self, on: date) -> bool:
        duties = Duties("", split_roles(self.roles), combines=self.may_combine_duties, of=role_list())
        return duties.may(Right.MANAGE_PEOPLE) and not has_left(self.left_on, on)


def is_anybody_in_charge(reader: Reader) -> bool:
    """Who leaves on a day to come does not count: it must not end then either."""
    return any(one.left_on is None and _state(one).is_in_charge(reader.today) for one in _people(reader))


def why_left_to_another(reader: Reader, person_id: UUID) -> str:
    """What somebody does instead of deciding about himself; '' for who is all alone, and has been for a while."""
    others = {one.id: one for one in _people(reader) if one.id != person_id}
    states = {one.id: _state(one) for one in others.values()}
    if any(state.is_in_charge(reader.today) for state in states.values()):
        return BY_ANOTHER
    went = []
    for entry in list_history(reader.session, list(states)):
        if entry.op == "U" and reader.clock.now() - entry.at < _STILL_COUNTS:
            states[entry.row_id] = states[entry.row_id].before(entry.old)
            if states[entry.row_id].is_in_charge(reader.today):
                went.append(others[entry.row_id].name)
    if not went:
        return ""
    names = "、".join(dict.fromkeys(went))
    return (
        f"{names}不管人员还不满 {_STILL_COUNTS.days} 天，满了自己才能改。急用的，请先让另一个人管人员，由他登录来改。"
    )


def _people(reader: Reader) -> list[StaffMember]:
    return list(reader.session.scalars(select(StaffMember).where(StaffMember.village == reader.village)))


def _state(row: StaffMember) -> _State:
    return _State(row.roles, row.may_combine_duties, row.left_on)
