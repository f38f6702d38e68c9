"""Scenario 4: the power goes at any SQL statement while a pulled answer is taken in."""

from __future__ import annotations

from typing import Any

from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from tests.sim.power import Fuse, PowerCutError
from village_core.records.households import Household, Person


def content(laptop: Laptop) -> list[Any]:
    return [(row.id, row.phone) for record in (Household, Person) for row in laptop.all(record)]


def test_an_answer_is_taken_in_whole_or_not_at_all_and_the_cursor_says_which(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    sync_until_quiet(first, second)
    household = first.add_household(number="0001", head_name="罗铉", phone="1")
    first.add_person(household, "罗铉")
    first.edit(Household, household, phone="2")
    first.sync()
    nothing, all_of_it = content(second), content(first)
    before = second.workspace.state("sync.cursor")
    cuts = 0
    while True:
        fuse = Fuse()
        fuse.watch(second.workspace.engine)
        fuse.left = cuts
        try:
            second.sync()
            break
        except PowerCutError:
            cuts += 1
        second.workspace.engine.dispose()
        second = make_laptop.open(second.workspace.folder, second.workspace.key, small_county)
        cursor = second.workspace.state("sync.cursor")
        assert content(second) == (nothing if cursor == before else all_of_it)

    fuse.left = None
    assert cuts > 20
    assert content(second) == all_of_it
    sync_until_quiet(first, second)
