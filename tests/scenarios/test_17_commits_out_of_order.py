"""Scenario 17: several workers commit while somebody pulls; the puller misses no row.

A sequence of PostgreSQL as cursor lost 266 of 800 rows here: numbers are taken early and committed late.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from village_core.records.households import Household

_EACH = 12


def test_a_laptop_that_pulls_while_three_others_push_has_every_row_of_its_cursor(
    county: County, make_laptop: LaptopMaker
) -> None:
    reader, *writers = (make_laptop(county) for _ in range(4))
    sync_until_quiet(reader, *writers)

    def push(laptop: Laptop, who: int) -> None:
        for number in range(_EACH):
            laptop.add_household(number=f"{who}-{number}", head_name="同时送")
            laptop.sync()

    with ThreadPoolExecutor(len(writers)) as pool:
        pushing = [pool.submit(push, laptop, who) for who, laptop in enumerate(writers)]
        while not all(one.done() for one in pushing):
            reader.sync()
        for one in pushing:
            one.result()

    assert reader.sync().equal
    assert len(reader.all(Household)) == _EACH * len(writers)
    sync_until_quiet(reader, *writers)
