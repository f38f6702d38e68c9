"""Two laptops, one county: what becomes of changes that were made apart. On SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from village_core.domain.ids import derived_id, new_id
from village_core.exchange.change_log import change_log
from village_core.records.held import HeldChange
from village_core.records.households import Household, Person
from village_core.records.ledger import VoucherDraft
from village_core.records.settings import VillageProfile

Pair = tuple[Laptop, Laptop]
Shared = tuple[Laptop, Laptop, UUID]


@pytest.fixture
def pair(county: County, make_laptop: LaptopMaker) -> Pair:
    """Two laptops that know each other's beginnings."""
    first, second = make_laptop(county), make_laptop(county)
    sync_until_quiet(first, second)
    return first, second


@pytest.fixture
def shared(pair: Pair) -> Shared:
    """Two laptops and the household that both of them have."""
    first, second = pair
    household = first.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(first, second)
    return first, second, household


def test_what_one_laptop_enters_the_other_has_after_a_turn_of_each(pair: Pair) -> None:
    first, second = pair
    household = first.add_household(number="0001", head_name="罗铉", closed_on=date(2026, 1, 2), safe_water=True)
    person = first.add_person(household, "罗铉", birth_date=date(1970, 1, 1), work_months=7)

    report = first.sync()
    assert (report.sent, report.received, report.equal, report.round_trips) == (2, 0, True, 1)
    report = second.sync()
    assert (report.sent, report.received, report.equal) == (0, 2, True)

    copy = second.get(Household, household)
    assert (copy.number, copy.closed_on, copy.safe_water) == ("0001", date(2026, 1, 2), True)
    assert second.get(Person, person).birth_date == date(1970, 1, 1)


def test_different_fields_of_one_household_both_stand_everywhere(shared: Shared) -> None:
    first, second, household = shared
    first.edit(Household, household, phone="13800000001", bank_account="6223000000001234")
    second.edit(Household, household, note="房屋要修", head_name="罗铉明")

    sync_until_quiet(first, second)

    for laptop in (first, second):
        row = laptop.get(Household, household)
        assert (row.phone, row.note) == ("13800000001", "房屋要修")
        assert (row.bank_account, row.head_name) == ("6223000000001234", "罗铉明")
        assert laptop.all(HeldChange) == []


def test_of_the_same_plain_field_the_newest_stands_and_the_other_is_in_the_history_of_both(shared: Shared) -> None:
    first, second, household = shared
    first.edit(Household, household, phone="13800000001")
    second.edit(Household, household, phone="13900000002")

    second.sync()
    sync_until_quiet(first, second)

    for laptop in (first, second):
        assert laptop.get(Household, household).phone == "13900000002"
        values = history(laptop, household)
        assert "13800000001" in values
        assert "13900000002" in values


def test_an_older_change_that_arrives_first_gives_way_too(shared: Shared) -> None:
    first, second, household = shared
    first.edit(Household, household, phone="13800000001")
    second.edit(Household, household, phone="13900000002")

    first.sync()
    sync_until_quiet(second, first)

    for laptop in (first, second):
        assert laptop.get(Household, household).phone == "13900000002"
        assert "13800000001" in history(laptop, household)


def test_of_the_same_sensitive_field_the_first_to_arrive_stands_and_the_other_waits_for_a_person(
    shared: Shared,
) -> None:
    first, second, household = shared
    first.edit(Household, household, bank_account="6223000000001111")
    second.edit(Household, household, bank_account="6223000000002222")

    assert second.sync().held == 0
    report = first.sync()
    assert report.held == 1
    sync_until_quiet(first, second)

    for laptop in (first, second):
        assert laptop.get(Household, household).bank_account == "6223000000002222"
        question = only(laptop.all(HeldChange))
        assert (question.field, question.reason_kind, question.offered_by) == ("bank_account", "sensitive", "李琼仙")
        assert "6223000000002222" in question.standing
        assert "6223000000001111" in question.offered
        assert "银行账号" in question.reason


