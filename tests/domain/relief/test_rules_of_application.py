"""CRELIEF-1, 2, 3, 9, 15 and 18: who may apply, once a year, on paper; the first review."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tests.domain.relief.builder import FACTS, PACK, judge, said, step
from village_core.domain.errors import Finding
from village_core.domain.relief.decisions import standing_findings
from village_core.domain.relief.facts import OtherCase
from village_core.domain.relief.payloads import Cause, CivilAffairsAnswer, Recusal
from village_core.domain.relief.policy import PolicyPack
from village_core.domain.relief.state import CaseStatus
from village_core.domain.relief.steps import StepKind

APPLIED = date(2026, 10, 8)


def apply(on: date = APPLIED, **changes: Any) -> tuple[Finding, ...]:
    return judge(step(StepKind.APPLICATION, on=on, **changes))


def test_a_usual_application_and_a_usual_review_pass() -> None:
    assert apply() == ()
    assert judge(step(StepKind.FIRST_REVIEW)) == ()


# CRELIEF-1
@pytest.mark.parametrize(
    ("kind", "on", "may_apply"),
    [
        ("脱贫不稳定户", date(2021, 2, 1), True),
        ("边缘易致贫户", date(2021, 2, 1), True),
        ("突发严重困难户", date(2021, 5, 13), False),
        ("突发严重困难户", date(2021, 5, 14), True),
        ("突发严重困难户", date(2025, 12, 31), True),
        ("防止返贫致贫对象", date(2025, 12, 31), False),
        ("防止返贫致贫对象", date(2026, 1, 1), True),
        ("边缘易致贫户", date(2026, 1, 1), True),
        ("脱贫户", date(2026, 1, 1), False),
        ("一般农户", date(2026, 1, 1), False),
        ("", date(2026, 1, 1), False),
    ],
)
def test_crelief_1_the_type_of_household_counts_on_the_day_of_application(kind: str, on: date, may_apply: bool) -> None:
    findings = apply(on, household_types=("一般农户", kind) if kind == "边缘易致贫户" else (kind,))
    assert said(findings) == (set() if may_apply else {("CRELIEF-1", True)})


def test_crelief_1_says_which_types_may_apply() -> None:
    (finding,) = apply(household_types=("一般农户",))
    assert "这一户是“一般农户”" in finding.message
    assert "防止返贫致贫对象、脱贫不稳定户、边缘易致贫户、突发严重困难户" in finding.message
    assert finding.clause.startswith("村级集体经济收入临时救助的对象")
    assert finding.source == "楚贫组发〔2021〕1号 附件3 三（二）3（待核实）"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"high_risk": False}, {("CRELIEF-1", True)}),
        ({"cause": Cause.OTHER}, {("CRELIEF-1", True)}),
        ({"cause": Cause.OTHER, "cause_text": "欠了装修款"}, set()),
        ({"cause": Cause.NATURAL_DISASTER}, set()),
    ],
)
def test_crelief_1_high_risk_is_needed_and_the_cause_is_open(
    changes: dict[str, Any], expected: set[tuple[str, bool]]
) -> None:
    assert said(apply(**changes)) == expected


def test_crelief_1_a_risk_that_the_register_calls_cleared_asks_for_a_reason() -> None:
    findings = judge(step(StepKind.APPLICATION), facts=replace(FACTS, risk_cleared=True))
    assert said(findings) == {("CRELIEF-1", False)}
    assert standing_findings(findings, {}) == findings
    assert standing_findings(findings, {"CRELIEF-1": "又病了"}) == ()


# CRELIEF-2
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("罗铉", set()),
        ("李桂芳", set()),
        ("王建平", {("CRELIEF-2", True)}),
        ("", {("CRELIEF-2", True)}),
    ],
)
def test_crelief_2_a_household_applies_through_its_own_people(name: str, expected: set[tuple[str, bool]]) -> None:
    assert said(apply(applicant_name=name)) == expected


# CRELIEF-3
def other(status: CaseStatus, applied: date, *, paid: date | None = None) -> OtherCase:
    return OtherCase(UUID(int=9), "2025-003", status, applied, resolved_on=paid, paid_on=paid)


OPEN, PAID, ARCHIVED = CaseStatus.OPEN, CaseStatus.PAID, CaseStatus.ARCHIVED
REFUSED, WITHDRAWN = CaseStatus.REFUSED, CaseStatus.WITHDRAWN


@pytest.mark.parametrize(
    ("basis", "before", "blocked"),
    [
        # an open case blocks whenever it was applied for
        ("both", other(OPEN, date(2023, 1, 5)), {True}),
        ("calendar", other(OPEN, date(2025, 12, 31)), {True}),
        # paid: eleven months ago, in last calendar year
        ("both", other(PAID, date(2025, 10, 20), paid=date(2025, 11, 20)), {True}),
        ("twelve_months", other(PAID, date(2025, 10, 20), paid=date(2025, 11, 20)), {True}),
        ("calendar", other(PAID, date(2025, 10, 20), paid=date(2025, 11, 20)), set()),
        # paid: on the very day a year ago, and a day less
        ("both", other(ARCHIVED, date(2025, 9, 1), paid=date(2025, 10, 8)), set()),
        ("both", other(ARCHIVED, date(2025, 9, 1), paid=date(2025, 10, 9)), {True}),
        # paid in this calendar year
        ("calendar", other(ARCHIVED, date(2025, 12, 1), paid=date(2026, 1, 3)), {True}),
        # applied for within the year, though received earlier in the calendar sense
        ("both", other(PAID, date(2025, 12, 1), paid=date(2025, 12, 31)), {True}),
        # a later payment, found while an old case is entered after the fact
        ("both", other(PAID, date(2026, 11, 1), paid=date(2026, 11, 30)), {True}),
        # refused or withdrawn: a written reason within the year, nothing after it
        ("both", other(REFUSED, date(2026, 3, 1)), {False}),
        ("both", other(WITHDRAWN, date(2025, 10, 9)), {False}),
        ("both", other(WITHDRAWN, date(2025, 10, 8)), set()),
        ("calendar", other(REFUSED, date(2025, 12, 31)), set()),
        ("twelve_months", other(REFUSED, date(2025, 12, 31)), {False}),
    ],
)
def test_crelief_3_once_a_year_for_a_household(basis: str, before: OtherCase, blocked: set[bool]) -> None:
    facts = replace(FACTS, other_cases=(before,))
    findings = judge(step(StepKind.APPLICATION), facts=facts, pack=pack_with("CRELIEF-3", year=basis))
    assert said(findings) == {("CRELIEF-3", hard) for hard in blocked}


def test_crelief_3_a_paid_case_speaks_louder_than_a_refused_one() -> None:
    cases = (other(REFUSED, date(2026, 3, 1)), other(PAID, date(2026, 4, 1), paid=date(2026, 5, 1)))
    findings = judge(step(StepKind.APPLICATION), facts=replace(FACTS, other_cases=cases))
    assert said(findings) == {("CRELIEF-3", True)}
    assert "2026年5月1日已领过救助" in findings[0].message


def pack_with(rule_id: str, **parameters: object) -> PolicyPack:
    rules = tuple(
        replace(rule, parameters={**rule.parameters, **parameters}) if rule.id == rule_id else rule
        for rule in PACK.rules
    )
    return replace(PACK, rules=rules)


# CRELIEF-9
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"written": False}, "written"),
        ({"reason": "  "}, "reason"),
        ({"materials": ()}, "materials"),
        ({"materials": ("",)}, "materials"),
    ],
)
def test_crelief_9_an_application_is_written_with_reason_and_proof(changes: dict[str, Any], field: str) -> None:
    (finding,) = apply(**changes)
    assert (finding.rule_id, finding.hard, finding.field) == ("CRELIEF-9", True, field)


# CRELIEF-15
@pytest.mark.parametrize(
    ("answer", "note", "expected"),
    [
        (None, "", {("CRELIEF-15", True)}),
        (CivilAffairsAnswer.NOT_ELIGIBLE, "", set()),
        (CivilAffairsAnswer.NOT_APPLIED, "", {("CRELIEF-15", True)}),
        (CivilAffairsAnswer.PENDING, "", {("CRELIEF-15", False)}),
        (CivilAffairsAnswer.REFUSED, "", {("CRELIEF-15", True)}),
        (CivilAffairsAnswer.REFUSED, "收入超了，没有批。", set()),
        (CivilAffairsAnswer.NOT_ENOUGH, "领了 600 元临时救助。", set()),
    ],
)
def test_crelief_15_civil_affairs_are_asked_first(
    answer: CivilAffairsAnswer | None, note: str, expected: set[tuple[str, bool]]
) -> None:
    findings = judge(step(StepKind.FIRST_REVIEW, civil_affairs=answer, civil_affairs_note=note))
    assert said(findings) == expected


def test_crelief_15_a_review_that_sends_the_household_to_civil_affairs_may_end_the_case() -> None:
    review = step(StepKind.FIRST_REVIEW, passed=False, civil_affairs=CivilAffairsAnswer.NOT_APPLIED)
    assert judge(review) == ()


# CRELIEF-18
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"secretary": ""}, "secretary"),
        ({"reviewers": ()}, "reviewers"),
        ({"visit_finding": ""}, "visit_finding"),
        ({"opinion": ""}, "opinion"),
        ({"visited_on": None}, "visited_on"),
        ({"visited_on": date(2026, 10, 7)}, "visited_on"),
        ({"visited_on": date(2026, 10, 11)}, "visited_on"),
    ],
)
def test_crelief_18_the_review_names_people_a_visit_and_an_opinion(changes: dict[str, Any], field: str) -> None:
    (finding,) = judge(step(StepKind.FIRST_REVIEW, **changes))
    assert (finding.rule_id, finding.hard, finding.field) == ("CRELIEF-18", True, field)


# RECUSAL-1
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"recusal_asked": False}, {("RECUSAL-1", True)}),
        ({"recused": (Recusal("罗明", ""),)}, {("RECUSAL-1", True)}),
        ({"recused": (Recusal("罗明", "户主的弟弟"),)}, set()),
        ({"recused": (Recusal("王建平", "户主的舅舅"),)}, {("RECUSAL-1", True)}),
    ],
)
def test_recusal_1_relatives_stand_aside_and_do_not_lead(
    changes: dict[str, Any], expected: set[tuple[str, bool]]
) -> None:
    assert said(judge(step(StepKind.FIRST_REVIEW, **changes))) == expected
