"""回避 asked at the county: each step that decides, pays or closes an objection, and who lets a grant through."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tests.domain.relief.builder import CASE, CLERK, DAYS, PAYLOADS
from village_core.domain.ids import new_id
from village_core.domain.relief.payload_codec import write_payload
from village_core.domain.relief.payloads import FirstReview, ObjectionConcluded, ObjectionOutcome, Payload, Recusal
from village_core.domain.relief.steps import StepKind
from village_core.exchange.judges import Relief
from village_core.exchange.objections import Reason
from village_core.exchange.operations import Kind, Operation
from village_core.exchange.people import People, Worker, read_worker
from village_core.exchange.values import Value

HOUSEHOLD = new_id()
BROTHER = (("罗铉", "兄弟"),)
INVESTIGATED = ObjectionConcluded(new_id(), ObjectionOutcome.UNFOUNDED, ("张志强", "王建平"), "没有车")


def village(left_on: date | None = None, relatives: tuple[tuple[str, str], ...] = BROTHER) -> People:
    """王建平, whose brother 罗铉 applied, and 李琼仙 at the keyboard."""
    staff = {
        new_id(): Worker("王建平", ("支书",), combines=False, relatives=relatives, left_on=left_on),
        CLERK: Worker("李琼仙", ("文书",), combines=False, relatives=()),
    }
    return People(staff, members={HOUSEHOLD: {"罗铉", "李桂芳"}})


def values(kind: StepKind, payload: Payload | None = None, *, by: str = "李琼仙") -> dict[str, Value]:
    return {
        "case_id": CASE.bytes,
        "kind": kind.value,
        "done_on": DAYS.get(kind, date(2026, 10, 22)).isoformat(),
        "made_at": "2026-11-01T08:00:00.000Z",
        "made_by": CLERK.bytes,
        "made_by_name": by,
        "payload": write_payload(payload or PAYLOADS[kind]),
        "pack_version": "1",
        "supersedes": None,
        "reasons": "{}",
    }


def judged(people: People, kind: StepKind, payload: Payload | None = None, *, by: str = "李琼仙") -> str:
    step = Operation(1, Kind.INSERT, "relief_step", new_id(), values(kind, payload, by=by))
    objection = people.judge(step, Relief({CASE: HOUSEHOLD}), {})
    return objection.sentence if objection else ""


@pytest.mark.parametrize("kind", [StepKind.TOWNSHIP_REVIEW, StepKind.PAYMENT])
def test_a_brother_records_neither_the_approval_nor_the_payment(kind: StepKind) -> None:
    assert "王建平是罗铉的兄弟，要回避" in judged(village(), kind, by="王建平")
    assert judged(village(), kind) == ""


def test_a_brother_does_not_investigate_an_objection() -> None:
    assert "要回避" in judged(village(), StepKind.OBJECTION_CONCLUDED, INVESTIGATED)
    assert judged(village(relatives=(("罗铉", "同名"),)), StepKind.OBJECTION_CONCLUDED, INVESTIGATED) == ""


@pytest.mark.parametrize("kind", [StepKind.NOTICE_POSTED, StepKind.FOLLOW_UP, StepKind.RESULT_PUBLISHED])
def test_a_notice_he_may_post_and_a_household_he_may_visit(kind: StepKind) -> None:
    assert judged(village(), kind, by="王建平") == ""


@pytest.mark.parametrize(
    ("left_on", "held"),
    [(None, True), (date(2027, 6, 1), True), (date(2026, 10, 30), True), (date(2026, 10, 29), False)],
)
def test_whoever_leaves_after_the_day_of_the_step_was_there(left_on: date | None, held: bool) -> None:
    assert bool(judged(village(left_on), StepKind.PAYMENT, by="王建平")) is held


def test_who_stood_aside_and_took_part_all_the_same_is_held() -> None:
    payload = PAYLOADS[StepKind.FIRST_REVIEW]
    assert isinstance(payload, FirstReview)
    aside = replace(payload, recused=(Recusal("王建平", "兄弟"),), secretary="张志强", reviewers=("李明",))
    assert judged(village(), StepKind.FIRST_REVIEW, aside, by="王建平") == ""
    both = replace(aside, reviewers=("李明", "王 建平"))
    assert "要回避" in judged(village(), StepKind.FIRST_REVIEW, both)


def test_a_day_that_is_none_takes_nobody_off_the_list() -> None:
    assert read_worker({"name": "王建平", "left_on": "明年"}).left_on is None
    assert read_worker({"name": "王建平", "left_on": "2027-06-01"}).left_on == date(2027, 6, 1)


@pytest.mark.parametrize("reason", [Reason.OVER_CAP, Reason.DUPLICATE_GRANT, Reason.NO_RIGHT, Reason.RECUSAL])
@pytest.mark.parametrize("left_on", [None, date(2027, 6, 1)])
def test_no_grant_is_let_through_by_a_relative_whatever_the_question(reason: Reason, left_on: date | None) -> None:
    def asked(name: str, **more: Any) -> str:
        step = values(StepKind.VILLAGERS_RESOLUTION, **more)
        return village(left_on).why_not_decide(reason, step, decided_by=name, relief=Relief({CASE: HOUSEHOLD}))

    assert asked("王建平") == "王建平是罗铉的兄弟，要回避，请由别的人来定；没有别人有这个岗位的，请县里另给一个人。"
    assert asked("李琼仙") == ""


@pytest.mark.parametrize(
    ("recorded", "case", "reviewed", "held"),
    [
        (StepKind.VILLAGERS_RESOLUTION, CASE, None, False),
        (StepKind.TOWNSHIP_REVIEW, CASE, None, False),
        (StepKind.FIRST_REVIEW, CASE, None, True),
        (StepKind.TOWNSHIP_REVIEW, new_id(), None, True),
        (StepKind.TOWNSHIP_REVIEW, None, None, True),
        (StepKind.FIRST_REVIEW, CASE, "罗会计", False),
    ],
)
def test_a_payment_has_its_second_person_in_who_recorded_the_decision(
    recorded: StepKind, case: UUID | None, reviewed: str | None, *, held: bool
) -> None:
    payer = new_id()
    people = People({payer: Worker("杨文清", ("报账员",), combines=False, relatives=())})
    relief = Relief({CASE: HOUSEHOLD})
    relief.note_step(new_id(), values(recorded))
    paid: dict[str, Value] = {
        "kind": "normal",
        "case_id": case.bytes if case else None,
        "made_by": payer.bytes,
        "prepared_by": "杨文清",
        "reviewed_by": reviewed,
        "reverses": None,
    }
    objection = people.judge(Operation(1, Kind.INSERT, "voucher", new_id(), paid), relief, {})
    assert (objection is not None) is held