def test_the_same_sensitive_value_twice_is_no_question(shared: Shared) -> None:
    first, second, household = shared
    for laptop in (first, second):
        laptop.edit(Household, household, bank_account="6223000000001111")

    sync_until_quiet(first, second)

    assert first.all(HeldChange) == []


def test_a_second_offer_of_the_same_laptop_replaces_the_first_in_its_question(shared: Shared) -> None:
    first, second, household = shared
    first.edit(Household, household, bank_account="1111")
    second.edit(Household, household, bank_account="2222")
    second.edit(Household, household, bank_account="3333")

    sync_until_quiet(first, second)

    question = only(first.all(HeldChange))
    assert '"3333"' in question.offered
    assert first.get(Household, household).bank_account == "1111"


def test_after_seeing_the_other_value_a_correction_simply_stands(shared: Shared) -> None:
    first, second, household = shared
    first.edit(Household, household, bank_account="1111")
    sync_until_quiet(first, second)
    second.edit(Household, household, bank_account="2222")
    sync_until_quiet(second, first)

    assert first.get(Household, household).bank_account == "2222"
    assert first.all(HeldChange) == []


def test_a_change_that_was_not_sent_yet_is_not_overwritten_by_what_comes_down(shared: Shared) -> None:
    first, second, household = shared
    first.edit(Household, household, phone="1")
    first.sync()
    second.edit(Household, household, phone="2")
    second.line.lose_requests = 1

    try:
        second.sync()
    except Exception as error:  # noqa: BLE001
        assert "断了" in str(error)
    assert second.get(Household, household).phone == "2"
    sync_until_quiet(second, first)
    assert first.get(Household, household).phone == "2"


def test_two_laptops_that_entered_the_same_household_have_one_household(pair: Pair) -> None:
    first, second = pair
    kept = first.add_household(number="0007", head_name="起学英", phone="13800000001")
    first.add_person(kept, "起学英", id_number="532327197203034567", relation="户主")
    again = second.add_household(number="0007", head_name="起学英", group_name="大平地")
    same = second.add_person(again, "起学英", id_number="532327197203034567", relation="户主")
    child = second.add_person(again, "起小妹", relation="之女")

    first.sync()
    sync_until_quiet(second, first)

    for laptop in (first, second):
        assert laptop.get(Household, again).merged_into == kept
        assert laptop.get(Household, kept).merged_into is None
        assert laptop.get(Household, kept).group_name == "大平地"
        assert laptop.get(Person, child).household_id == kept
        assert laptop.get(Person, same).merged_into is not None
        assert laptop.all(HeldChange) == []


def test_a_person_who_arrives_for_a_joined_household_goes_to_the_one_that_stands(pair: Pair) -> None:
    first, second = pair
    kept = first.add_household(number="0007", head_name="起学英")
    again = second.add_household(number="0007", head_name="起学英")
    first.sync()
    second.sync()
    late = second.add_person(again, "起二妹")

    sync_until_quiet(second, first)

    assert first.get(Person, late).household_id == kept


def test_an_edit_of_the_row_that_was_joined_reaches_the_one_that_stands(pair: Pair) -> None:
    first, second = pair
    kept = first.add_household(number="0007", head_name="起学英")
    again = second.add_household(number="0007", head_name="起学英")
    first.sync()
    frozen_by_cut = second
    frozen_by_cut.line.lose_answers = 1
    try:
        second.sync()
    except Exception as error:  # noqa: BLE001
        assert "断了" in str(error)
    second.edit(Household, again, phone="13800000009")

    sync_until_quiet(second, first)

    assert first.get(Household, kept).phone == "13800000009"


def test_same_number_but_another_head_keeps_both_and_asks(pair: Pair) -> None:
    first, second = pair
    one = first.add_household(number="0007", head_name="起学英")
    other = second.add_household(number="0007", head_name="王建平")

    sync_until_quiet(first, second)

    assert first.get(Household, other).merged_into is None
    assert first.get(Household, one).merged_into is None
    assert only(first.all(HeldChange)).reason_kind == "two_rows"


