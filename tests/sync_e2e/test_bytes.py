"""Byte budgets over real HTTP, headers included, both ways, without TLS."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.demo.people import make_village, write_sheet
from desktop_app.households.service import import_households
from desktop_app.sync.enrolment import join_county
from desktop_app.sync.loop import ExchangeReport, exchange
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker
from village_core.records.households import Household

IDLE, FIFTY_UP, WHOLE_VILLAGE = 600, 3_000, 800_000


@pytest.fixture
def laptop(small_county: County, make_laptop: LaptopMaker, small_county_url: str) -> Laptop:
    made = make_laptop(small_county, enrolled=False)
    join_county(made.workspace, url=small_county_url, code=small_county.code("报账员"))
    return made


def total(report: ExchangeReport) -> int:
    return report.bytes_up + report.bytes_down


def test_nothing_to_do_costs_one_turn_and_hardly_a_byte(laptop: Laptop) -> None:
    exchange(laptop.workspace)

    report = exchange(laptop.workspace)

    assert (report.round_trips, report.equal) == (1, True)
    assert total(report) <= IDLE


def test_fifty_changed_households_fit_into_one_small_turn(laptop: Laptop) -> None:
    households = [laptop.add_household(number=f"{number:04d}", head_name="罗铉") for number in range(50)]
    exchange(laptop.workspace)
    for number, household in enumerate(households):
        laptop.edit(Household, household, phone=f"13{number * 7919 % 10**9:09d}", note="已入户核实")

    report = exchange(laptop.workspace)

    assert (report.sent, report.round_trips, report.equal) == (50, 1, True)
    assert report.bytes_up <= FIFTY_UP


def test_a_whole_village_goes_up_and_comes_down_within_its_budget(
    small_county: County, make_laptop: LaptopMaker, small_county_url: str, laptop: Laptop, tmp_path: Path
) -> None:
    sheet = tmp_path / "village.xlsx"
    write_sheet(sheet, make_village(7, 2000))
    import_households(laptop.workspace, sheet)
    up = exchange(laptop.workspace)
    second = make_laptop(small_county, enrolled=False)
    join_county(second.workspace, url=small_county_url, code=small_county.code())

    down = exchange(second.workspace)

    assert up.sent > 9000
    assert up.equal
    assert total(up) <= WHOLE_VILLAGE
    assert down.received > 9000
    assert down.equal
    assert total(down) <= WHOLE_VILLAGE
