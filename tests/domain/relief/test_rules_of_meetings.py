"""CRELIEF-3, 4, 5, 8 and QUORUM-0…5 inside a case: four records, their votes, the amount and the pool."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tests.domain.relief.builder import AMOUNT, FACTS, judge, said, state_before, step
from tests.domain.relief.test_rules_of_application import pack_with
from village_core.domain.errors import Finding
from village_core.domain.meetings.rules import MeetingBody
from village_core.domain.relief.decisions import standing_findings
from village_core.domain.relief.facts import OtherCase
from village_core.domain.relief.grants import Grant
from village_core.domain.relief.payloads import Recusal
from village_core.domain.relief.state import CaseStatus
from village_core.domain.relief.steps import MEETING_STEPS, StepKind

RESOLUTION = StepKind.VILLAGERS_RESOLUTION


def resolve(**changes: Any) -> tuple[Finding, ...]:
    facts = changes.pop("facts", FACTS)
    return judge(step(RESOLUTION, **changes), facts=facts)


@pytest.mark.parametrize("kind", list(MEETING_STEPS))
def test_crelief_8_the_four_usual_meetings_pass(kind: StepKind) -> None:
    assert judge(step(kind)) == ()


@pytest.mark.parametrize("kind", list(MEETING_STEPS))
@pytest.mark.parametrize("field", ["place", "chair", "recorder"])
def test_crelief_8_each_meeting_is_a_full_record(kind: StepKind, field: str) -> None:
    (finding,) = judge(step(kind, **{field: ""}))
    assert (finding.rule_id, finding.hard, finding.field) == ("CRELIEF-8", True, field)


@pytest.mark.parametrize(
    ("kind", "quorum_rule"),
    [
        (StepKind.PARTY_PROPOSAL, "party-members"),
        (StepKind.COMMITTEES_CONSULTATION, "party-committee"),
        (StepKind.PARTY_MEMBERS_REVIEW, "delegates-2025"),
        (RESOLUTION, "party-members"),
        (RESOLUTION, "council"),
        (RESOLUTION, "no such rule"),
        (RESOLUTION, ""),
    ],
)
def test_crelief_8_each_of_the_four_is_held_by_its_own_body(kind: StepKind, quorum_rule: str) -> None:
    findings = judge(step(kind, quorum_rule=quorum_rule))
    assert [(one.rule_id, one.hard, one.field) for one in findings] == [("CRELIEF-8", True, "rule")]


def test_crelief_8_a_resolution_says_how_much() -> None:
    assert said(resolve(amount_fen=None)) == {("CRELIEF-8", True)}
    assert said(resolve(amount_fen=0)) == {("CRELIEF-8", True)}


def test_crelief_8_people_who_did_not_vote_are_explained() -> None:
    findings = resolve(votes_for=20)
    assert said(findings) == {("CRELIEF-8", False)}
    assert "有 2 人到会没有表决" in findings[0].message
    assert resolve(votes_for=20, recused=(Recusal("罗明", "弟弟"), Recusal("罗华", "堂兄"))) == ()


# QUORUM-1 … QUORUM-4 and the other regime, as steps of a case
@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        (
            StepKind.PARTY_MEMBERS_REVIEW,
            {"present": 15, "votes_for": 15, "votes_against": 0, "abstained": 0},
            "QUORUM-1",
        ),
        (StepKind.PARTY_MEMBERS_REVIEW, {"votes_for": 15, "votes_against": 6}, "QUORUM-1"),
        (StepKind.PARTY_PROPOSAL, {"present": 2, "votes_for": 2}, "QUORUM-2"),
        (RESOLUTION, {"present": 19, "votes_for": 19, "votes_against": 0, "abstained": 0}, "QUORUM-3"),
        (RESOLUTION, {"present": 20, "votes_for": 10, "votes_against": 10, "abstained": 0}, "QUORUM-3"),
        (RESOLUTION, {"present": 20, "votes_for": 19, "votes_against": 1, "abstained": 1}, "QUORUM-3"),
        (RESOLUTION, {"quorum_rule": "delegates-2018"}, "QUORUM-3"),
        (RESOLUTION, {"quorum_rule": "villagers-2025"}, "QUORUM-4"),
        (RESOLUTION, {"quorum_rule": "villagers-2025", "noticed_on": date(2026, 10, 9)}, "QUORUM-4"),
        (
            RESOLUTION,
            {"quorum_rule": "household-heads-2025", "eligible": 37, "noticed_on": date(2026, 10, 8)},
            "QUORUM-4",
        ),
        (RESOLUTION, {"quorum_rule": "collective-delegates", "votes_for": 19, "votes_against": 4}, "QUORUM-3"),
    ],
)
def test_quorum_1_2_3_4_a_vote_without_quorum_or_majority_is_refused(
    kind: StepKind, changes: dict[str, Any], expected: str
) -> None:
    assert said(judge(step(kind, **changes))) == {(expected, True)}


@pytest.mark.parametrize(
    "changes",
    [
        {"present": 20, "votes_for": 11, "votes_against": 9, "abstained": 0},
        {"quorum_rule": "villagers-2025", "eligible": 40, "noticed_on": date(2026, 10, 8)},
        {"quorum_rule": "household-heads-2025", "eligible": 36, "noticed_on": date(2026, 10, 8)},
        {"quorum_rule": "collective-delegates", "present": 20, "votes_for": 20, "votes_against": 0, "abstained": 0},
    ],
)
def test_quorum_3_4_any_of_the_bodies_may_resolve(changes: dict[str, Any]) -> None:
    assert resolve(**changes) == ()


def test_quorum_3_in_2025_the_law_of_2018_is_used() -> None:
    before = date(2025, 10, 18)
    assert said(judge(step(RESOLUTION, on=before, quorum_rule="delegates-2025"))) >= {("QUORUM-3", True)}


@pytest.mark.parametrize(
    ("votes_for", "votes_against", "passed", "refused"),
    [(12, 12, False, False), (13, 11, False, True), (12, 12, True, True), (13, 11, True, False)],
)
def test_the_conclusion_agrees_with_the_votes(votes_for: int, votes_against: int, passed: bool, refused: bool) -> None:
    findings = resolve(votes_for=votes_for, votes_against=votes_against, abstained=0, passed=passed)
    assert said(findings) == ({("QUORUM-3", True)} if refused else set())


def test_quorum_0_fewer_entitled_people_than_the_village_says_needs_a_reason() -> None:
    facts = replace(FACTS, roster={MeetingBody.DELEGATES: 36})
    findings = resolve(facts=facts)
    assert said(findings) == {("QUORUM-0", False)}
    assert standing_findings(findings, {"QUORUM-0": "有六位代表已外迁，正在补选"}) == ()
    assert resolve(facts=replace(FACTS, roster={MeetingBody.DELEGATES: 30})) == ()


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, {"noticed_on"}),
        ({"noticed_on": date(2026, 10, 12)}, set()),
        ({"noticed_on": date(2026, 10, 13)}, {"noticed_on"}),
        (
            {"noticed_on": date(2026, 10, 12), "present": 20, "votes_for": 20, "votes_against": 0, "abstained": 0},
            {"present"},
        ),
    ],
)
def test_quorum_5_the_stricter_party_meeting_is_off_until_a_county_wants_it(
    changes: dict[str, Any], fields: set[str]
) -> None:
    review = step(StepKind.PARTY_MEMBERS_REVIEW, **changes)
    assert judge(review) == ()
    findings = judge(review, pack=pack_with("QUORUM-5", enabled=True))
    assert {one.field for one in findings} == fields
    assert {one.rule_id for one in findings} <= {"QUORUM-5"}


# CRELIEF-4
@pytest.mark.parametrize(("amount", "asks"), [(499_999, False), (500_000, False), (500_001, True), (900_000, True)])
def test_crelief_4_more_than_5000_needs_a_written_reason(amount: int, asks: bool) -> None:
    findings = resolve(amount_fen=amount)
    assert said(findings) == ({("CRELIEF-4", False)} if asks else set())
    assert standing_findings(findings, {"CRELIEF-4": "两人住院，缺口很大"}) == ()


# CRELIEF-5
def pool_facts(net_income: int | None, *grants: Grant) -> Any:
    income = {} if net_income is None else {2025: net_income}
    return replace(FACTS, net_income_fen=income, village_grants=grants)


def grant(amount: int, *, resolved: date, paid: date | None = None) -> Grant:
    return Grant(UUID(int=amount), UUID(int=77), amount, resolved, paid)


SPRING = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("net_income", "grants", "asks"),
    [
        (None, (), True),  # not known: asked, with a reason
        (-1, (), True),  # a loss: the pool is 0
        (0, (), True),
        (1_333_334, (), False),  # 30 % is 400,000.20 分
        (1_333_333, (), True),  # 399,999.90 分, one 分 short
        (2_000_000, (grant(200_000, resolved=SPRING, paid=SPRING),), False),  # exactly full
        (2_000_000, (grant(200_001, resolved=SPRING, paid=SPRING),), True),
        (2_000_000, (grant(200_001, resolved=SPRING),), True),  # committed counts like paid
        (2_000_000, (grant(500_000, resolved=date(2025, 12, 1), paid=date(2025, 12, 9)),), False),
        (2_000_000, (grant(500_000, resolved=date(2025, 12, 1), paid=date(2026, 1, 9)),), True),
        (2_000_000, (grant(500_000, resolved=date(2025, 12, 1)),), True),  # still to be paid, out of this year
    ],
)
def test_crelief_5_thirty_percent_of_last_years_net_income(
    net_income: int | None, grants: tuple[Grant, ...], asks: bool
) -> None:
    assert AMOUNT == 400_000
    findings = resolve(facts=pool_facts(net_income, *grants))
    assert said(findings) == ({("CRELIEF-5", False)} if asks else set())
    assert standing_findings(findings, {"CRELIEF-5": "会议议定"}) == ()


def test_crelief_4_5_each_want_their_own_reason() -> None:
    findings = resolve(facts=pool_facts(None), amount_fen=500_001)
    assert said(standing_findings(findings, {"CRELIEF-4": "理由"})) == {("CRELIEF-5", False)}


def test_a_refusing_resolution_asks_nothing_about_money() -> None:
    findings = resolve(votes_for=1, votes_against=22, passed=False, amount_fen=None, facts=pool_facts(None))
    assert findings == ()


# CRELIEF-3 at the resolution
@pytest.mark.parametrize(
    ("other", "refused"),
    [
        (OtherCase(UUID(int=9), "2026-002", CaseStatus.OPEN, date(2026, 9, 1), date(2026, 9, 9)), True),
        (
            OtherCase(UUID(int=9), "2026-002", CaseStatus.PAID, date(2026, 9, 1), date(2026, 9, 9), date(2026, 9, 20)),
            True,
        ),
        (OtherCase(UUID(int=9), "2026-002", CaseStatus.OPEN, date(2026, 9, 1)), False),
        (OtherCase(UUID(int=9), "2026-002", CaseStatus.REFUSED, date(2026, 9, 1), date(2026, 9, 9)), False),
        (
            OtherCase(UUID(int=9), "2024-002", CaseStatus.PAID, date(2024, 9, 1), date(2024, 9, 9), date(2024, 9, 20)),
            False,
        ),
    ],
)
def test_crelief_3_a_second_grant_from_another_laptop_stops_the_resolution(other: OtherCase, refused: bool) -> None:
    findings = resolve(facts=replace(FACTS, other_cases=(other,)))
    assert said(findings) == ({("CRELIEF-3", True)} if refused else set())


def test_the_amount_resolved_is_that_of_the_fourth_meeting() -> None:
    state = state_before(StepKind.RESOLUTION_PUBLISHED)
    assert state.resolved_fen == AMOUNT
    assert state.resolved_on == date(2026, 10, 18)
