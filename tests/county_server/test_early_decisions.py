"""A decision that reached a restored county before its question waits for it, and goes over nothing unseen."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.counties import County
from tests.county_server.test_decisions import decide, open_questions
from tests.county_server.test_lost_rows import patient_county, restore
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.restoring import CountyBackup
from village_core.records.held import HeldChange
from village_core.records.households import Household

__all__ = ["patient_county"]


@pytest.fixture
def village(patient_county: County, make_laptop: LaptopMaker) -> tuple[County, list[Laptop], UUID]:
    """The first laptop wrote 1 and decided that the 2 of the second one is right. The county went back to before all
    that, and has heard the first one again; the third was not there meanwhile."""
    laptops = [make_laptop(patient_county) for _ in range(3)]
    first, second, _third = laptops
    household = first.add_household(number="0001", head_name="李琼仙", bank_account="0")
    sync_until_quiet(*laptops)
    backup = CountyBackup(patient_county)
    first.edit(Household, household, bank_account="1")
    second.edit(Household, household, bank_account="2")
    sync_until_quiet(first, second)
    decide(first, "offered", seen=only(open_questions(first)).seen)
    sync_until_quiet(first, second)
    restore(patient_county, backup)
    sync_until_quiet(first)
    return patient_county, laptops, household


def account(laptop: Laptop, household: UUID) -> str | None:
    return laptop.get(Household, household).bank_account


def open_offers(laptop: Laptop) -> list[str]:
    return sorted(one.offered for one in laptop.all(HeldChange) if one.decision_id is None)


def test_it_is_carried_out_where_that_stands_which_the_decider_had_before_him(
    village: tuple[County, list[Laptop], UUID],
) -> None:
    _, laptops, household = village
    sync_until_quiet(*laptops)
    assert [(account(one, household), open_offers(one)) for one in laptops] == [("2", [])] * 3


def test_what_somebody_wrote_meanwhile_stands_and_somebody_is_asked(
    village: tuple[County, list[Laptop], UUID],
) -> None:
    _, laptops, household = village
    third = laptops[2]
    sync_until_quiet(third)
    assert account(third, household) == "1"
    third.edit(Household, household, bank_account="9")
    third.sync()
    sync_until_quiet(*laptops)
    for one in laptops:
        assert account(one, household) == "9"
        assert any('"2"' in offered for offered in open_offers(one))
