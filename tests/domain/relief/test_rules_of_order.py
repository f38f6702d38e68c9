"""CRELIEF-6, 7, 13, 14, 16, 22, 23, dates, corrections and withdrawal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.domain.relief.builder import (
    DAYS,
    FACTS,
    PACK,
    ROAD,
    TODAY,
    all_papers,
    conclusion,
    judge,
    records_before,
    said,
    state_before,
    step,
)
from village_core.domain.relief.check_archive import missing_papers
from village_core.domain.relief.decisions import decide_step, judge_place
from village_core.domain.relief.facts import OtherCase
from village_core.domain.relief.guidance import judge_public_spending
from village_core.domain.relief.payloads import ObjectionOutcome, UseOfMoney
from village_core.domain.relief.state import CaseStatus, replay
from village_core.domain.relief.steps import CORRECTION_REASON, PREDECESSORS, StepKind, StepRecord

ARCHIVE_FACTS = replace(FACTS, papers=all_papers(records_before(StepKind.ARCHIVE)))
WHY = {CORRECTION_REASON: "打错了字"}


def test_crelief_6_the_whole_road_can_be_walked() -> None:
    records: list[StepRecord] = []
    for kind in ROAD:
        proposed = step(kind)
        assert decide_step(replay(records), proposed, ARCHIVE_FACTS, pack=PACK, today=TODAY) == (), kind
        records.append(proposed)
    assert replay(records).status is CaseStatus.ARCHIVED


@pytest.mark.parametrize("done", range(len(ROAD)))
def test_crelief_6_no_step_is_done_before_those_that_come_before_it(done: int) -> None:
    state = replay([step(kind) for kind in ROAD[:done]])
    for kind in ROAD[done + 1 :]:
        if all(state.has(before) for before in PREDECESSORS[kind]):
            continue  # a visit need not wait for the publication of the result
        findings = decide_step(state, step(kind), ARCHIVE_FACTS, pack=PACK, today=TODAY)
        assert said(findings) == {("CRELIEF-6", True)}, kind


@pytest.mark.parametrize("kind", [kind for kind in ROAD if kind not in (StepKind.FOLLOW_UP, StepKind.PAYMENT)])
def test_crelief_6_a_step_is_done_once(kind: StepKind) -> None:
    state = replay([*records_before(kind), step(kind)])
    findings = decide_step(state, step(kind, number=1), ARCHIVE_FACTS, pack=PACK, today=TODAY)
    assert said(findings) == {("CRELIEF-14" if kind is StepKind.ARCHIVE else "CRELIEF-6", True)}


@pytest.mark.parametrize(("before", "kind"), [pair for pair in pairwise(ROAD) if pair[1] is not StepKind.FOLLOW_UP])
def test_crelief_6_a_step_may_be_on_the_day_of_the_one_before_it_but_not_earlier(
    before: StepKind, kind: StepKind
) -> None:
    day = DAYS[before]
    visit = {"visited_on": day} if kind is StepKind.FIRST_REVIEW else {}
    early = judge(step(kind, on=day - timedelta(days=1), **visit), facts=ARCHIVE_FACTS)
    assert any((one.rule_id, one.field) == ("CRELIEF-6", "done_on") for one in early)
    same = judge(step(kind, on=day, **visit), facts=ARCHIVE_FACTS)
    assert not any(one.rule_id == "CRELIEF-6" for one in same)


def test_crelief_6_no_step_lies_in_the_future_or_before_the_document() -> None:
    tomorrow = judge(step(StepKind.APPLICATION, on=date(2026, 10, 8)), today=date(2026, 10, 7))
    assert [(one.rule_id, one.field) for one in tomorrow] == [("CRELIEF-6", "done_on")]
    ancient = judge(step(StepKind.APPLICATION, on=date(2021, 1, 18)))
    assert [(one.rule_id, one.field) for one in ancient] == [("CRELIEF-6", "done_on")]


# CRELIEF-7
REFUSING: list[tuple[StepKind, dict[str, Any]]] = [
    (StepKind.FIRST_REVIEW, {"passed": False}),
    (StepKind.PARTY_PROPOSAL, {"passed": False, "votes_for": 1, "votes_against": 3}),
    (StepKind.COMMITTEES_CONSULTATION, {"passed": False, "votes_for": 1, "votes_against": 5}),
    (StepKind.PARTY_MEMBERS_REVIEW, {"passed": False, "votes_for": 15, "votes_against": 6}),
    (StepKind.VILLAGERS_RESOLUTION, {"passed": False, "votes_for": 1, "votes_against": 22, "amount_fen": None}),
    (StepKind.TOWNSHIP_REVIEW, {"object_approved": False, "approved_fen": None}),
    (StepKind.TOWNSHIP_REVIEW, {"amount_approved": False, "approved_fen": None}),
]


@pytest.mark.parametrize(("kind", "changes"), REFUSING)
def test_crelief_7_a_step_that_does_not_pass_ends_the_case(kind: StepKind, changes: dict[str, Any]) -> None:
    refusing = step(kind, **changes)
    assert judge(refusing) == ()
    state = replay([*records_before(kind), refusing])
    assert state.status is CaseStatus.REFUSED
    for later in ROAD[ROAD.index(kind) + 1 :]:
        findings = decide_step(state, step(later), ARCHIVE_FACTS, pack=PACK, today=TODAY)
        assert said(findings) == {("CRELIEF-7", True)}
    assert "没有通过" in findings[0].message


# CRELIEF-13
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"visitors": ()}, "visitors"),
        ({"finding": ""}, "finding"),
        ({"use": UseOfMoney.OTHER}, "advice"),
    ],
)
def test_crelief_13_a_visit_says_who_went_and_what_the_money_did(changes: dict[str, Any], field: str) -> None:
    (finding,) = judge(step(StepKind.FOLLOW_UP, **changes))
    assert (finding.rule_id, finding.hard, finding.field) == ("CRELIEF-13", True, field)


def test_crelief_13_nothing_is_archived_before_a_visit() -> None:
    state = state_before(StepKind.FOLLOW_UP)
    findings = decide_step(state, step(StepKind.ARCHIVE), ARCHIVE_FACTS, pack=PACK, today=TODAY)
    assert said(findings) == {("CRELIEF-6", True)}
    assert "跟踪问效" in findings[0].message


def test_crelief_13_money_not_used_yet_wants_another_visit_or_a_reason() -> None:
    visit = step(StepKind.FOLLOW_UP, use=UseOfMoney.NOT_YET)
    assert said(judge(step(StepKind.ARCHIVE), facts=ARCHIVE_FACTS, follow_up=visit)) == {("CRELIEF-13", False)}
    again = step(StepKind.FOLLOW_UP, number=1, on=date(2026, 11, 21))
    assert judge(step(StepKind.ARCHIVE), again, facts=ARCHIVE_FACTS, follow_up=visit) == ()


# CRELIEF-14
def test_crelief_14_a_file_with_a_missing_paper_is_not_archived() -> None:
    for paper in ARCHIVE_FACTS.papers:
        papers = tuple(one for one in ARCHIVE_FACTS.papers if one != paper)
        findings = judge(step(StepKind.ARCHIVE), facts=replace(FACTS, papers=papers))
        assert said(findings) == {("CRELIEF-14", True)}
        assert "档案还缺 1 样" in findings[0].message


def test_crelief_14_no_video_is_ever_asked_for() -> None:
    papers = {missing.kind for missing in missing_papers(state_before(StepKind.ARCHIVE), FACTS, pack=PACK, on=TODAY)}
    assert "video" not in papers
    assert papers == {
        "application",
        "home_visit",
        "minutes",
        "sign_in",
        "notice_near",
        "township_opinion",
        "bank_receipt",
    }


def test_crelief_14_a_scan_of_a_corrected_step_stays_in_the_file() -> None:
    first = step(StepKind.APPLICATION)
    second = step(StepKind.APPLICATION, number=1, supersedes=first.id, reasons=WHY)
    third = step(StepKind.APPLICATION, number=2, supersedes=second.id, reasons=WHY)
    facts = replace(FACTS, papers=all_papers([first]))
    assert missing_papers(replay([first, second, third]), facts, pack=PACK, on=TODAY) == ()


def test_crelief_14_the_keeper_is_named_and_the_file_then_closed() -> None:
    assert said(judge(step(StepKind.ARCHIVE, keeper=""), facts=ARCHIVE_FACTS)) == {("CRELIEF-14", True)}
    state = replay([*records_before(StepKind.ARCHIVE), step(StepKind.ARCHIVE)])
    late = step(StepKind.FOLLOW_UP, number=1, on=date(2026, 11, 25))
    assert said(decide_step(state, late, FACTS, pack=PACK, today=TODAY)) == {("CRELIEF-14", True)}


# CRELIEF-16
@pytest.mark.parametrize("done", range(1, len(ROAD) + 1))
def test_crelief_16_supervisors_may_look_at_any_time(done: int) -> None:
    state = replay([step(kind) for kind in ROAD[:done]])
    look = step(StepKind.INSPECTION, on=date(2026, 11, 30))
    assert decide_step(state, look, FACTS, pack=PACK, today=TODAY) == ()


@pytest.mark.parametrize("field", ["by_whom", "capacity"])
def test_crelief_16_who_looked_is_named(field: str) -> None:
    assert said(judge(step(StepKind.INSPECTION, **{field: ""}))) == {("CRELIEF-16", True)}


# CRELIEF-22
@pytest.mark.parametrize(("open_cases", "asks"), [(0, False), (1, True), (7, True)])
def test_crelief_22_public_works_wait_for_relief_or_say_why(open_cases: int, asks: bool) -> None:
    findings = judge_public_spending(open_cases, pack=PACK, on=TODAY)
    assert said(findings) == ({("CRELIEF-22", False)} if asks else set())


# CRELIEF-23
def test_crelief_23_other_help_is_recorded_for_the_household_at_any_time() -> None:
    help_given = step(StepKind.OTHER_HELP, on=date(2026, 12, 1))
    refused = replay([step(StepKind.APPLICATION), step(StepKind.FIRST_REVIEW, passed=False)])
    archived = replay([*records_before(StepKind.ARCHIVE), step(StepKind.ARCHIVE)])
    for state in (refused, archived, state_before(StepKind.TOWNSHIP_REVIEW)):
        assert decide_step(state, help_given, FACTS, pack=PACK, today=TODAY) == ()
        again = replay([*state.records, help_given])
        assert again.status is state.status
        assert decide_step(again, replace(help_given, id=state.records[0].id), FACTS, pack=PACK, today=TODAY) == ()
    assert said(judge(step(StepKind.OTHER_HELP, content=" "))) == {("CRELIEF-23", True)}


# CORRECTION-1
@pytest.mark.parametrize("kind", [kind for kind in ROAD if kind is not StepKind.ARCHIVE])
def test_correction_1_a_step_can_be_corrected_with_a_reason_until_the_next_is_done(kind: StepKind) -> None:
    first = step(kind)
    fixed = step(kind, number=1, supersedes=first.id, reasons=WHY)
    state = replay([*records_before(kind), first])
    assert decide_step(state, fixed, ARCHIVE_FACTS, pack=PACK, today=TODAY) == ()
    silent = replace(fixed, reasons={})
    assert said(decide_step(state, silent, ARCHIVE_FACTS, pack=PACK, today=TODAY)) == {("CORRECTION-1", True)}
    following = ROAD[ROAD.index(kind) + 1]
    if kind is StepKind.RESULT_PUBLISHED:
        following = StepKind.ARCHIVE
    later = replay([*records_before(following), step(following)])
    assert said(decide_step(later, fixed, ARCHIVE_FACTS, pack=PACK, today=TODAY)) == {("CORRECTION-1", True)}


def test_correction_1_is_judged_like_the_step_itself() -> None:
    first = step(StepKind.NOTICE_POSTED)
    fixed = step(StepKind.NOTICE_POSTED, number=1, supersedes=first.id, reasons=WHY, until=date(2026, 10, 26))
    state = replay([*records_before(StepKind.NOTICE_POSTED), first])
    assert said(decide_step(state, fixed, FACTS, pack=PACK, today=TODAY)) == {("NOTICE-4", True)}


def test_correction_1_a_refusal_typed_by_mistake_can_be_taken_back() -> None:
    refused = step(StepKind.FIRST_REVIEW, passed=False)
    fixed = step(StepKind.FIRST_REVIEW, number=1, supersedes=refused.id, reasons=WHY)
    state = replay([step(StepKind.APPLICATION), refused])
    assert decide_step(state, fixed, FACTS, pack=PACK, today=TODAY) == ()
    assert replay([*state.records, fixed]).status is CaseStatus.OPEN


def test_correction_1_a_refused_case_does_not_revive_beside_a_new_one() -> None:
    refused = step(StepKind.FIRST_REVIEW, passed=False)
    fixed = step(StepKind.FIRST_REVIEW, number=1, supersedes=refused.id, reasons=WHY)
    other = OtherCase(refused.case_id, "2026-018", CaseStatus.OPEN, date(2026, 11, 1))
    facts = replace(FACTS, other_cases=(other,))
    findings = decide_step(replay([step(StepKind.APPLICATION), refused]), fixed, facts, pack=PACK, today=TODAY)
    assert said(findings) == {("CRELIEF-3", True)}


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"bank_receipt": "2026102900018"}, False),
        ({"payee_bank": "永仁农商行"}, False),
        ({"on": date(2026, 10, 30)}, True),
        ({"bank_account": "10202"}, True),
    ],
)
def test_correction_1_what_stands_in_the_voucher_is_not_corrected_here(changes: dict[str, Any], refused: bool) -> None:
    paid = step(StepKind.PAYMENT)
    fixed = step(StepKind.PAYMENT, number=1, supersedes=paid.id, reasons=WHY, **changes)
    state = replay([*records_before(StepKind.PAYMENT), paid])
    findings = decide_step(state, fixed, FACTS, pack=PACK, today=TODAY)
    assert said(findings) == ({("CORRECTION-1", True)} if refused else set())


def test_correction_1_after_the_voucher_was_taken_back_the_payment_can_be_booked_anew() -> None:
    paid = step(StepKind.PAYMENT)
    fixed = step(StepKind.PAYMENT, number=1, supersedes=paid.id, reasons=WHY, on=date(2026, 10, 30))
    state = replay([*records_before(StepKind.PAYMENT), paid])
    reversed_facts = replace(FACTS, payment_reversed=True)
    assert decide_step(state, fixed, reversed_facts, pack=PACK, today=TODAY) == ()


def test_crelief_17_a_case_whose_voucher_was_taken_back_is_not_archived() -> None:
    facts = replace(ARCHIVE_FACTS, payment_reversed=True)
    assert said(judge(step(StepKind.ARCHIVE), facts=facts)) == {("CRELIEF-17", True)}


def test_correction_1_nothing_is_corrected_that_is_not_there() -> None:
    first = step(StepKind.APPLICATION)
    wrong_kind = step(StepKind.FIRST_REVIEW, supersedes=first.id, reasons=WHY)
    assert said(decide_step(replay([first]), wrong_kind, FACTS, pack=PACK, today=TODAY)) == {("CORRECTION-1", True)}


def test_correction_1_an_objection_is_fixed_once_it_was_concluded() -> None:
    objection = step(StepKind.OBJECTION_RECEIVED)
    fixed = step(StepKind.OBJECTION_RECEIVED, number=1, supersedes=objection.id, reasons=WHY)
    assert judge(fixed, objection) == ()
    ended = conclusion(objection, ObjectionOutcome.UNFOUNDED)
    assert said(judge(fixed, objection, ended)) == {("CORRECTION-1", True)}


# withdrawal
@pytest.mark.parametrize("done", range(1, ROAD.index(StepKind.PAYMENT) + 1))
def test_a_household_may_withdraw_until_it_is_paid(done: int) -> None:
    records = [step(kind) for kind in ROAD[:done]]
    withdrawal = step(StepKind.WITHDRAWAL, on=date(2026, 11, 30))
    assert decide_step(replay(records), withdrawal, FACTS, pack=PACK, today=TODAY) == ()
    state = replay([*records, withdrawal])
    assert state.status is CaseStatus.WITHDRAWN
    next_one = step(ROAD[done], on=date(2026, 12, 1))
    assert said(decide_step(state, next_one, FACTS, pack=PACK, today=TODAY)) == {("CRELIEF-7", True)}


def test_nothing_is_withdrawn_after_the_payment() -> None:
    state = state_before(StepKind.RESULT_PUBLISHED)
    withdrawal = step(StepKind.WITHDRAWAL, on=date(2026, 11, 30))
    assert said(decide_step(state, withdrawal, FACTS, pack=PACK, today=TODAY)) == {("CRELIEF-6", True)}


def test_a_withdrawal_says_who_and_why_and_is_final() -> None:
    findings = judge(step(StepKind.WITHDRAWAL, by_whom="", reason=""))
    assert {one.field for one in findings} == {"by_whom", "reason"}
    first = step(StepKind.WITHDRAWAL)
    again = step(StepKind.WITHDRAWAL, number=1, supersedes=first.id, reasons=WHY)
    state = replay([step(StepKind.APPLICATION), first])
    assert said(decide_step(state, again, FACTS, pack=PACK, today=TODAY)) == {("CORRECTION-1", True)}


# what the county asks of a step that arrives late
def test_a_late_step_of_an_ended_case_has_no_place() -> None:
    refused = step(StepKind.FIRST_REVIEW, passed=False)
    state = replay([step(StepKind.APPLICATION), refused])
    assert said(judge_place(state, step(StepKind.PARTY_PROPOSAL), pack=PACK)) == {("CRELIEF-7", True)}


def test_a_late_correction_of_a_step_that_was_built_on_has_no_place() -> None:
    first = step(StepKind.APPLICATION)
    fixed = step(StepKind.APPLICATION, number=1, supersedes=first.id, reasons=WHY)
    assert judge_place(replay([first]), fixed, pack=PACK) == ()
    later = replay([first, step(StepKind.FIRST_REVIEW)])
    assert said(judge_place(later, fixed, pack=PACK)) == {("CORRECTION-1", True)}
