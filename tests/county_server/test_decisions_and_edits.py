"""A decision and an edit that knew nothing of each other: neither takes the other's place without a question."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.counties import County
from tests.county_server.test_decisions import decide, differing_accounts, open_questions
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from village_core.domain.errors import ProblemOutsideError
from village_core.records.held import HeldChange
from village_core.records.households import Household


def account(laptop: Laptop, household: UUID) -> str | None:
    found: str | None = laptop.get(Household, household).bank_account
    return found


def offers(laptop: Laptop) -> list[str]:
    return sorted(one.offered for one in laptop.all(HeldChange) if one.decision_id is None)


@pytest.fixture
def disputed(small_county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop, UUID]:
    return differing_accounts(small_county, make_laptop)


def test_what_was_written_meanwhile_does_not_pass_for_what_the_decider_wanted_to_stand(
    disputed: tuple[Laptop, Laptop, UUID],
) -> None:
    first, second, household = disputed
    first.edit(Household, household, bank_account="5")
    first.sync()
    decide(second, "standing", seen=only(open_questions(second)).seen)
    sync_until_quiet(second, first)
    assert (account(first, household), offers(first)) == ("5", ['{"bank_account":"1"}'])

    decide(second, "standing", seen=only(open_questions(second)).seen)
    sync_until_quiet(second, first)
    assert (account(first, household), offers(first)) == ("5", [])


def test_who_writes_and_then_keeps_what_he_wrote_is_heard(disputed: tuple[Laptop, Laptop, UUID]) -> None:
    first, second, household = disputed
    first.edit(Household, household, bank_account="5")
    first.sync()
    second.edit(Household, household, bank_account="4")
    decide(second, "standing", seen=only(open_questions(second)).seen)
    sync_until_quiet(second, first)
    assert (account(first, household), offers(first)) == ("5", ['{"bank_account":"4"}'])


def test_a_change_of_mind_does_not_write_over_what_was_written_since_the_lost_answer(
    disputed: tuple[Laptop, Laptop, UUID],
) -> None:
    first, second, household = disputed
    question = only(open_questions(second)).id
    decide(second, "offered", question)
    second.line.lose_answers = 1
    with pytest.raises(ProblemOutsideError):
        second.sync()
    first.sync()
    first.edit(Household, household, bank_account="9")
    first.sync()
    decide(second, "neither", question, value="7")
    sync_until_quiet(second, first)
    assert (account(first, household), offers(first)) == ("9", ['{"bank_account":"7"}'])


def test_what_somebody_offered_while_a_decision_was_on_its_way_is_still_offered(
    small_county: County, make_laptop: LaptopMaker, disputed: tuple[Laptop, Laptop, UUID]
) -> None:
    first, second, household = disputed
    third = make_laptop(small_county)
    sync_until_quiet(first, second, third)
    first.edit(Household, household, bank_account="5")
    first.sync()
    second.edit(Household, household, bank_account="4")
    second.sync()
    decide(third, "offered")
    sync_until_quiet(third, first, second)
    assert (account(first, household), offers(first)) == ("5", ['{"bank_account":"2"}', '{"bank_account":"4"}'])
