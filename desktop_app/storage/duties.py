"""What the person at the keyboard may do: read from the row of the person, as this laptop knows it now."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from desktop_app.storage.county_clock import KNOWN_DAY, SKEW_SECONDS, newest_day
from desktop_app.storage.engine import execute_past
from village_core.domain.clock import Clock, read_day
from village_core.domain.errors import RuleRefusedError
from village_core.domain.staff.rights import Duties, Right
from village_core.exchange.change_log import device_state
from village_core.exchange.staff_roles import role_list, split_relatives, split_roles

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Actor

REVOKED = "device.revoked_at"
"""When the county last said that it does not take this laptop any more; written by `entry`."""
_DEVICE_ROLE = "device.role"
_CURSOR = "sync.cursor"
_MILESTONES = "sync.milestones"
_KEYS = (REVOKED, _DEVICE_ROLE, _CURSOR, _MILESTONES, KNOWN_DAY, SKEW_SECONDS, "person")
_KNOWN = "SELECT key, value FROM device_state WHERE key IN (?, ?, ?, ?, ?, ?, ?)"
_PERSON = "SELECT name, roles, may_combine_duties, left_on, relatives FROM staff_member WHERE village = ? AND id = ?"
_REVOKED_WORDS = "县里已经停用这台电脑"


def duties_of(session: Session, actor: Actor, *, village: str, clock: Clock) -> Duties:
    """The duties of the one at the keyboard. Who is not listed yet has the role that the laptop was enrolled for."""
    session.flush()
    connection = session.connection()
    known: dict[str, str] = dict(execute_past(connection, _KNOWN, _KEYS).fetchall())
    row = execute_past(connection, _PERSON, (village, actor.person_id.hex)).fetchone()
    away = _REVOKED_WORDS if known.get(REVOKED) else ""
    if row is None:
        roles = split_roles(known.get(_DEVICE_ROLE))
        name = actor.name or "这位"
        return Duties(name, roles, combines=False, of=role_list(), away=away, person=actor.person_id)
    name, listed, may_combine_duties, left_on, relatives = row
    roles = split_roles(listed)
    exchanged = known.get(_CURSOR) != "0" or known.get(_MILESTONES)
    if not exchanged and known.get(_DEVICE_ROLE) and known.get("person") == actor.person_id.hex:
        # Enrolled and nothing exchanged yet: the county writes the role at the first contact.
        roles = split_roles(known[_DEVICE_ROLE])
    if left_on and has_left(left_on, newest_day(known, clock)):
        away = f"{name}已经离任"
    return Duties(
        name,
        roles,
        combines=bool(may_combine_duties),
        of=role_list(),
        away=away,
        relatives=split_relatives(relatives),
        person=actor.person_id,
    )


def has_left(left_on: str | None, day: date) -> bool:
    """Whether somebody does not work here any more: from the day of leaving on. A day that is none lets nobody in."""
    if not left_on:
        return False
    read = read_day(left_on)
    return read is None or read <= day


def require_right(duties: Duties, right: Right) -> None:
    """Refuse, with the clause and what to do, who may not."""
    finding = duties.why_not(right)
    if finding is not None:
        raise RuleRefusedError((finding,), next_step=duties.who_else(right))


def though_stopped(duties: Duties) -> Duties:
    """As if the county had not stopped this laptop; who has left stays away."""
    return replace(duties, away="") if duties.away == _REVOKED_WORDS else duties


def roles_from_county(session: Session) -> bool:
    """Whether there is a county: then roles come from there."""
    return session.scalar(select(device_state.c.value).where(device_state.c.key == "county.url")) is not None
