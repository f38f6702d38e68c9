"""Scenario 1: the county commits a batch, its answer is lost, and the laptop tries again five times."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from county_server.tables import batch, oplog
from tests.counties import County
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.sim.line import Fault, SimLine
from tests.sim.world import SimCounty
from village_core.domain.errors import ProblemOutsideError
from village_core.records.households import Household


def test_the_stored_verdicts_come_back_and_each_operation_is_there_once(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    county = SimCounty(small_county.address, small_county.clock)
    laptop, other = make_laptop(county), make_laptop(county)
    sync_until_quiet(laptop, other)
    with county.engine.connect() as connection:
        before = connection.scalar(select(func.count()).select_from(batch)) or 0
    laptop.line = SimLine(county, down_limit=300)
    for number in range(3):
        laptop.add_household(number=f"000{number}", head_name="罗铉")
    for _ in range(5):
        laptop.line.faults.append(Fault("answer lost"))
        with pytest.raises(ProblemOutsideError):
            laptop.sync()

    report = laptop.sync()

    assert (report.sent, report.equal) == (3, True)
    sync_until_quiet(laptop, other)
    assert len(other.all(Household)) == 3
    with county.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(batch)) == before + 1
        assert connection.scalar(select(func.count()).where(oplog.c.table_name == "household")) == 3
    county.engine.dispose()
