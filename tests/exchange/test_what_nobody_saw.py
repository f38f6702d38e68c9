"""What one laptop wrote is not written over, deleted or hidden by another one that did not have it before it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count

import pytest

from tests.exchange.examples import arrive, insert, row, transaction, update
from village_core.exchange.operations import Kind, Operation
from village_core.exchange.plan import Known, Plan
from village_core.exchange.values import Value

HOUSEHOLD, OTHER, PERSON, DRAFT = row(1), row(2), row(20), row(5)


class Village:
    """A county's state, to which devices send one operation after the other, each with what it knew before it."""

    def __init__(self) -> None:
        self.known = Known()
        self.number = 0
        self._seq: Iterator[int] = count(1)

    def send(self, device: int, *operations: Operation, base: int) -> Plan:
        sent = [
            transaction(Operation(next(self._seq), one.kind, one.table, one.row_id, one.values), base=base)
            for one in operations
        ]
        plan = arrive(self.known, *sent, device=device, first_number=self.number + 1)
        self.number = plan.last_number
        self.known.parents.update(("held_change", question) for question in self.known.questions)
        return plan

    def value(self, table: str, number: int, name: str) -> Value:
        return self.known.rows[table, row(number)].values.get(name)

    @property
    def asked(self) -> list[str]:
        return [one.kind for one in self.known.questions.values()]


@pytest.fixture
def village() -> Village:
    return Village()


def test_a_draft_is_not_deleted_over_an_edit_that_hid_behind_an_edit_of_ones_own(village: Village) -> None:
    draft: dict[str, Value] = {"voucher_date": "2026-11-01", "body": "{}", "made_by": row(9).bytes}
    village.send(1, insert(0, "voucher_draft", DRAFT, draft_number="1", **draft), base=0)
    seen = village.number
    village.send(2, update(0, "voucher_draft", DRAFT, summary="改过的"), base=seen)
    village.send(1, update(0, "voucher_draft", DRAFT, body='{"x":1}'), base=seen)
    village.send(1, Operation(0, Kind.DELETE, "voucher_draft", DRAFT, {}), base=seen)
    assert not village.known.rows["voucher_draft", DRAFT].deleted


def test_a_person_put_into_a_joined_household_is_asked_about_when_the_one_that_stands_was_closed(
    village: Village,
) -> None:
    for device, household in ((1, HOUSEHOLD), (2, OTHER)):
        village.send(device, insert(0, "household", household, number="0001", head_name="李琼仙"), base=0)
    assert village.value("household", 2, "merged_into") == HOUSEHOLD.bytes
    village.send(1, update(0, "household", HOUSEHOLD, closed_on="2026-11-01"), base=village.number)
    village.send(2, insert(0, "person", PERSON, household_id=OTHER.bytes, name="李小妹"), base=0)
    assert village.asked == ["closed_household"]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["closed first", "moved first"])
def test_a_person_closed_with_the_household_here_and_moved_to_another_there_is_asked_about(
    village: Village, order: tuple[int, int]
) -> None:
    for number in (1, 2):
        village.send(1, insert(0, "household", row(number), number=str(number), head_name="李琼仙"), base=0)
    village.send(1, insert(0, "person", PERSON, household_id=HOUSEHOLD.bytes, name="李小妹"), base=0)
    seen = village.number
    deeds: list[dict[str, Value]] = [{"closed_on": "2026-11-01"}, {"household_id": OTHER.bytes}]
    for place in order:
        village.send(place + 1, update(0, "person", PERSON, **deeds[place]), base=seen)
    assert village.asked == ["closed_household"]
    assert village.value("person", 20, "closed_on") == "2026-11-01"
    assert village.value("person", 20, "household_id") == OTHER.bytes


def test_an_edit_of_a_joined_household_does_not_reach_the_account_of_the_other_one_unseen(village: Village) -> None:
    accounts = {HOUSEHOLD: "1", OTHER: "2"}
    for device, household in ((1, HOUSEHOLD), (2, OTHER)):
        columns: dict[str, Value] = {"number": "0001", "bank_account": accounts[household]}
        village.send(device, insert(0, "household", household, head_name=f"户主{device}", **columns), base=0)
    seen = village.number
    (question,) = village.known.questions
    shown = {"head_name": "户主1", "bank_account": "1"}, {"head_name": "户主2", "bank_account": "2"}
    decision: dict[str, Value] = {
        "held_id": question.bytes,
        "choice": "standing",
        "value": json.dumps(dict(zip(("standing", "offered"), shown, strict=True))),
        "reason": "",
        "made_at": "",
        "made_by": row(9).bytes,
        "made_by_name": "",
    }
    village.send(1, insert(0, "held_decision", row(50), **decision), base=seen)
    village.send(3, update(0, "household", OTHER, bank_account="3"), base=seen)
    assert village.value("household", 1, "bank_account") == "1"
    assert village.asked == ["two_rows", "sensitive"]


def test_a_relative_whom_another_laptop_declared_as_well_does_not_go_with_the_next_text(village: Village) -> None:
    village.send(1, insert(0, "staff_member", row(3), name="李琼仙", relatives=""), base=0)
    seen = village.number
    village.send(2, update(0, "staff_member", row(3), relatives="王一 兄弟"), base=seen)
    for text in ("王一 兄弟\n王二 兄弟", "王二 兄弟"):
        village.send(1, update(0, "staff_member", row(3), relatives=text), base=seen)
    assert str(village.value("staff_member", 3, "relatives")).splitlines() == ["王一 兄弟", "王二 兄弟"]


def test_an_edit_that_was_put_aside_gives_nobody_a_role_and_keeps_the_name_from_before(village: Village) -> None:
    wanted: dict[str, Value] = {"name": "李琼", "roles": "支书", "may_combine_duties": True}
    village.send(2, update(0, "staff_member", row(7), **wanted), base=0)
    (question,) = village.known.questions
    village.send(2, insert(0, "staff_member", row(7), name="李琼仙", roles="支书"), base=village.number)
    decision: dict[str, Value] = {"held_id": question.bytes, "choice": "offered", "value": "{}", "reason": "补来了"}
    by: dict[str, Value] = {"made_at": "", "made_by": row(9).bytes, "made_by_name": ""}
    village.send(2, insert(0, "held_decision", row(50), **decision, **by), base=village.number)
    assert village.value("staff_member", 7, "name") == "李琼"
    assert not village.value("staff_member", 7, "roles")
    assert not village.value("staff_member", 7, "may_combine_duties")
    assert "李琼仙" in str(village.value("staff_member", 7, "relatives"))
