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


def county_day(reader: Reader) -> date:
    """Today as the county has it: this laptop's own day where its clock is right or nothing is known."""
    skew = reader.session.scalar(select(device_state.c.value).where(device_state.c.key == SKEW_SECONDS))
    return _day_there(skew, reader.clock)


def newest_day(known: Mapping[str, str], clock: Clock) -> date:
    """Today for whoever must not gain by a clock that was set back; `known` holds what stands under both keys.

    Of a clock that is ahead the day counts, too: it is seen and can be set right.
    """
    remembered = read_day(known.get(KNOWN_DAY)) or date.min
    return max(remembered, today(clock), _day_there(known.get(SKEW_SECONDS), clock))


def day_to_remember(known: Mapping[str, str], clock: Clock) -> str:
    """What `KNOWN_DAY` becomes when somebody comes in; a clock of which the county said that it is ahead adds none."""
    remembered = read_day(known.get(KNOWN_DAY)) or date.min
    return max(remembered, _day_there(known.get(SKEW_SECONDS), clock)).isoformat()


def day_told(skew: int, clock: Clock) -> str:
    """What `KNOWN_DAY` becomes at a contact: the county's day, also where this laptop had a later one."""
    return _day_there(str(skew), clock).isoformat()


def _day_there(skew: str | None, clock: Clock) -> date:
    """A county that tells a senseless time is not believed."""
    try:
        return (clock.now() - timedelta(seconds=int(skew or 0))).astimezone(CHINA).date()
    except OverflowError:
        return today(clock)
