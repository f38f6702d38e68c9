"""What a clerk is told: stations, the next step with what it needs and its first day, and why nothing can be done."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.domain.relief.builder import (
    DAYS,
    FACTS,
    PACK,
    ROAD,
    TODAY,
    all_papers,
    conclusion,
    records_before,
    state_before,
    step,
)
from village_core.domain.meetings.rules import MeetingBody
from village_core.domain.relief.decisions import decide_step
from village_core.domain.relief.guidance import StationStatus, next_steps, stations, waiting_reasons
from village_core.domain.relief.payloads import ObjectionOutcome
from village_core.domain.relief.state import replay
from village_core.domain.relief.steps import StepKind

DONE, NOW, LATER, FAILED = StationStatus.DONE, StationStatus.NOW, StationStatus.LATER, StationStatus.FAILED


@pytest.mark.parametrize("kind", ROAD)
def test_the_first_step_offered_is_the_one_that_carries_the_case_forward(kind: StepKind) -> None:
    first = next_steps(state_before(kind), FACTS, pack=PACK, today=TODAY)[0]
    assert first.kind is kind
    assert first.main


@pytest.mark.parametrize("kind", ROAD[1:])
def test_what_is_offered_is_not_out_of_place(kind: StepKind) -> None:
    state = state_before(kind)
    for offered in next_steps(state, FACTS, pack=PACK, today=TODAY):
        if offered.kind is StepKind.OBJECTION_CONCLUDED:
            continue
        findings = decide_step(state, step(offered.kind, number=5, on=TODAY), FACTS, pack=PACK, today=TODAY)
        assert not any(one.rule_id in ("CRELIEF-6", "CRELIEF-7") and not one.field for one in findings)


def test_an_ended_case_offers_nothing_but_a_look() -> None:
    state = replay([*records_before(StepKind.FIRST_REVIEW), step(StepKind.FIRST_REVIEW, passed=False)])
    offered = next_steps(state, FACTS, pack=PACK, today=TODAY)
    assert [one.kind for one in offered] == [StepKind.INSPECTION, StepKind.OTHER_HELP]
    (reason,) = waiting_reasons(state, FACTS, pack=PACK, today=TODAY)
    assert reason.message == "2026年10月10日“村初审”没有通过，这一件已经办结。"
    assert "任何一个环节未通过" in reason.clause


def test_a_notice_tells_when_it_may_come_down() -> None:
    state = state_before(StepKind.NOTICE_TAKEN_DOWN)
    today = date(2026, 10, 26)
    first = next_steps(state, FACTS, pack=PACK, today=today)[0]
    assert (first.kind, first.earliest) == (StepKind.NOTICE_TAKEN_DOWN, date(2026, 10, 28))
    (reason,) = waiting_reasons(state, FACTS, pack=PACK, today=today)
    assert reason.message == "公示到2026年10月27日（含）才满，还有 2 天。"
    assert reason.until == date(2026, 10, 28)
    assert waiting_reasons(state, FACTS, pack=PACK, today=date(2026, 10, 28)) == ()


def test_an_open_objection_is_why_nothing_is_paid() -> None:
    objection = step(StepKind.OBJECTION_RECEIVED)
    state = state_before(StepKind.PAYMENT, objection)
    (reason,) = waiting_reasons(state, FACTS, pack=PACK, today=TODAY)
    assert reason.message == "还有 1 条异议没有核查结论。"
    first = next_steps(state, FACTS, pack=PACK, today=TODAY)[0]
    assert first.kind is StepKind.OBJECTION_CONCLUDED
    ended = conclusion(objection, ObjectionOutcome.UNFOUNDED)
    concluded = state_before(StepKind.PAYMENT, objection, ended)
    assert next_steps(concluded, FACTS, pack=PACK, today=TODAY)[0].kind is StepKind.PAYMENT


def test_a_meeting_says_how_many_must_come() -> None:
    facts = replace(FACTS, roster={MeetingBody.DELEGATES: 30})
    needs = next_steps(state_before(StepKind.VILLAGERS_RESOLUTION), facts, pack=PACK, today=TODAY)[0].needs
    assert needs[:2] == ("村民代表会议应到 30 人，至少到 20 人", "到会人员过半数同意")


def test_the_file_says_which_papers_are_missing() -> None:
    records = records_before(StepKind.ARCHIVE)
    papers = tuple(one for one in all_papers(records) if one.kind != "bank_receipt")
    facts = replace(FACTS, papers=papers)
    first = next_steps(replay(records), facts, pack=PACK, today=TODAY)[0]
    assert first.needs == ("发放救助金：银行回单",)
    (reason,) = waiting_reasons(replay(records), facts, pack=PACK, today=TODAY)
    assert reason.message == "档案还缺：发放救助金：银行回单。"


def test_a_step_from_two_laptops_is_told() -> None:
    state = state_before(StepKind.PARTY_PROPOSAL, step(StepKind.FIRST_REVIEW, number=1))
    (reason,) = waiting_reasons(state, FACTS, pack=PACK, today=TODAY)
    assert "两台电脑" in reason.message


def test_the_timeline_of_a_running_case() -> None:
    views = stations(state_before(StepKind.NOTICE_TAKEN_DOWN))
    assert [one.status for one in views] == [DONE, DONE, DONE, DONE, NOW, LATER, LATER, LATER]
    assert (views[2].first_on, views[2].last_on) == (date(2026, 10, 12), date(2026, 10, 19))
    assert views[4].title == "公示公开"
    assert len(views[2].records) == 5


def test_the_timeline_of_a_refused_case() -> None:
    records = [*records_before(StepKind.PARTY_MEMBERS_REVIEW), step(StepKind.PARTY_MEMBERS_REVIEW, passed=False)]
    assert [one.status for one in stations(replay(records))] == [DONE, DONE, FAILED, *[LATER] * 5]


def test_the_timeline_of_an_archived_case() -> None:
    views = stations(replay([step(kind) for kind in DAYS]))
    assert {one.status for one in views} == {DONE}
