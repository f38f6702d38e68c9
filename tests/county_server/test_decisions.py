"""What people decide about questions reaches every laptop, once, and never in a loop."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from county_server.admin.people import set_roles
from county_server.admin.seats import take_over_seat
from desktop_app.storage.access_log import list_access
from desktop_app.sync.decisions import decide_question
from desktop_app.sync.queries import list_due_items
from desktop_app.sync.questions import Progress, Question, list_questions
from tests.counties import County
from tests.county_server.test_facts import grant
from tests.domain.relief.builder import ROAD
from tests.laptops import Laptop, LaptopMaker, join, only, sync_until_quiet
from tests.ledger.books import open_accounts, post
from tests.relief.village import add_household, furnish, usual_step
from tests.workspaces import VILLAGE
from village_core.domain.errors import RefusedError
from village_core.domain.ids import new_id
from village_core.domain.relief.steps import StepKind
from village_core.exchange.local_tables import held_row
from village_core.exchange.seats import SeatKind
from village_core.records.held import HeldChange, HeldDecision
from village_core.records.households import Household, Person
from village_core.records.ledger import Posting, Voucher
from village_core.records.relief import ReliefStep


def give_role(laptop: Laptop, roles: str, *, combines: bool = True) -> None:
    """By the county, which alone gives roles."""
    laptop.sync()
    county, person = laptop.county, str(laptop.workspace.actor.person_id)
    set_roles(county.engine, VILLAGE, person, roles=roles.split(","), combines=combines, note="试", clock=county.clock)
    laptop.sync()


def decide(laptop: Laptop, choice: str, question: UUID | None = None, **more: Any) -> None:
    held_id = question or only(open_questions(laptop)).id
    laptop.do(lambda uow: decide_question(uow, held_id, choice, **more))


def questions(laptop: Laptop) -> list[Question]:
    with laptop.workspace.reader() as reader:
        return list_questions(reader)


def open_questions(laptop: Laptop) -> list[Question]:
    return [one for one in questions(laptop) if one.progress is Progress.OPEN]


def held_here(laptop: Laptop) -> int:
    with laptop.workspace.reader() as reader:
        return reader.session.scalar(select(func.count()).select_from(held_row)) or 0


def differing_accounts(county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop, UUID]:
    first, second = make_laptop(county), make_laptop(county)
    household = first.add_household(number="0001", head_name="李琼仙", bank_account="0")
    sync_until_quiet(first, second)
    first.edit(Household, household, bank_account="1")
    second.edit(Household, household, bank_account="2")
    sync_until_quiet(first, second)
    return first, second, household


def test_two_people_who_decide_the_same_are_not_asked_again(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second, household = differing_accounts(small_county, make_laptop)
    decide(first, "offered")
    decide(second, "offered")

    sync_until_quiet(first, second)

    assert [one.progress for one in questions(first)] == [Progress.DECIDED]
    assert len(second.all(HeldDecision)) == 2
    assert first.get(Household, household).bank_account == "2"


def test_of_two_contradicting_decisions_the_first_stands_and_the_second_is_put_before_a_person(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, household = differing_accounts(small_county, make_laptop)
    decide(first, "standing")
    decide(second, "offered")
    sync_until_quiet(first, second)

    assert first.get(Household, household).bank_account == "1"
    assert "两个人拿的主意不一样" in only(open_questions(first)).sentence
    decide(first, "offered")
    sync_until_quiet(first, second)

    assert second.get(Household, household).bank_account == "2"
    assert open_questions(first) == open_questions(second) == []


def test_what_a_person_decided_is_not_written_over_by_an_edit_that_knew_nothing_of_it(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, household = differing_accounts(small_county, make_laptop)
    second.edit(Household, household, bank_account="3")
    decide(first, "standing")
    first.sync()
    sync_until_quiet(second, first)
    assert {one.get(Household, household).bank_account for one in (first, second)} == {"1"}
    assert [held.offered for held in first.all(HeldChange) if held.decision_id is None] == ['{"bank_account":"3"}']


def test_who_keeps_what_stands_may_go_on_editing_it(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second, household = differing_accounts(small_county, make_laptop)
    decide(first, "standing")
    first.edit(Household, household, bank_account="3")
    sync_until_quiet(first, second)
    assert {one.get(Household, household).bank_account for one in (first, second)} == {"3"}
    assert open_questions(first) == []


def test_who_decided_two_questions_about_one_account_has_said_the_last_of_them(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptops = [make_laptop(small_county) for _ in range(3)]
    household = laptops[0].add_household(number="0001", head_name="李琼仙", bank_account="0")
    sync_until_quiet(*laptops)
    for number, laptop in enumerate(laptops, start=1):
        laptop.edit(Household, household, bank_account=str(number))
    sync_until_quiet(*laptops)
    decider = laptops[0]
    about = {held.offered: held.id for held in decider.all(HeldChange)}
    decide(decider, "standing", about['{"bank_account":"2"}'])
    decide(decider, "offered", about['{"bank_account":"3"}'])
    sync_until_quiet(*laptops)
    assert {one.get(Household, household).bank_account for one in laptops} == {"3"}
    assert open_questions(decider) == []


def test_who_changes_his_mind_before_the_exchange_has_said_only_the_last(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second, household = differing_accounts(small_county, make_laptop)
    held_id = only(open_questions(first)).id
    decide(first, "offered")
    decide(first, "neither", held_id, value="3")
    assert only(questions(first)).progress is Progress.SENDING

    sync_until_quiet(first, second)

    assert second.get(Household, household).bank_account == "3"
    assert [one.progress for one in questions(second)] == [Progress.DECIDED]


def test_a_household_registered_twice_under_two_names_is_joined_when_a_person_says_so(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    kept = first.add_household(number="0001", head_name="罗铉")
    other = second.add_household(number="0001", head_name="罗炫")
    person = second.add_person(other, "罗小妹")
    sync_until_quiet(first, second)

    decide(first, "offered")
    sync_until_quiet(first, second)

    assert second.get(Household, kept).head_name == "罗炫"
    assert second.get(Household, other).merged_into == kept
    assert first.get(Person, person).household_id == kept
    assert open_questions(second) == []


def test_two_households_that_are_two_are_not_asked_about_again(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    first.add_household(number="0001", head_name="罗铉")
    other = second.add_household(number="0001", head_name="李四")
    sync_until_quiet(first, second)

    decide(second, "neither")
    sync_until_quiet(second, first)
    second.edit(Household, other, head_name="李思")
    sync_until_quiet(second, first)

    assert [one.progress for one in questions(first)] == [Progress.DECIDED]
    assert {row.merged_into for row in first.all(Household)} == {None}


def unlawful_voucher(county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop]:
    """The second laptop posts without the right."""
    first, second = make_laptop(county), make_laptop(county)
    open_accounts(first.workspace)
    post(first.workspace, ("10201", 7000), ("50103", -7000))
    sync_until_quiet(first, second)
    second.workspace.set_state("rights.may_post", "1")
    post(second.workspace, ("10201", 5000), ("50103", -5000))
    sync_until_quiet(first, second)
    assert only(open_questions(first)).sentence
    return first, second


def test_a_held_voucher_that_a_person_accepts_comes_whole_under_the_next_number(
    county: County, make_laptop: LaptopMaker
) -> None:
    first, second = unlawful_voucher(county, make_laptop)

    decide(first, "offered", reason="凭证和单据对得上")
    sync_until_quiet(first, second)

    for laptop in (first, second):
        assert sorted(row.number_text for row in laptop.all(Voucher)) == ["记-1", "记-2"]
        assert len(laptop.all(Posting)) == 4
    assert held_here(second) == 0


def test_a_held_voucher_that_a_person_turns_down_leaves_the_books_of_its_maker(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = unlawful_voucher(small_county, make_laptop)

    decide(first, "standing")
    sync_until_quiet(first, second)

    for laptop in (first, second):
        assert [row.number_text for row in laptop.all(Voucher)] == ["记-1"]
        assert len(laptop.all(Posting)) == 2
    assert held_here(second) == 0


def test_what_was_turned_down_can_be_wanted_by_a_second_decision_and_then_comes_after_all(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = unlawful_voucher(small_county, make_laptop)
    decide(first, "standing")
    give_role(second, "报账员")
    decide(second, "offered", reason="凭证和单据对得上")
    sync_until_quiet(first, second)
    assert len(second.all(Voucher)) == 1

    decide(first, "offered")
    sync_until_quiet(first, second)

    assert len(first.all(Voucher)) == len(second.all(Voucher)) == 2
    assert open_questions(first) == []


def second_grant(
    county: County, make_laptop: LaptopMaker, *, until: StepKind = StepKind.TOWNSHIP_REVIEW
) -> tuple[Laptop, Laptop]:
    """The first laptop granted before its right was taken over, and arrives after the second one's grant."""
    maker, other = make_laptop(county), make_laptop(county)
    furnish(maker.workspace)
    give_role(maker, "支书,报账员")
    household = add_household(maker.workspace)
    sync_until_quiet(maker, other)
    grant(maker, household, until=until)
    take_over_seat(county.engine, VILLAGE, kind=SeatKind.GRANT, number=2, clock=county.clock)
    other.sync()
    grant(other, household)
    sync_until_quiet(other, maker)
    assert only(open_questions(other)).asks_why
    return maker, other


