"""Scenario 7 with real processes: a laptop's clock stands in 2031, the server's is right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from county_server.tables import oplog
from tests.fault_proxy import Faults
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.real_county import RealCounty
from village_core.domain.clock import FixedClock
from village_core.records.households import Household


def test_edits_from_2031_all_arrive_and_the_next_one_stands_above_them(
    real_county: RealCounty, make_laptop: LaptopMaker
) -> None:
    clock = FixedClock(datetime.now(UTC))
    astray, right = real_county.laptop(make_laptop, clock=clock), real_county.laptop(make_laptop)
    household = astray.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(astray, right)
    clock.moment = datetime(2031, 5, 1, tzinfo=UTC)
    for number in range(300):
        astray.edit(Household, household, note=f"第{number}次")
    real_county.line.faults = Faults(cut_both=2_000, connections=2)

    astray.sync()
    assert int(astray.workspace.state("sync.skew_seconds") or 0) > 100_000_000
    clock.moment = datetime.now(UTC)
    sync_until_quiet(right, astray)
    assert right.get(Household, household).note == "第299次"
    right.edit(Household, household, note="最后说的")
    sync_until_quiet(right, astray)

    assert astray.get(Household, household).note == "最后说的"
    assert abs(int(astray.workspace.state("sync.skew_seconds") or 0)) < 600
    with real_county.engine.connect() as connection:
        edits = select(func.count()).where(oplog.c.kind == "U", oplog.c.table_name == "household")
        assert connection.scalar(edits) == 301
        tomorrow = int((datetime.now(UTC) + timedelta(days=1)).timestamp() * 1000) << 16
        assert (connection.scalar(select(func.max(oplog.c.received))) or 0) < tomorrow
