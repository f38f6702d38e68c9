"""Scenario 2: the connection is cut at every byte of request and answer in turn. It always goes on, and nothing half
is ever seen."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import func, select

from county_server.tables import batch
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.sync import state
from desktop_app.sync.enrolment import join_county
from desktop_app.sync.loop import exchange
from desktop_app.sync.words import LineError
from tests.counties import County
from tests.fault_proxy import Faults, bad_line
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from village_core.domain.ids import new_id
from village_core.exchange.local_tables import arriving_part
from village_core.exchange.pieces import AT_ONCE
from village_core.records.households import Household

CUTS_IN_A_ROW = 25
ROWS = 250
"""Of one transaction: about 16 KB when packed, so that it travels in pieces."""


def add_much(laptop: Laptop, mark: int) -> None:
    """One transaction that does not compress well."""
    rng = random.Random(mark)

    def deed(uow: UnitOfWork) -> None:
        uow.session.add_all(
            Household(village=uow.village, id=new_id(), number=f"{mark}-{number}", note=rng.randbytes(20).hex())
            for number in range(ROWS)
        )

    laptop.do(deed)


def largest_batch(county: County) -> int:
    with county.engine.connect() as connection:
        return connection.scalar(select(func.max(func.length(batch.c.content)))) or 0


def count_at_county(county: County) -> int:
    with county.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Household)) or 0


def moved(laptop: Laptop) -> int:
    return laptop.line.bytes_up + laptop.line.bytes_down


def sweep(laptop: Laptop, begin: Callable[[int], None], seen: Callable[[int], None]) -> None:
    """Cut an exchange behind each of its bytes in turn; every few cuts let it through and look."""
    begin(0)
    laptop.sync()
    seen(0)
    whole, sent, cut = moved(laptop), 0, 0
    while cut <= whole:
        begin(cut + 1)
        for _ in range(CUTS_IN_A_ROW):
            laptop.line.cut_after = cut
            with suppress(LineError):
                laptop.sync()
                assert cut > whole - 20
            sent += moved(laptop)
            cut += 1
        laptop.line.cut_after = None
        assert laptop.sync().equal
        sent += moved(laptop)
        seen(cut + 1 - CUTS_IN_A_ROW)
    assert sent <= (cut / 2 + cut / CUTS_IN_A_ROW) * (whole + 20)


def test_a_small_exchange_survives_a_cut_at_each_of_its_bytes(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    household = first.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(first, second)

    def seen(mark: int) -> None:
        second.sync()
        assert second.get(Household, household).phone == f"139{mark:08d}"

    sweep(first, lambda mark: first.edit(Household, household, phone=f"139{mark:08d}"), seen)


def test_a_small_exchange_downwards_survives_a_cut_at_each_of_its_bytes(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    household = first.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(first, second)

    def begin(mark: int) -> None:
        first.edit(Household, household, phone=f"139{mark:08d}")
        first.sync()

    def seen(mark: int) -> None:
        assert second.get(Household, household).phone == f"139{mark:08d}"

    sweep(second, begin, seen)


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_large_one_goes_on_where_it_was_cut_and_nothing_half_is_seen(
    small_county: County, make_laptop: LaptopMaker, small_county_url: str, way: str
) -> None:
    laptops = [make_laptop(small_county, enrolled=False) for _ in range(2)]
    for laptop in laptops:
        join_county(laptop.workspace, url=small_county_url, code=small_county.code())
        exchange(laptop.workspace)
    sender, receiver = laptops
    with bad_line(small_county_url) as line:
        bad = sender if way == "up" else receiver
        bad.workspace.set_state(state.COUNTY_URL, line.url)
        for round_number, cut in enumerate(range(0, 16_000, 1_000)):
            add_much(sender, round_number)
            one_cut = Faults(cut_up=cut, connections=1) if way == "up" else Faults(cut_down=cut, connections=1)
            line.proxy.faults = one_cut if way == "up" else Faults()
            line.proxy.take()
            sent = exchange(sender.workspace, pause=lambda _seconds: check(small_county))
            up = line.proxy.take().up
            line.proxy.faults = one_cut
            received = exchange(receiver.workspace, pause=lambda _seconds: check_here(receiver))
            down = line.proxy.take().down

            assert sent.sent == received.received == ROWS
            assert sent.equal
            assert received.equal
            assert (up if way == "up" else down) <= 1.5 * 16_000
    with receiver.workspace.reader() as reader:
        assert reader.session.scalar(select(func.count()).select_from(arriving_part)) == 0
    assert len(receiver.all(Household)) == count_at_county(small_county)
    assert AT_ONCE < largest_batch(small_county) < 16_000


def check(county: County) -> None:
    """Between a cut and the next try: transactions are there whole or not at all."""
    assert count_at_county(county) % ROWS == 0


def check_here(laptop: Laptop) -> None:
    assert len(laptop.all(Household)) % ROWS == 0