def test_what_differs_in_a_joined_household_waits_for_a_person_field_by_field(pair: Pair) -> None:
    first, second = pair
    kept = first.add_household(number="0007", head_name="起学英", bank_account="1111", phone="1", wage_fen=5)
    again = second.add_household(number="0007", head_name="起学英", bank_account="2222", phone="2", kind="脱贫户")

    first.sync()
    sync_until_quiet(second, first)

    row = first.get(Household, kept)
    assert (row.bank_account, row.phone, row.kind, row.wage_fen) == ("1111", "2", "脱贫户", 5)
    assert first.get(Household, again).merged_into == kept
    question = only(first.all(HeldChange))
    assert (question.subject_id, question.field, '"2222"' in question.offered) == (kept, "bank_account", True)


def test_people_of_households_that_may_not_be_one_wait_for_these_without_questions_of_their_own(pair: Pair) -> None:
    first, second = pair
    households = {}
    for laptop, head in ((first, "起学英"), (second, "起小英")):
        households[head] = laptop.add_household(number="0007", head_name=head)
        laptop.add_person(households[head], "起二妹", id_number="532327197203034567")
    first.sync()
    sync_until_quiet(second, first)
    assert only(first.all(HeldChange)).reason_kind == "two_rows"
    assert all(one.merged_into is None for one in first.all(Person))

    second.edit(Household, households["起小英"], head_name="起学英")
    sync_until_quiet(second, first)

    assert first.get(Household, households["起小英"]).merged_into == households["起学英"]
    assert sorted(one.merged_into is None for one in first.all(Person)) == [False, True]


def test_rows_with_an_id_from_their_key_are_one_row_from_the_start(county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(county), make_laptop(county)
    profile = derived_id(first.workspace.village, "village")
    first.edit(VillageProfile, profile, supervision_phone="0878-1")
    second.edit(VillageProfile, profile, township_phone="0878-2")

    sync_until_quiet(first, second)

    row = only(first.all(VillageProfile))
    assert (row.supervision_phone, row.township_phone) == ("0878-1", "0878-2")


def test_a_draft_edited_there_survives_its_deletion_here(pair: Pair) -> None:
    first, second = pair
    draft = edit_there_and_delete_here(first, second)

    second.sync()
    sync_until_quiet(first, second)

    assert first.get(VoucherDraft, draft).summary == "改过的"


def test_an_edit_of_a_draft_that_was_deleted_first_is_kept_as_a_question(pair: Pair) -> None:
    first, second = pair
    draft = edit_there_and_delete_here(first, second)

    first.sync()
    sync_until_quiet(second, first)

    assert second.get(VoucherDraft, draft) is None
    question = only(first.all(HeldChange))
    assert question.reason_kind == "deleted"
    assert "改过的" in question.offered


def add_draft(laptop: Laptop) -> UUID:
    draft_id = new_id()
    laptop.do(
        lambda uow: uow.session.add(
            VoucherDraft(
                village=uow.village,
                id=draft_id,
                draft_number="草1-1",
                voucher_date=date(2026, 3, 5),
                body="{}",
                made_by=uow.actor.person_id,
            )
        )
    )
    return draft_id


def history(laptop: Laptop, row_id: UUID) -> str:
    """All values that a row ever had here."""
    with laptop.workspace.reader() as reader:
        query = select(change_log.c.new).where(change_log.c.row_id == row_id.hex)
        return " ".join(text for text in reader.session.scalars(query) if text)


def edit_there_and_delete_here(first: Laptop, second: Laptop) -> UUID:
    """A draft of both, which the second one has changed and the first one thrown away; they have not exchanged."""
    draft = add_draft(first)
    sync_until_quiet(first, second)
    second.edit(VoucherDraft, draft, summary="改过的")
    first.do(lambda uow: uow.session.delete(uow.session.get(VoucherDraft, (uow.village, draft))))
    return draft
