"""Which day it is by the county's clock, where this laptop's own was found to be wrong at the last contact."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from village_core.domain.clock import CHINA
from village_core.exchange.change_log import device_state

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

SKEW_SECONDS = "sync.skew_seconds"
"""How far this laptop was ahead of the county at the last contact; 0 for too little to tell."""


def county_day(reader: Reader) -> date:
    """Today as the county has it: this laptop's own day where its clock is right or nothing is known."""
    skew = reader.session.scalar(select(device_state.c.value).where(device_state.c.key == SKEW_SECONDS))
    return (reader.clock.now() - timedelta(seconds=int(skew or 0))).astimezone(CHINA).date()
