"""Scenario 16 with real processes: the server is stopped, PostgreSQL goes back to yesterday's copy, the server starts
again."""

from __future__ import annotations

from sqlalchemy import func, select

from county_server.tables import county_metadata, village
from tests.county_server.test_facts import lock
from tests.fault_proxy import Faults
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.real_county import RealCounty
from village_core.records.held import HeldChange
from village_core.records.households import Household
from village_core.records.ledger import MonthLock

HOUSEHOLD = county_metadata.tables["household"]


def test_what_came_after_yesterdays_copy_comes_once_more_and_only_once(
    real_county: RealCounty, make_laptop: LaptopMaker
) -> None:
    first, second = (real_county.laptop(make_laptop) for _ in range(2))
    shared = first.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(first, second)
    yesterday = f"{real_county.database}_yesterday"
    real_county.stop()
    real_county.copy_database(real_county.database, yesterday)
    real_county.serve()
    first.edit(Household, shared, phone="138")
    first.add_household(number="0002", head_name="备份之后")
    lock(first, "2025-12")
    second.edit(Household, shared, note="备份之后")
    sync_until_quiet(first, second)
    counter = counter_of(real_county)
    first.add_household(number="0003", head_name="还没送")

    real_county.stop(kill=True)
    real_county.copy_database(yesterday, real_county.database)
    assert real_county.tell("restored")["villages"] == 1
    real_county.serve()
    real_county.line.faults = Faults(swallow=1)
    sync_until_quiet(second, first)

    for laptop in (first, second):
        assert sorted(row.number for row in laptop.all(Household)) == ["0001", "0002", "0003"]
        row = laptop.get(Household, shared)
        assert (row.phone, row.note) == ("138", "备份之后")
        assert len(laptop.all(MonthLock)) == 1
        assert laptop.all(HeldChange) == []
    with real_county.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(HOUSEHOLD)) == 3
    assert counter_of(real_county) > counter


def counter_of(county: RealCounty) -> int:
    with county.engine.connect() as connection:
        counter: int = connection.execute(select(village.c.counter)).scalar_one()
    return counter
