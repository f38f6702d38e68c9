"""Scenario 5: two laptops edit different fields of one household offline."""

from __future__ import annotations

from tests.counties import County
from tests.laptops import LaptopMaker, sync_until_quiet
from village_core.records.held import HeldChange
from village_core.records.households import Household


def test_both_values_stand_on_all_three_and_nobody_is_asked(county: County, make_laptop: LaptopMaker) -> None:
    first, second, third = make_laptop(county), make_laptop(county), make_laptop(county)
    household = first.add_household(number="0001", head_name="罗铉", phone="1", bank_account="1")
    sync_until_quiet(first, second, third)
    first.edit(Household, household, phone="13800000001", per_capita_fen=900_000)
    second.edit(Household, household, note="房屋要修", bank_account="6223000000001234")

    sync_until_quiet(first, second, third)

    for laptop in (first, second, third):
        row = laptop.get(Household, household)
        assert (row.phone, row.note) == ("13800000001", "房屋要修")
        assert (row.per_capita_fen, row.bank_account) == (900_000, "6223000000001234")
        assert laptop.all(HeldChange) == []
