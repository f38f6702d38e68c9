"""Scenario 12: a household is closed on one laptop, a person is added to it on another one."""

from __future__ import annotations

from datetime import date

import pytest

from desktop_app.sync.decisions import decide_question
from tests.counties import County
from tests.laptops import LaptopMaker, only, sync_until_quiet
from village_core.records.held import HeldChange
from village_core.records.households import Household, Person


@pytest.mark.parametrize("closing_first", [True, False])
def test_the_household_stays_closed_the_person_is_kept_and_somebody_is_asked(
    county: County, make_laptop: LaptopMaker, closing_first: bool
) -> None:
    closing, adding = make_laptop(county), make_laptop(county)
    household = closing.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(closing, adding)
    closing.edit(Household, household, closed_on=date(2026, 11, 20), closed_reason="迁走")
    person = adding.add_person(household, "罗小妹")

    sync_until_quiet(*((closing, adding) if closing_first else (adding, closing)))

    for laptop in (closing, adding):
        assert laptop.get(Household, household).closed_on == date(2026, 11, 20)
        assert laptop.get(Person, person).household_id == household
        assert only(laptop.all(HeldChange)).reason_kind == "closed_household"

    decider = adding if closing_first else closing
    question = only(decider.all(HeldChange)).id
    decider.do(lambda uow: decide_question(uow, question, "offered"))
    sync_until_quiet(decider, closing, adding)

    assert [laptop.get(Household, household).closed_on for laptop in (closing, adding)] == [None, None]


def test_who_knows_that_a_household_is_closed_is_not_asked(small_county: County, make_laptop: LaptopMaker) -> None:
    closing, adding = make_laptop(small_county), make_laptop(small_county)
    household = closing.add_household(number="0001", head_name="罗铉")
    closing.edit(Household, household, closed_on=date(2026, 11, 20))
    sync_until_quiet(closing, adding)
    adding.add_person(household, "罗小妹")
    sync_until_quiet(adding, closing)

    assert adding.all(HeldChange) == []
