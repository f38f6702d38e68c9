"""Scenario 6: two laptops edit the same bank account offline, and a person decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.households.history import list_household_history
from desktop_app.sync.decisions import decide_question
from desktop_app.sync.questions import Progress, list_questions
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.sticks import answer, bring_back, carry, write
from village_core.records.held import HeldChange
from village_core.records.households import Household

HERE, THERE, RIGHT = "6217000000000001", "6217000000000002", "6217000000000003"


def accounts(*laptops: Laptop) -> set[str]:
    return {only(laptop.all(Household)).bank_account for laptop in laptops}


def test_the_first_account_stands_everywhere_until_a_person_decides_and_then_the_decision_does(
    county: County, make_laptop: LaptopMaker
) -> None:
    first, second, third = make_laptop(county), make_laptop(county), make_laptop(county)
    household = first.add_household(number="0001", head_name="李琼仙", bank_account="6217000000000000")
    sync_until_quiet(first, second, third)
    first.edit(Household, household, bank_account=HERE)
    second.edit(Household, household, bank_account=THERE)
    sync_until_quiet(first, second, third)

    assert accounts(first, second, third) == {HERE}
    question = only(third.all(HeldChange))
    assert (HERE in question.standing, THERE in question.offered) == (True, True)

    third.do(lambda uow: decide_question(uow, question.id, "offered"))
    assert accounts(third) == {HERE}
    sync_until_quiet(third, first, second)

    assert accounts(first, second, third) == {THERE}
    for laptop in (first, second, third):
        with laptop.workspace.reader() as reader:
            listed = only(list_questions(reader))
        assert listed.progress is Progress.DECIDED
        assert listed.past is not None
        assert (listed.past.words, listed.past.who) == ("用右边", "起学英")
        with laptop.workspace.reader() as reader:
            history = list_household_history(reader, household)
        assert any(line.who == "起学英" and "按拿定的主意办" in line.reason for line in history)


def test_the_right_account_may_be_neither_and_later_edits_win_as_usual(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    household = first.add_household(number="0001", head_name="李琼仙")
    first.edit(Household, household, bank_account="1")
    sync_until_quiet(first, second)
    first.edit(Household, household, bank_account=HERE)
    second.edit(Household, household, bank_account=THERE)
    sync_until_quiet(first, second)
    question = only(second.all(HeldChange))

    second.do(lambda uow: decide_question(uow, question.id, "neither", value=RIGHT))
    sync_until_quiet(second, first)
    assert accounts(first, second) == {RIGHT}

    first.edit(Household, household, bank_account=HERE)
    sync_until_quiet(first, second)
    assert accounts(first, second) == {HERE}
    assert only(second.all(HeldChange)).decision_id is not None


@pytest.mark.parametrize("answered_first", [True, False], ids=["between two exchanges", "before either was sent"])
def test_a_second_thought_over_ones_own_unsent_account_overwrites_nothing_that_was_never_seen(
    county: County, make_laptop: LaptopMaker, tmp_path: Path, answered_first: bool
) -> None:
    """The other's account came while an own one waited, and was not shown: the next edit did not know of it either."""
    first, second = make_laptop(county), make_laptop(county)
    household = first.add_household(number="0001", head_name="李琼仙", bank_account="6217000000000000")
    sync_until_quiet(first, second)
    second.edit(Household, household, bank_account=THERE)
    second.sync()
    carry(county, *write(first, tmp_path / "stick"))
    back = answer(county, first, tmp_path / "stick")
    first.edit(Household, household, bank_account=HERE)
    if answered_first:
        bring_back(first, back)
    first.edit(Household, household, bank_account=RIGHT)
    sync_until_quiet(first, second)

    assert accounts(first, second) == {THERE}
    question = only(first.all(HeldChange))
    assert (THERE in question.standing, RIGHT in question.offered) == (True, True)

    first.edit(Household, household, bank_account=RIGHT)
    sync_until_quiet(first, second)
    assert accounts(first, second) == {RIGHT}
