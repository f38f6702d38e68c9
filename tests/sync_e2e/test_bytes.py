"""Byte budgets over real HTTP, headers included, both ways, without TLS unless said, and over lines that are cut."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from bench.villages import rows_of_village
from county_server.tables import batch, snapshot
from desktop_app.demo.people import write_sheet
from desktop_app.households.service import import_households
from desktop_app.sync import state
from desktop_app.sync.enrolment import join_county
from desktop_app.sync.loop import ExchangeReport, exchange
from tests import sticks
from tests.counties import County, serving
from tests.fault_proxy import Faults, bad_line
from tests.laptops import Laptop, LaptopMaker
from village_core.records.households import Household

IDLE, IDLE_WITH_TLS, FIFTY_UP = 600, 2_600, 2_500
VILLAGE_BY_SNAPSHOT, VILLAGE_BY_BATCHES = 500_000, 700_000
CUT_EVERY, MOST_WASTE = 60_000, 0.15
NEVER = 1 << 60
CERTIFICATES = Path(__file__).with_name("certificates")


@pytest.fixture
def laptop(small_county: County, make_laptop: LaptopMaker, small_county_url: str) -> Laptop:
    made = make_laptop(small_county, enrolled=False)
    join_county(made.workspace, url=small_county_url, code=small_county.code("报账员"))
    return made


def total(report: ExchangeReport) -> int:
    return report.bytes_up + report.bytes_down


def at_once(_seconds: float) -> None:
    """Instead of waiting between two tries."""


def test_nothing_to_do_costs_one_turn_and_hardly_a_byte(laptop: Laptop) -> None:
    exchange(laptop.workspace)

    report = exchange(laptop.workspace)

    assert (report.round_trips, report.equal) == (1, True)
    assert total(report) <= IDLE


def test_nothing_to_do_is_little_with_tls_too(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county, enrolled=False)
    with serving(small_county, certificate=CERTIFICATES / "server.pem") as url, bad_line(url) as line:
        join_county(laptop.workspace, url=line.url, code=small_county.code(), ca_file=CERTIFICATES / "ca.pem")
        exchange(laptop.workspace)
        line.proxy.take()

        assert exchange(laptop.workspace).equal

        assert line.proxy.take().total <= IDLE_WITH_TLS


def test_fifty_changed_households_fit_into_one_small_turn(laptop: Laptop) -> None:
    households = [laptop.add_household(number=f"{number:04d}", head_name="罗铉") for number in range(50)]
    exchange(laptop.workspace)
    for number, household in enumerate(households):
        laptop.edit(Household, household, phone=f"13{number * 7919 % 10**9:09d}", note="已入户核实")

    report = exchange(laptop.workspace)

    assert (report.sent, report.round_trips, report.equal) == (50, 1, True)
    assert report.bytes_up <= FIFTY_UP


def test_a_whole_village_keeps_within_its_budgets_though_every_connection_is_cut(
    small_county: County, make_laptop: LaptopMaker, small_county_url: str, laptop: Laptop, tmp_path: Path
) -> None:
    sheet = tmp_path / "village.xlsx"
    write_sheet(sheet, rows_of_village(2000, 7000))
    import_households(laptop.workspace, sheet)
    second, third, by_stick = (make_laptop(small_county, enrolled=False) for _ in range(3))
    for one in (second, third, by_stick):
        join_county(one.workspace, url=small_county_url, code=small_county.code())

    with bad_line(small_county_url, Faults(cut_both=CUT_EVERY)) as line:
        for one in (laptop, second):
            one.workspace.set_state(state.COUNTY_URL, line.url)
        up = exchange(laptop.workspace, total=None, pause=at_once)
        up_traffic = line.proxy.take()
        down = exchange(second.workspace, total=None, pause=at_once)
        down_traffic = line.proxy.take()
    with serving(small_county, far=NEVER) as url:
        third.workspace.set_state(state.COUNTY_URL, url)
        by_batches = exchange(third.workspace, total=None)

    assert up.sent > 9000
    assert down.received > 9000
    assert by_batches.received > 9000
    assert up.equal
    assert down.equal
    assert by_batches.equal
    brought, loaded = sizes_at_county(small_county)
    assert up_traffic.cuts >= brought // CUT_EVERY
    assert down_traffic.cuts >= loaded // CUT_EVERY
    assert up_traffic.total <= brought * (1 + MOST_WASTE)
    assert down_traffic.total <= loaded * (1 + MOST_WASTE)
    assert loaded <= down_traffic.total <= VILLAGE_BY_SNAPSHOT
    assert total(by_batches) <= VILLAGE_BY_BATCHES
    assert up_traffic.total <= VILLAGE_BY_BATCHES
    there = sticks.write(by_stick, tmp_path / "stick")
    sticks.carry(small_county, *there)
    back = sticks.answer(small_county, by_stick, tmp_path / "stick")
    assert sticks.bring_back(by_stick, back).equal
    _, on_stick = sizes_at_county(small_county)
    assert on_stick < back.stat().st_size <= on_stick + 4096


def sizes_at_county(county: County) -> tuple[int, int]:
    """Bytes of all batches, and of the newest snapshot."""
    with county.engine.connect() as connection:
        brought = connection.scalar(select(func.sum(func.length(batch.c.content)))) or 0
        newest = select(func.length(snapshot.c.content)).order_by(snapshot.c.number.desc()).limit(1)
        loaded = connection.scalar(newest) or 0
    return brought, loaded
