"""Scenario 12: a household is closed on one laptop, a person is added to it on another one."""

from __future__ import annotations

from datetime import date

import pytest

from desktop_app.households.editing import close_household
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


def test_who_were_closed_with_the_household_are_back_when_somebody_decides_that_it_is_open(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    closing, adding = make_laptop(small_county), make_laptop(small_county)
    household = closing.add_household(number="0001", head_name="罗铉")
    member, moved = (closing.add_person(household, name) for name in ("罗铉", "罗大妹"))
    closing.edit(Person, moved, closed_on=date(2026, 11, 1), closed_reason="出嫁")
    sync_until_quiet(closing, adding)
    closing.do(lambda uow: close_household(uow, household, on=date(2026, 11, 20), reason="全户迁走"))
    adding.add_person(household, "罗小妹")
    sync_until_quiet(closing, adding)

    adding.do(lambda uow: decide_question(uow, only(adding.all(HeldChange)).id, "offered"))
    sync_until_quiet(adding, closing)

    for laptop in (closing, adding):
        home, back, away = laptop.get(Household, household), laptop.get(Person, member), laptop.get(Person, moved)
        assert (home.closed_on, home.closed_reason) == (None, None)
        assert (back.closed_on, back.closed_reason) == (None, None)
        assert (away.closed_on, away.closed_reason) == (date(2026, 11, 1), "出嫁")


def test_who_knows_that_a_household_is_closed_is_not_asked(small_county: County, make_laptop: LaptopMaker) -> None:
    closing, adding = make_laptop(small_county), make_laptop(small_county)
    household = closing.add_household(number="0001", head_name="罗铉")
    closing.edit(Household, household, closed_on=date(2026, 11, 20))
    sync_until_quiet(closing, adding)
    adding.add_person(household, "罗小妹")
    sync_until_quiet(adding, closing)

    assert adding.all(HeldChange) == []
