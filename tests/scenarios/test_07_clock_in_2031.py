"""Scenario 7: a laptop's clock stands in 2031 (or 2019), 300 edits are made, then the clock is put right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from county_server.tables import oplog
from tests.counties import County
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.workspaces import NOW
from village_core.domain.clock import FixedClock
from village_core.records.held import HeldChange
from village_core.records.households import Household


@pytest.mark.parametrize("wrong", [datetime(2031, 5, 1, tzinfo=UTC), datetime(2019, 5, 1, tzinfo=UTC)])
def test_all_edits_count_once_none_wins_for_ever_and_the_person_is_warned(
    small_county: County, make_laptop: LaptopMaker, wrong: datetime
) -> None:
    clocks = [FixedClock(NOW), FixedClock(NOW)]
    small_county.clock = FixedClock(NOW)
    astray, right = (make_laptop(small_county, clock=clock) for clock in clocks)
    household = astray.add_household(number="0001", head_name="罗铉", phone="0")
    sync_until_quiet(astray, right)
    clocks[0].moment = wrong
    for number in range(300):
        astray.edit(Household, household, phone=str(number), note=f"第{number}次")
    astray.sync()
    assert abs(int(astray.workspace.state("sync.skew_seconds") or 0)) > 100_000_000

    small_county.clock.moment = clocks[0].moment = clocks[1].moment = NOW + timedelta(hours=1)
    sync_until_quiet(right, astray)
    assert right.get(Household, household).note == "第299次"
    right.edit(Household, household, phone="最后说的")
    sync_until_quiet(right, astray)

    assert astray.get(Household, household).phone == "最后说的"
    assert astray.workspace.state("sync.skew_seconds") == "0"
    assert right.all(HeldChange) == []
    with small_county.engine.connect() as connection:
        edits = select(func.count()).where(oplog.c.kind == "U", oplog.c.table_name == "household")
        assert connection.scalar(edits) == 301
        tomorrow = int((NOW + timedelta(days=1)).timestamp() * 1000) << 16
        assert connection.scalar(select(func.max(oplog.c.received))) < tomorrow
