"""Lines that break: each operation reaches the county once, whatever was lost on the way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from county_server.tables import batch, oplog
from tests.counties import County
from tests.laptops import DirectLine, Laptop, LaptopMaker, sync_until_quiet
from village_core.domain.errors import ProblemOutsideError
from village_core.exchange.local_tables import frozen_batch
from village_core.records.households import Household


def test_a_batch_whose_answer_was_lost_five_times_is_there_once(county: County, make_laptop: LaptopMaker) -> None:
    laptop, other = make_laptop(county), make_laptop(county)
    laptop.add_household(number="0001", head_name="罗铉")
    for number in range(5):
        laptop.line.lose_answers = 1
        with pytest.raises(ProblemOutsideError):
            laptop.sync()
        laptop.add_household(number=f"100{number}", head_name="路上又记了一户")

    sync_until_quiet(laptop, other)

    assert len(other.all(Household)) == 6
    with county.engine.connect() as connection:
        assert connection.scalar(select(func.count()).where(oplog.c.table_name == "household")) == 6
        assert connection.scalar(select(func.count()).select_from(batch)) == 3


def test_the_bytes_of_a_batch_are_the_same_at_every_try(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    frozen = []
    for _ in range(3):
        laptop.line.lose_requests = 1
        with pytest.raises(ProblemOutsideError):
            laptop.sync()
        laptop.add_household(number="0001", head_name="罗铉")
        with laptop.workspace.engine.connect() as connection:
            frozen.append(connection.scalar(select(frozen_batch.c.content)))

    assert len(set(frozen)) == 1


def test_what_comes_down_in_many_answers_is_whole_at_each(county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(county), make_laptop(county)
    household = first.add_household(number="0001", head_name="罗铉")
    for number in range(30):
        first.edit(Household, household, phone=f"1380000{number:04d}")
    first.sync()
    second.line = DirectLine(county, down_limit=200)

    report = second.sync()

    assert report.equal
    assert report.round_trips > 3
    assert second.get(Household, household).phone == "13800000029"


def test_own_newer_changes_are_not_undone_by_older_ones_that_come_down_later(
    county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(county), make_laptop(county)
    household = first.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(first, second)
    for number in range(20):
        first.edit(Household, household, phone=f"1380000{number:04d}", note=f"第{number}次")
    first.sync()
    second.edit(Household, household, phone="13999999999")
    second.line = DirectLine(county, down_limit=200)

    report = second.sync()

    assert report.equal
    assert second.get(Household, household).phone == "13999999999"
    assert second.get(Household, household).note == "第19次"


def test_a_laptop_clock_in_2031_does_not_win_for_ever(county: County, make_laptop: LaptopMaker) -> None:
    from datetime import UTC, datetime

    from village_core.domain.clock import FixedClock

    first = make_laptop(county, clock=FixedClock(datetime(2031, 1, 1, tzinfo=UTC)))
    second = make_laptop(county)
    household = first.add_household(number="0001", head_name="罗铉", phone="1")
    sync_until_quiet(first, second)
    first.edit(Household, household, phone="2")
    second.edit(Household, household, phone="3")
    first.sync()
    sync_until_quiet(second, first)

    assert first.get(Household, household).phone in ("2", "3")
    second.edit(Household, household, phone="4")
    sync_until_quiet(second, first)
    assert first.get(Household, household).phone == "4"
    assert abs(int(first.workspace.state("sync.skew_seconds") or "0")) > 1_000_000


def test_four_laptops_at_once_lose_no_row(county: County, make_laptop: LaptopMaker) -> None:
    laptops = [make_laptop(county) for _ in range(4)]

    def work(laptop: Laptop, who: int) -> None:
        for number in range(6):
            laptop.add_household(number=f"{who}{number}", head_name="同时送")
            laptop.sync()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work, laptop, who) for who, laptop in enumerate(laptops)]:
            done.result()

    sync_until_quiet(*laptops)
    for laptop in laptops:
        assert len(laptop.all(Household)) == 24
