"""Which day it is: by the county's clock, where this laptop's own was found to be wrong at the last contact, and at
least, whatever the clock says now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from village_core.domain.clock import CHINA, Clock, read_day, today
from village_core.exchange.change_log import device_state

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

SKEW_SECONDS = "sync.skew_seconds"
"""How far this laptop was ahead of the county at the last contact; 0 for too little to tell."""

KNOWN_DAY = "clock.known_day"
"""The newest day that was here: raised when somebody comes in, and set anew by each contact with the county."""

AHEAD_SINCE = "clock.ahead_since"
"""Which day the clock said when it was found further ahead of that day than is believed at once; '' while it is not."""

_BELIEVED = timedelta(days=31)
_PROVED = timedelta(days=14)


def county_day(reader: Reader) -> date:
    """Today as the county has it: this laptop's own day where its clock is right or nothing is known."""
    skew = reader.session.scalar(select(device_state.c.value).where(device_state.c.key == SKEW_SECONDS))
    return _day_there(skew, reader.clock)


def newest_day(known: Mapping[str, str], clock: Clock) -> date:
    """Today for whoever must not gain by a clock that was set back; `known` holds what stands under the keys above.

    Of a clock that is ahead the day counts while it says so; once it is set right, what was remembered.
    """
    return max(_remembered(known) or date.min, today(clock), _day_there(known.get(SKEW_SECONDS), clock))


def days_to_remember(known: Mapping[str, str], clock: Clock) -> dict[str, str]:
    """What is to be kept when somebody comes in; a clock of which the county said that it is ahead adds nothing.

    A clock may be years ahead by mistake, and whoever leaves in these years would be shut out for good. So of a jump
    of more than a month only a month is believed, until the clock has gone on from there for two weeks.
    """
    remembered, day = _remembered(known), _day_there(known.get(SKEW_SECONDS), clock)
    if remembered is None or day - remembered <= _BELIEVED:
        return {KNOWN_DAY: max(remembered or day, day).isoformat(), AHEAD_SINCE: ""}
    since = read_day(known.get(AHEAD_SINCE))
    if since is None or day < since:
        return {KNOWN_DAY: (remembered + _BELIEVED).isoformat(), AHEAD_SINCE: day.isoformat()}
    return {KNOWN_DAY: day.isoformat(), AHEAD_SINCE: ""} if day - since >= _PROVED else {}


def day_by_stick(before: str, told: str, clock: Clock) -> str:
    """What `KNOWN_DAY` becomes by an answer of the county that is days old: of a day that is still to come by this
    laptop's clock as much as the county knows, too. The clock alone takes nothing back."""
    known = read_day(before)
    return max(told, min(known, today(clock)).isoformat()) if known is not None else told


def day_told(skew: int, clock: Clock) -> str:
    """What `KNOWN_DAY` becomes at a contact: the county's day, also where this laptop had a later one."""
    return _day_there(str(skew), clock).isoformat()


def _remembered(known: Mapping[str, str]) -> date | None:
    return read_day(known.get(KNOWN_DAY))


def _day_there(skew: str | None, clock: Clock) -> date:
    """A county that tells a senseless time is not believed."""
    try:
        return (clock.now() - timedelta(seconds=int(skew or 0))).astimezone(CHINA).date()
    except OverflowError:
        return today(clock)
