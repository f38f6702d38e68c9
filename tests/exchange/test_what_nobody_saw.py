"""What one laptop wrote is not written over, deleted or hidden by another one that did not have it before it."""

from __future__ import annotations

import pytest

from tests.exchange.examples import insert, row, update
from tests.exchange.village import HOME, Village, word
from tests.laptops import only
from village_core.exchange.operations import Kind, Operation
from village_core.exchange.values import Value

OTHER, PERSON, DRAFT = row(2), row(20), row(5)


@pytest.fixture
def village() -> Village:
    return Village()


def test_a_draft_is_not_deleted_over_an_edit_that_hid_behind_an_edit_of_ones_own(village: Village) -> None:
    draft: dict[str, Value] = {"voucher_date": "2026-11-01", "body": "{}", "made_by": row(9).bytes}
    village.send(1, (insert(0, "voucher_draft", DRAFT, draft_number="1", **draft),), base=0)
    seen = village.last
    village.send(2, (update(0, "voucher_draft", DRAFT, summary="改过的"),), base=seen)
    village.send(1, (update(0, "voucher_draft", DRAFT, body='{"x":1}'),), base=seen)
    village.send(1, (Operation(0, Kind.DELETE, "voucher_draft", DRAFT, {}),), base=seen)
    assert not village.known.rows["voucher_draft", DRAFT].deleted


def test_a_person_put_into_a_joined_household_is_asked_about_when_the_one_that_stands_was_closed(
    village: Village,
) -> None:
    for device, household in ((1, HOME), (2, OTHER)):
        village.send(device, (insert(0, "household", household, number="0001", head_name="李琼仙"),), base=0)
    assert village.value("household", 2, "merged_into") == HOME.bytes
    village.send(1, (update(0, "household", HOME, closed_on="2026-11-01"),), base=village.last)
    village.send(2, (insert(0, "person", PERSON, household_id=OTHER.bytes, name="李小妹"),), base=0)
    assert village.asked() == ["closed_household"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["closed first", "moved first"])
def test_a_person_closed_with_the_household_here_and_moved_to_another_there_is_asked_about(
    village: Village, order: tuple[int, int]
) -> None:
    for number in (1, 2):
        village.send(1, (insert(0, "household", row(number), number=str(number), head_name="李琼仙"),), base=0)
    village.send(1, (insert(0, "person", PERSON, household_id=HOME.bytes, name="李小妹"),), base=0)
    seen = village.last
    deeds: list[dict[str, Value]] = [{"closed_on": "2026-11-01"}, {"household_id": OTHER.bytes}]
    for place in order:
        village.send(place + 1, (update(0, "person", PERSON, **deeds[place]),), base=seen)
    assert village.asked() == ["closed_household"]
    assert village.value("person", 20, "closed_on") == "2026-11-01"
    assert village.value("person", 20, "household_id") == OTHER.bytes


def test_a_household_that_stays_closed_by_a_decision_is_not_opened_by_who_knew_nothing_of_it(village: Village) -> None:
    village.send(1, (insert(0, "household", HOME, number="1", head_name="李琼仙"),), base=0)
    seen = village.last
    village.send(1, (update(0, "household", HOME, closed_on="2026-11-01"),), base=seen)
    village.send(2, (insert(0, "person", PERSON, household_id=HOME.bytes, name="李小妹"),), base=seen)
    question, seen = only(village.open()), village.last
    village.send(1, (word(question, "standing", {"closed_on": "2026-11-01"}),), base=seen)
    village.send(3, (update(0, "household", HOME, closed_on=None),), base=seen)
    assert village.value("household", 1, "closed_on") == "2026-11-01"
    assert only(village.open()).kind == "sensitive"


def test_an_edit_of_a_joined_household_does_not_reach_the_account_of_the_other_one_unseen(village: Village) -> None:
    accounts = {HOME: "1", OTHER: "2"}
    for device, household in ((1, HOME), (2, OTHER)):
        columns: dict[str, Value] = {"number": "0001", "bank_account": accounts[household]}
        village.send(device, (insert(0, "household", household, head_name=f"户主{device}", **columns),), base=0)
    seen = village.last
    shown = {"head_name": "户主1", "bank_account": "1"}, {"head_name": "户主2", "bank_account": "2"}
    seen_then = dict(zip(("standing", "offered"), shown, strict=True))
    village.send(1, (word(only(village.open()), "standing", seen_then),), base=seen)
    village.send(3, (update(0, "household", OTHER, bank_account="3"),), base=seen)
    assert village.value("household", 1, "bank_account") == "1"
    assert village.asked() == ["two_rows", "sensitive"]


def test_a_relative_whom_another_laptop_declared_as_well_does_not_go_with_the_next_text(village: Village) -> None:
    village.send(1, (insert(0, "staff_member", row(3), name="李琼仙", relatives=""),), base=0)
    seen = village.last
    village.send(2, (update(0, "staff_member", row(3), relatives="王一 兄弟"),), base=seen)
    for text in ("王一 兄弟\n王二 兄弟", "王二 兄弟"):
        village.send(1, (update(0, "staff_member", row(3), relatives=text),), base=seen)
    assert str(village.value("staff_member", 3, "relatives")).splitlines() == ["王一 兄弟", "王二 兄弟"]


def test_an_edit_that_was_put_aside_gives_nobody_a_role_and_keeps_the_name_from_before(village: Village) -> None:
    wanted: dict[str, Value] = {"name": "李琼", "roles": "支书", "may_combine_duties": True}
    village.send(2, (update(0, "staff_member", row(7), **wanted),), base=0)
    village.send(2, (insert(0, "staff_member", row(7), name="李琼仙", roles="支书"),), base=village.last)
    village.send(2, (word(only(village.open()), "offered", {}),), base=village.last)
    assert village.value("staff_member", 7, "name") == "李琼"
    assert not village.value("staff_member", 7, "roles")
    assert not village.value("staff_member", 7, "may_combine_duties")
    assert "李琼仙" in str(village.value("staff_member", 7, "relatives"))
