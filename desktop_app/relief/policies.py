"""The policy packs and the work calendar of this release, read once."""

from __future__ import annotations

from functools import cache

from village_core.domain.calendar import WorkCalendar, load_calendar
from village_core.domain.relief.policy import PolicyPack, load_pack
from village_core.resources import read_resource

_PACK_FILES = ("collective_relief_2021.json",)
"""The newest first: a new case is opened under it."""


@cache
def relief_packs() -> tuple[PolicyPack, ...]:
    """All packs of the release, the newest first."""
    return tuple(read_resource(load_pack, "policies", name) for name in _PACK_FILES)


def relief_pack(version: str = "") -> PolicyPack:
    """The pack of a version: a case keeps the one it was opened under. Unknown or empty: the newest."""
    packs = relief_packs()
    return next((pack for pack in packs if pack.version == version), packs[0])


@cache
def work_calendar() -> WorkCalendar:
    """Workdays by the yearly notices."""
    return read_resource(load_calendar, "calendars", "workdays.json")
