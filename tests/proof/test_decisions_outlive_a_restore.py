"""Decisions when the county comes back from a backup, and when a laptop does."""

from __future__ import annotations

import pytest

from desktop_app.sync.questions import Progress
from tests.counties import County
from tests.county_server.test_decisions import (
    decide,
    differing_accounts,
    held_here,
    open_questions,
    questions,
    unlawful_voucher,
)
from tests.laptops import LaptopMaker, only, sync_until_quiet
from tests.ledger.books import open_accounts, post
from tests.restoring import CountyBackup
from village_core.records.held import HeldDecision
from village_core.records.households import Household
from village_core.records.ledger import Voucher

in_either_order = pytest.mark.parametrize(
    "order", [(0, 1), (1, 0)], ids=["the decider comes last", "the decider comes first"]
)


@in_either_order
def test_a_county_that_lost_the_decision_gets_it_again_and_carries_it_out(
    small_county: County, make_laptop: LaptopMaker, order: tuple[int, int]
) -> None:
    *pair, household = differing_accounts(small_county, make_laptop)
    backup = CountyBackup(small_county)
    decide(pair[1], "offered")
    sync_until_quiet(*pair)

    backup.restore()
    for place in order:
        pair[place].sync()
    sync_until_quiet(*pair)

    for laptop in pair:
        assert laptop.get(Household, household).bank_account == "2"
        assert [one.progress for one in questions(laptop)] == [Progress.DECIDED]


@in_either_order
def test_a_county_that_lost_question_and_decision_ends_with_what_was_decided_or_asks_once_more(
    small_county: County, make_laptop: LaptopMaker, order: tuple[int, int]
) -> None:
    pair = make_laptop(small_county), make_laptop(small_county)
    household = pair[0].add_household(number="0001", head_name="李琼仙", bank_account="0")
    sync_until_quiet(*pair)
    backup = CountyBackup(small_county)
    pair[0].edit(Household, household, bank_account="1")
    pair[1].edit(Household, household, bank_account="2")
    sync_until_quiet(*pair)
    decide(pair[1], "offered")
    sync_until_quiet(*pair)

    backup.restore()
    for place in order:
        pair[place].sync()
    sync_until_quiet(*pair)

    found = {laptop.get(Household, household).bank_account for laptop in pair}
    assert len(found) == 1
    if found != {"2"}:
        assert len(open_questions(pair[0])) == 1
    assert len(questions(pair[0])) == len(questions(pair[1]))


def test_a_laptop_restored_from_before_the_decision_follows_it(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second = unlawful_voucher(small_county, make_laptop)
    clone = make_laptop.clone(second, "restored")
    decide(first, "standing")
    sync_until_quiet(first, second)

    sync_until_quiet(clone, first)

    assert [row.number_text for row in clone.all(Voucher)] == ["记-1"]
    assert held_here(clone) == 0


@pytest.mark.parametrize(("choice", "numbers"), [("standing", ["记-1"]), ("offered", ["记-1", "记-2"])])
def test_a_laptop_restored_from_before_it_sent_its_voucher_follows_the_decision(
    small_county: County, make_laptop: LaptopMaker, choice: str, numbers: list[str]
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    open_accounts(first.workspace)
    post(first.workspace, ("10201", 7000), ("50103", -7000))
    sync_until_quiet(first, second)
    second.workspace.set_state("rights.may_post", "1")
    post(second.workspace, ("10201", 5000), ("50103", -5000))
    clone = make_laptop.clone(second, "restored")
    sync_until_quiet(second, first)
    decide(first, choice, reason="凭证和单据对得上")
    sync_until_quiet(first, second)

    sync_until_quiet(clone, first)

    assert sorted(row.number_text for row in clone.all(Voucher)) == numbers
    assert held_here(clone) == 0


def test_a_restored_laptop_that_decides_again_does_not_overrule_the_first_word(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, household = differing_accounts(small_county, make_laptop)
    clone = make_laptop.clone(second, "restored")
    decide(second, "standing")
    sync_until_quiet(second, first)

    decide(clone, "offered")
    sync_until_quiet(clone, first)

    assert first.get(Household, household).bank_account == "1"
    assert len(clone.all(HeldDecision)) == 2
    assert "两个人拿的主意不一样" in only(open_questions(clone)).sentence
