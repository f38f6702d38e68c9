"""What the simulator found, told as short as it gets."""

from __future__ import annotations

from desktop_app.settings.service import record_income
from tests.counties import County
from tests.laptops import LaptopMaker, only, sync_until_quiet
from village_core.records.held import HeldChange
from village_core.records.settings import CollectiveIncome


def test_a_row_with_a_derived_id_and_another_sensitive_value_is_the_countys_row_everywhere(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    """Two laptops enter the income of one year apart: one row, one question, and both are equal to the county."""
    first, second = make_laptop(small_county), make_laptop(small_county)
    first.do(lambda uow: record_income(uow, 2025, net_income_fen=20_401_300))
    second.do(lambda uow: record_income(uow, 2025, net_income_fen=20_401_301))

    sync_until_quiet(first, second)

    assert [only(laptop.all(CollectiveIncome)).net_income_fen for laptop in (first, second)] == [20_401_300] * 2
    assert only(second.all(HeldChange)).field == "net_income_fen"
