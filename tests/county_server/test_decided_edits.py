"""An edit that was put aside: a decision for it is carried out or says why it cannot be, and is never only closed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from county_server.sync.epochs import OFFER_DAYS, PATIENCE_DAYS
from tests.counties import County
from tests.county_server.test_decisions import decide
from tests.county_server.test_lost_rows import pass_by, patient_county, restore
from tests.exchange.examples import arrive, insert, row, transaction, update
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.restoring import CountyBackup
from village_core.exchange.late_edits import GONE, NOT_HERE
from village_core.exchange.operations import Operation
from village_core.exchange.plan import Known
from village_core.exchange.values import Value
from village_core.records.held import HeldChange
from village_core.records.households import Household, Person

__all__ = ["patient_county"]


@dataclass
class Moved:
    """A person whom one laptop moved to a household that a restored county got back too late."""

    first: Laptop
    second: Laptop
    person: UUID
    before: UUID
    there: UUID


@pytest.fixture
def moved(patient_county: County, make_laptop: LaptopMaker) -> Moved:
    first, second, gone = (make_laptop(patient_county) for _ in range(3))
    before = first.add_household(number="0001", head_name="罗铉")
    person = first.add_person(before, "罗铉")
    sync_until_quiet(first, second, gone)
    backup = CountyBackup(patient_county)
    there = gone.add_household(number="0009", head_name="不再回来")
    sync_until_quiet(gone, first, second)
    restore(patient_county, backup)
    second.edit(Person, person, household_id=there, phone="139")
    second.sync()
    pass_by(patient_county, days=PATIENCE_DAYS + OFFER_DAYS + 1)
    first.add_household(number="0002", head_name="别的事")
    first.sync()
    return Moved(first, second, person, before, there)


def test_an_edit_that_lacked_its_household_is_written_once_the_household_is_here(moved: Moved) -> None:
    laptops = (moved.first, moved.second)
    sync_until_quiet(*laptops)
    assert {one.get(Person, moved.person).household_id for one in laptops} == {moved.before}
    assert only(moved.first.all(HeldChange)).reason_kind == "missing"
    decide(moved.first, "offered")
    sync_until_quiet(*laptops)
    for laptop in laptops:
        person = laptop.get(Person, moved.person)
        assert (person.household_id, person.phone) == (moved.there, "139")
        assert only(laptop.all(HeldChange)).decision_id is not None


def test_what_somebody_wrote_since_without_the_decider_knowing_it_is_not_written_over(moved: Moved) -> None:
    sync_until_quiet(moved.first, moved.second)
    moved.second.edit(Person, moved.person, phone="138", note="后来写的")
    moved.second.sync()
    decide(moved.first, "offered")
    sync_until_quiet(moved.first, moved.second)
    for laptop in (moved.first, moved.second):
        person = laptop.get(Person, moved.person)
        assert (person.household_id, person.note) == (moved.there, "后来写的")


def test_who_changed_his_mind_while_a_restored_county_had_lost_the_question_has_said_only_the_last(
    patient_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, third = (make_laptop(patient_county) for _ in range(3))
    household = first.add_household(number="0001", head_name="李琼仙", bank_account="0")
    sync_until_quiet(first, second, third)
    backup = CountyBackup(patient_county)
    first.edit(Household, household, bank_account="1")
    second.edit(Household, household, bank_account="2")
    sync_until_quiet(first, second, third)
    question = only(third.all(HeldChange)).id
    decide(third, "offered", question)
    decide(third, "standing", question)
    restore(patient_county, backup)
    third.sync()
    sync_until_quiet(third, first, second)
    assert {one.get(Household, household).bank_account for one in (first, second, third)} == {"1"}


def test_it_stays_a_question_until_the_household_is_here_or_for_good_when_the_row_is_gone() -> None:
    known = Known()
    made = [
        insert(1, "household", row(1), head_name="罗铉"),
        insert(2, "person", row(2), household_id=row(1).bytes, name="罗铉"),
    ]
    arrive(known, transaction(*made), transaction(update(3, "person", row(2), household_id=row(8).bytes)))
    question = only(list(known.questions.values()))

    refused = want(known, question.id, 10)
    assert NOT_HERE in str(refused.values["reason"])
    arrive(known, transaction(insert(4, "household", row(8))), first_number=20)
    assert want(known, question.id, 30).values["decision_id"] == row(30).bytes
    assert known.rows["person", row(2)].values["household_id"] == row(8).bytes

    draft: dict[str, Value] = {"draft_number": "1", "voucher_date": "2026-11-01", "body": "{}", "made_by": row(9).bytes}
    arrive(known, transaction(insert(5, "voucher_draft", row(5), **draft)), first_number=40)
    known.rows["voucher_draft", row(5)].deleted = True
    arrive(known, transaction(update(6, "voucher_draft", row(5), body="[]")), first_number=50)
    about_draft = next(one for one in known.questions.values() if one.table == "voucher_draft")
    assert GONE in str(want(known, about_draft.id, 60).values["reason"])


def want(known: Known, question: UUID, number: int) -> Operation:
    """Decide for what was offered; what the county writes into the question."""
    decision = insert(
        number,
        "held_decision",
        row(number),
        held_id=question.bytes,
        choice="offered",
        value="{}",
        reason="",
        made_at="",
        made_by=row(9).bytes,
        made_by_name="",
    )
    known.parents.add(("held_change", question))
    plan = arrive(known, transaction(decision, base=number), first_number=number)
    return next(one for _, one in plan.county if one.row == ("held_change", question))
