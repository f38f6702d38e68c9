"""What the person at the keyboard may do: read from the row of the person, as this laptop knows it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from village_core.domain.clock import Clock, today
from village_core.domain.errors import RuleRefusedError
from village_core.domain.staff.rights import Duties, Right
from village_core.exchange.change_log import device_state
from village_core.exchange.staff_roles import role_list, split_relatives, split_roles
from village_core.records.staff import StaffMember

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Actor

REVOKED = "device.revoked_at"
"""When the county said that it does not take this laptop any more; written by `entry`."""
_DEVICE_ROLE = "device.role"
_CURSOR = "sync.cursor"
_KEYS = (REVOKED, _DEVICE_ROLE, _CURSOR, "person")
_REVOKED_WORDS = "县里已经停用这台电脑"


def duties_of(session: Session, actor: Actor, *, village: str, clock: Clock) -> Duties:
    """The duties of the one at the keyboard. Who is not listed yet has the role that the laptop was enrolled for."""
    known = dict(
        session.execute(select(device_state.c.key, device_state.c.value).where(device_state.c.key.in_(_KEYS))).all()
    )
    row = session.execute(
        select(
            StaffMember.name,
            StaffMember.roles,
            StaffMember.may_combine_duties,
            StaffMember.left_on,
            StaffMember.relatives,
        ).where(StaffMember.village == village, StaffMember.id == actor.person_id)
    ).first()
    away = _REVOKED_WORDS if known.get(REVOKED) else ""
    if row is None:
        roles = split_roles(known.get(_DEVICE_ROLE))
        return Duties(actor.name or "这位", roles, combines=False, of=role_list(), away=away)
    roles = split_roles(row.roles)
    if known.get(_CURSOR) == "0" and known.get(_DEVICE_ROLE) and known.get("person") == actor.person_id.hex:
        # Enrolled and nothing exchanged yet: the county writes the role at the first contact.
        roles = split_roles(known[_DEVICE_ROLE])
    if row.left_on and row.left_on <= today(clock).isoformat():
        away = f"{row.name}已经离任"
    return Duties(
        row.name,
        roles,
        combines=row.may_combine_duties,
        of=role_list(),
        away=away,
        relatives=split_relatives(row.relatives),
    )


def require_right(duties: Duties, right: Right) -> None:
    """Refuse, with the clause and what to do, who may not."""
    finding = duties.why_not(right)
    if finding is not None:
        raise RuleRefusedError((finding,), next_step=duties.who_else(right))


def roles_from_county(session: Session) -> bool:
    """Whether there is a county: then roles come from there."""
    return session.scalar(select(device_state.c.value).where(device_state.c.key == "county.url")) is not None
