"""The only sources of 'now'. Business dates are data that a person confirms; these serve display and audit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

CHINA = timezone(timedelta(hours=8))
"""China keeps one zone without summer time, so that a village's dates never depend on the laptop's setting."""


class Clock(Protocol):
    """Tells the time. Injected everywhere, so that tests and replays choose it."""

    def now(self) -> datetime:
        """This moment, aware, in UTC."""
        ...


class SystemClock:
    """The laptop's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands where it was put; `moment` may be moved by hand."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


def today(clock: Clock) -> date:
    """The date in China at this moment."""
    return clock.now().astimezone(CHINA).date()


def stamp(clock: Clock) -> str:
    """This moment as it is stored: ISO 8601 in UTC with milliseconds, e.g. `2026-11-22T08:00:00.000Z`."""
    return stamp_of(clock.now())


def stamp_of(moment: datetime) -> str:
    """A moment as it is stored."""
    there = moment.astimezone(UTC)
    return there.strftime("%Y-%m-%dT%H:%M:%S.") + f"{there.microsecond // 1000:03d}Z"


def read_moment(text: str | None) -> datetime | None:
    """A stored moment in China's time; None for what is none, as a row from another computer may hold."""
    try:
        moment = datetime.fromisoformat(text or "")
        return moment.astimezone(CHINA) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def read_day(text: str | None) -> date | None:
    """A stored day; None for what is none."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
