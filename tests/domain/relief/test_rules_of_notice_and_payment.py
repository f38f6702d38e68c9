"""CRELIEF-2, 10, 11, 12, 17, 19, 20, 21 and NOTICE-4: township, notice, objections, payment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tests.domain.relief.builder import AMOUNT, FACTS, conclusion, judge, said, state_before, step
from tests.domain.relief.test_rules_of_application import pack_with
from village_core.domain.errors import Finding
from village_core.domain.relief.decisions import decide_step, standing_findings
from village_core.domain.relief.facts import OtherCase
from village_core.domain.relief.payloads import ObjectionConcluded, ObjectionOutcome, PaymentMethod
from village_core.domain.relief.state import CaseStatus, replay
from village_core.domain.relief.steps import StepKind, StepRecord

OBJECTION = step(StepKind.OBJECTION_RECEIVED, on=date(2026, 10, 23))


def pay(*more: StepRecord, **changes: Any) -> tuple[Finding, ...]:
    facts = changes.pop("facts", FACTS)
    return judge(step(StepKind.PAYMENT, **changes), *more, facts=facts)


# CRELIEF-19
@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, set()),
        ({"minutes": ""}, {"minutes"}),
        ({"opinion": ""}, {"opinion"}),
        ({"approved_fen": AMOUNT - 1}, {"approved_fen"}),
        ({"approved_fen": None}, {"approved_fen"}),
        ({"amount_approved": False, "approved_fen": None}, set()),
        ({"object_approved": False, "approved_fen": None}, set()),
    ],
)
def test_crelief_19_the_townships_meeting_decides_on_object_and_amount(
    changes: dict[str, Any], fields: set[str]
) -> None:
    findings = judge(step(StepKind.TOWNSHIP_REVIEW, **changes))
    assert {one.field for one in findings} == fields
    assert said(findings) <= {("CRELIEF-19", True)}


# CRELIEF-20
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"place": ""}, {("CRELIEF-20", True)}),
        ({"household_name": " "}, {("CRELIEF-20", True)}),
        ({"amount_fen": AMOUNT + 1}, {("CRELIEF-20", True)}),
        ({"posted_by": ""}, {("NOTICE-4", True)}),
    ],
)
def test_crelief_20_the_notice_shows_object_and_amount(
    changes: dict[str, Any], expected: set[tuple[str, bool]]
) -> None:
    assert said(judge(step(StepKind.NOTICE_POSTED, **changes))) == expected


def test_crelief_20_the_resolution_is_published_before_the_township_reviews() -> None:
    state = state_before(StepKind.RESOLUTION_PUBLISHED)
    review = step(StepKind.TOWNSHIP_REVIEW)
    today = date(2026, 12, 31)
    (finding,) = decide_step(state, review, FACTS, pack=pack_with("CRELIEF-20"), today=today)
    assert finding.rule_id == "CRELIEF-6"
    assert "决议公开" in finding.message
    one_notice = pack_with("CRELIEF-20", one_notice_may_serve_twice=True)
    assert decide_step(state, review, FACTS, pack=one_notice, today=today) == ()


# NOTICE-4
@pytest.mark.parametrize(
    ("posted", "until", "long_enough"),
    [
        (date(2026, 10, 21), date(2026, 10, 27), True),
        (date(2026, 10, 21), date(2026, 10, 26), False),
        (date(2026, 10, 21), date(2026, 10, 25), False),
        (date(2026, 10, 23), date(2026, 10, 29), True),
        (date(2026, 10, 23), date(2026, 10, 28), False),
    ],
)
def test_notice_4_a_notice_hangs_five_workdays(posted: date, until: date, long_enough: bool) -> None:
    findings = judge(step(StepKind.NOTICE_POSTED, on=posted, until=until))
    assert said(findings) == (set() if long_enough else {("NOTICE-4", True)})


def test_notice_4_the_length_and_its_first_day_are_parameters() -> None:
    notice = step(StepKind.NOTICE_POSTED)
    assert said(judge(notice, pack=pack_with("NOTICE-4", minimum_workdays=7))) == {("NOTICE-4", True)}
    assert said(judge(notice, pack=pack_with("NOTICE-4", counts_posting_day=False))) == {("NOTICE-4", True)}
    assert judge(notice, pack=pack_with("NOTICE-4", minimum_workdays=3)) == ()


def test_notice_4_beyond_the_last_sure_year_the_sentence_says_so() -> None:
    posted = date(2026, 12, 30)
    (finding,) = judge(step(StepKind.NOTICE_POSTED, on=posted, until=date(2027, 1, 3)), today=date(2027, 2, 1))
    assert "按法定节假日推算，待国务院通知" in finding.message


@pytest.mark.parametrize(
    ("down", "allowed"),
    [(date(2026, 10, 26), False), (date(2026, 10, 27), False), (date(2026, 10, 28), True), (date(2026, 11, 9), True)],
)
def test_notice_4_a_notice_cut_short_is_refused(down: date, allowed: bool) -> None:
    findings = judge(step(StepKind.NOTICE_TAKEN_DOWN, on=down))
    assert said(findings) == (set() if allowed else {("NOTICE-4", True)})


def test_notice_4_who_took_it_down_is_named() -> None:
    assert said(judge(step(StepKind.NOTICE_TAKEN_DOWN, taken_by=""))) == {("NOTICE-4", True)}


# CRELIEF-10
@pytest.mark.parametrize(
    ("outcome", "reason", "expected"),
    [
        (ObjectionOutcome.UNFOUNDED, "", set()),
        (ObjectionOutcome.DISQUALIFIED, "", set()),
        (ObjectionOutcome.STILL_ELIGIBLE, "", {("CRELIEF-10", True)}),
        (ObjectionOutcome.STILL_ELIGIBLE, "车是借来的，资格不变。", set()),
    ],
)
def test_crelief_10_an_objection_has_three_ends(
    outcome: ObjectionOutcome, reason: str, expected: set[tuple[str, bool]]
) -> None:
    ended = conclusion(OBJECTION, outcome, reason=reason)
    assert said(judge(ended, OBJECTION)) == expected


@pytest.mark.parametrize(
    ("outcome", "status", "may_pay"),
    [
        (ObjectionOutcome.UNFOUNDED, CaseStatus.OPEN, True),
        (ObjectionOutcome.STILL_ELIGIBLE, CaseStatus.OPEN, True),
        (ObjectionOutcome.DISQUALIFIED, CaseStatus.REFUSED, False),
    ],
)
def test_crelief_10_what_an_end_means(outcome: ObjectionOutcome, status: CaseStatus, may_pay: bool) -> None:
    ended = conclusion(OBJECTION, outcome, reason="理由")
    state = state_before(StepKind.PAYMENT, OBJECTION, ended)
    assert state.status is status
    assert said(pay(OBJECTION, ended)) == (set() if may_pay else {("CRELIEF-7", True)})


def test_crelief_10_an_open_objection_blocks_the_payment() -> None:
    assert said(pay(OBJECTION)) == {("CRELIEF-10", True)}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"objection_id": UUID(int=5)}, ""),
        ({"investigators": ()}, "investigators"),
        ({"finding": ""}, "finding"),
    ],
)
def test_crelief_10_an_investigation_names_people_and_what_they_found(changes: dict[str, Any], field: str) -> None:
    payload = ObjectionConcluded(OBJECTION.id, ObjectionOutcome.UNFOUNDED, ("杨正华",), "去看过了。")
    ended = step(StepKind.OBJECTION_CONCLUDED, on=date(2026, 10, 26), payload=payload, **changes)
    (finding,) = judge(ended, OBJECTION)
    assert (finding.rule_id, finding.field) == ("CRELIEF-10", field)


def test_crelief_10_a_conclusion_is_not_older_than_its_objection() -> None:
    payload = ObjectionConcluded(OBJECTION.id, ObjectionOutcome.UNFOUNDED, ("杨正华",), "去看过了。")
    early = step(StepKind.OBJECTION_CONCLUDED, on=date(2026, 10, 22), payload=payload)
    assert {one.field for one in judge(early, OBJECTION)} == {"done_on"}
    assert said(judge(step(StepKind.OBJECTION_RECEIVED, content=""))) == {("CRELIEF-10", True)}


def test_crelief_10_the_payment_waits_for_the_last_conclusion() -> None:
    late = replace(conclusion(OBJECTION, ObjectionOutcome.UNFOUNDED), done_on=date(2026, 11, 3))
    assert {one.field for one in pay(OBJECTION, late)} == {"done_on"}
    assert pay(OBJECTION, late, on=date(2026, 11, 3)) == ()


# CRELIEF-11
@pytest.mark.parametrize(
    ("changes", "rule_id"),
    [
        ({"method": PaymentMethod.CASH}, "CRELIEF-11"),
        ({"payee_account": " "}, "CRELIEF-11"),
        ({"payee_bank": ""}, "CRELIEF-11"),
        ({"bank_receipt": ""}, "CRELIEF-17"),
        ({"bank_account": ""}, "CRELIEF-17"),
        ({"payee_name": "王建平"}, "CRELIEF-2"),
        ({"payee_name": ""}, "CRELIEF-2"),
        ({"amount_fen": AMOUNT - 1}, "CRELIEF-12"),
        ({"amount_fen": AMOUNT + 1}, "CRELIEF-12"),
        ({"amount_fen": 0}, "CRELIEF-12"),
        ({"still_eligible": False}, "CRELIEF-21"),
    ],
)
def test_crelief_2_11_12_17_21_a_payment_goes_once_by_bank_to_the_household_exactly(
    changes: dict[str, Any], rule_id: str
) -> None:
    assert pay() == ()
    assert said(pay(**changes)) == {(rule_id, True)}


def test_crelief_11_cash_is_refused_with_the_clause() -> None:
    (finding,) = pay(method=PaymentMethod.CASH)
    assert "不得以现金方式发放" in finding.clause
    assert finding.source == "楚贫组发〔2021〕1号 附件3 三（二）3"


def test_crelief_11_is_paid_only_once() -> None:
    state = state_before(StepKind.RESULT_PUBLISHED)
    again = step(StepKind.PAYMENT, number=1, on=date(2026, 11, 2))
    (finding,) = decide_step(state, again, FACTS, pack=pack_with("CRELIEF-11"), today=date(2026, 12, 31))
    assert (finding.rule_id, finding.hard) == ("CRELIEF-11", True)


# CRELIEF-21
def test_crelief_21_nothing_is_paid_before_the_notice_has_come_down() -> None:
    state = state_before(StepKind.NOTICE_TAKEN_DOWN)
    (finding,) = decide_step(
        state, step(StepKind.PAYMENT), FACTS, pack=pack_with("CRELIEF-21"), today=date(2026, 12, 31)
    )
    assert finding.rule_id == "CRELIEF-6"
    assert "公示期满取下" in finding.message


def test_crelief_21_nothing_is_paid_inside_a_longer_period() -> None:
    notice = step(StepKind.NOTICE_POSTED, until=date(2026, 10, 30))
    down = step(StepKind.NOTICE_TAKEN_DOWN, on=date(2026, 10, 29))  # as another laptop may have written it
    findings = judge(step(StepKind.PAYMENT, on=date(2026, 10, 30)), notice_posted=notice, notice_taken_down=down)
    assert said(findings) == {("CRELIEF-21", True)}


# CRELIEF-3 and 5 once more
def test_crelief_3_a_grant_paid_elsewhere_in_the_year_stops_the_payment() -> None:
    other = OtherCase(UUID(int=9), "2026-002", CaseStatus.PAID, date(2026, 9, 1), date(2026, 9, 9), date(2026, 9, 20))
    assert said(pay(facts=replace(FACTS, other_cases=(other,)))) == {("CRELIEF-3", True)}


def test_crelief_5_a_reason_of_the_resolution_serves_its_payment_in_the_same_year_only() -> None:
    unknown = replace(FACTS, net_income_fen={})
    with_reason = step(StepKind.VILLAGERS_RESOLUTION, reasons={"CRELIEF-5": "去年账还没结"})
    assert said(pay(facts=unknown)) == {("CRELIEF-5", False)}
    assert judge(step(StepKind.PAYMENT), facts=unknown, villagers_resolution=with_reason) == ()
    next_year = step(StepKind.PAYMENT, on=date(2027, 1, 6))
    findings = judge(next_year, facts=unknown, villagers_resolution=with_reason, today=date(2027, 2, 1))
    assert said(findings) == {("CRELIEF-5", False)}
    assert standing_findings(findings, {"CRELIEF-5": "年初没有结账"}) == ()


def test_crelief_3_what_the_county_holds_is_not_paid() -> None:
    held = replace(FACTS, held=("这一户一年内已有一笔救助，这一笔先放着，要您拿主意。",))
    assert said(pay(facts=held)) == {("CRELIEF-3", True)}


def test_payment_replays_into_a_paid_case() -> None:
    state = replay([*state_before(StepKind.PAYMENT).records, step(StepKind.PAYMENT)])
    assert (state.status, state.paid_fen, state.paid_on) == (CaseStatus.PAID, AMOUNT, date(2026, 10, 29))
