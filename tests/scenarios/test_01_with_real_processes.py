"""Scenario 1 with real processes: the server commits a batch, the line loses its answer five times."""

from __future__ import annotations

from sqlalchemy import func, select

from county_server.tables import batch, oplog
from tests.fault_proxy import Faults
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.real_county import RealCounty
from village_core.records.households import Household


def test_five_lost_answers_leave_one_batch_and_each_operation_once(
    real_county: RealCounty, make_laptop: LaptopMaker
) -> None:
    laptop, other = (real_county.laptop(make_laptop) for _ in range(2))
    sync_until_quiet(laptop, other)
    for number in range(3):
        laptop.add_household(number=f"000{number}", head_name="罗铉")
    real_county.line.faults = Faults(swallow=5)
    real_county.line.take()

    report = laptop.sync()

    assert (report.sent, report.equal) == (3, True)
    assert real_county.line.take().cuts == 5
    sync_until_quiet(laptop, other)
    assert len(other.all(Household)) == 3
    with real_county.engine.connect() as connection:
        batches = connection.execute(select(batch.c.device, func.count()).group_by(batch.c.device)).all()
        assert connection.scalar(select(func.count()).where(oplog.c.table_name == "household")) == 3
    assert dict(batches) == {1: 2, 2: 1}