def test_a_second_grant_needs_a_written_reason_and_comes_with_what_follows_it(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = second_grant(small_county, make_laptop)
    steps = len(first.all(ReliefStep))
    with pytest.raises(RefusedError):
        decide(first, "offered")

    decide(first, "offered", reason="灾后又遭火灾，村民代表会议同意")
    sync_until_quiet(first, second)

    assert len(first.all(ReliefStep)) == len(second.all(ReliefStep)) == steps
    assert held_here(first) == 0
    assert open_questions(first) == []
    assert any("又遭火灾" in row.reasons for row in first.all(ReliefStep))


def test_a_second_grant_that_was_let_pass_is_paid_without_being_asked_again(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = second_grant(small_county, make_laptop)
    decide(first, "offered", reason="灾后又遭火灾，村民代表会议同意")
    sync_until_quiet(first, second)
    case = next(row.case_id for row in first.all(ReliefStep) if "又遭火灾" in row.reasons)

    for kind in ROAD[ROAD.index(StepKind.TOWNSHIP_REVIEW) : ROAD.index(StepKind.PAYMENT) + 1]:
        usual_step(first.workspace, case, kind)
    sync_until_quiet(first, second)

    assert any(row.kind == "payment" for row in second.all(ReliefStep))
    assert open_questions(second) == []


def test_a_second_grant_that_is_turned_down_goes_with_what_follows_it(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = second_grant(small_county, make_laptop)

    decide(first, "standing")
    sync_until_quiet(first, second)

    assert len(first.all(ReliefStep)) == len(second.all(ReliefStep))
    assert held_here(first) == 0
    assert [row.decision_id is not None for row in first.all(HeldChange)] == [True]


def test_money_that_was_paid_for_a_grant_which_does_not_count_stays_in_the_books_and_on_the_list(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    maker, other = second_grant(small_county, make_laptop, until=StepKind.RESULT_PUBLISHED)
    assert "已经付出去了" in only(open_questions(maker)).warning

    decide(maker, "standing")
    sync_until_quiet(maker, other)

    for laptop in (maker, other):
        assert len(laptop.all(Voucher)) == 1
        assert not any(row.kind == "payment" for row in laptop.all(ReliefStep))
        with laptop.workspace.reader() as reader:
            assert any("还没有冲销" in item.title for item in list_due_items(reader))


def test_taking_note_of_a_voucher_that_was_given_another_number_changes_nothing(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county, enrolled=False), make_laptop(small_county, enrolled=False)
    for laptop in (first, second):
        open_accounts(laptop.workspace)
        post(laptop.workspace, ("10201", 5000), ("50103", -5000))
        join(laptop)
    sync_until_quiet(first, second)

    decide(first, "standing")
    sync_until_quiet(first, second)

    assert len(first.all(Voucher)) == len(second.all(Voucher)) == 2
    assert open_questions(second) == []


def test_what_may_never_stand_is_not_let_through_and_the_question_says_why(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    open_accounts(first.workspace)
    posted = post(first.workspace, ("10201", 5000), ("50103", -5000))
    values = {
        column.name: getattr(first.get(Voucher, posted.voucher_id), column.name) for column in Voucher.__table__.columns
    }
    forged = values | {"id": new_id(), "number": 2, "number_text": "记-2"}
    first.do(lambda uow: uow.session.add(Voucher(**forged)))
    sync_until_quiet(first, second)
    assert [one.words for one in only(open_questions(second)).options] == ["知道了"]

    decide(second, "offered")
    sync_until_quiet(second, first)
    assert "上次没有办成" in only(open_questions(first)).sentence
    decide(first, "standing")
    sync_until_quiet(first, second)

    assert [row.number_text for row in first.all(Voucher)] == ["记-1"]
    assert open_questions(second) == []


def test_who_has_not_the_duty_may_not_decide_about_a_voucher(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second = unlawful_voucher(small_county, make_laptop)
    give_role(second, "文书", combines=False)

    with pytest.raises(RefusedError, match="报账员或会计"):
        decide(second, "offered")
    with second.workspace.reader() as reader:
        refused = list_access(reader.session)[0]
    assert (refused.kind, "这件事要由报账员或会计来定" in refused.detail) == ("refusal", True)
    assert only(open_questions(second)).not_allowed == "报账员或会计"
    assert only(open_questions(first)).not_allowed == ""
