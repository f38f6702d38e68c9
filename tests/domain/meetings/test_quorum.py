"""QUORUM-1…4: who must come and how many must agree, with integers and at the edge."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from village_core.domain.meetings.quorum import (
    Attendance,
    describe_verdict,
    judge_meeting,
    judge_notice,
    judge_period_in_force,
)
from village_core.domain.meetings.rules import MeetingBody, QuorumRule, Share, load_quorum_rules
from village_core.resources import read_json

RULES = load_quorum_rules(read_json("policies", "collective_relief_2021.json")["meetings"])


def rule(rule_id: str) -> QuorumRule:
    found = RULES.find_rule(rule_id)
    assert found is not None
    return found


def counts(eligible: int, present: int, votes_for: int) -> Attendance:
    return Attendance(eligible, present, votes_for, votes_against=max(present - votes_for, 0), abstained=0)


TABLE = [
    # threshold, eligible, present, for, quorate, passed
    ("party-members", 30, 15, 15, True, False),  # QUORUM-1: half may meet, but cannot pass anything
    ("party-members", 30, 14, 14, False, False),
    ("party-members", 30, 16, 16, True, True),
    ("party-members", 30, 16, 15, True, False),
    ("party-members", 31, 16, 16, True, True),
    ("party-members", 31, 15, 15, False, False),
    ("party-members", 31, 31, 15, True, False),
    ("party-committee", 5, 3, 2, True, True),  # QUORUM-2
    ("party-committee", 5, 2, 2, False, False),
    ("party-committee", 4, 2, 1, True, False),
    ("party-committee", 4, 2, 2, True, True),
    ("delegates-2018", 30, 20, 11, True, True),  # QUORUM-3
    ("delegates-2018", 30, 20, 10, True, False),
    ("delegates-2018", 30, 19, 19, False, False),
    ("delegates-2025", 31, 21, 11, True, True),
    ("delegates-2025", 31, 20, 20, False, False),
    ("delegates-2025", 32, 22, 12, True, True),
    ("delegates-2025", 32, 21, 21, False, False),
    ("villagers-2018", 600, 301, 151, True, True),  # QUORUM-4
    ("villagers-2018", 600, 300, 300, False, False),
    ("villagers-2018", 600, 301, 150, True, False),
    ("household-heads-2025", 240, 160, 81, True, True),
    ("household-heads-2025", 240, 159, 159, False, False),
    ("household-heads-2025", 241, 160, 160, False, False),
    ("collective-delegates", 30, 20, 20, True, True),  # the other regime: of all
    ("collective-delegates", 30, 30, 19, True, False),
    ("collective-delegates", 31, 31, 20, True, False),
    ("collective-delegates", 31, 31, 21, True, True),
    ("collective-members", 90, 60, 60, True, True),
    ("collective-members", 90, 59, 59, False, False),
    ("collective-members", 90, 90, 59, True, False),
    ("council", 5, 4, 3, True, True),
    ("council", 5, 3, 3, False, False),
    ("council", 5, 4, 2, True, False),
    ("two-committees", 7, 4, 3, True, True),
    ("two-committees", 8, 4, 4, False, False),
]


@pytest.mark.parametrize(("rule_id", "eligible", "present", "votes_for", "quorate", "passed"), TABLE)
def test_a_meeting_meets_and_decides(
    rule_id: str, eligible: int, present: int, votes_for: int, quorate: bool, passed: bool
) -> None:
    verdict = judge_meeting(counts(eligible, present, votes_for), rule(rule_id))
    assert verdict.quorate is quorate
    assert verdict.passed is passed
    assert bool(verdict.findings) is not quorate


@pytest.mark.parametrize(
    ("attendance", "words"),
    [
        (Attendance(30, 20, 19, 1, 1), "一共 21 票，比到会的 20 人还多"),
        (Attendance(30, 20, 18, 1, 1, recused=1), "加上回避 1 人"),
        (Attendance(30, 31, 20, 0, 0), "比应到 30 人还多"),
        (Attendance(0, 0, 0, 0, 0), "不能是 0"),
        (Attendance(30, 20, -1, 0, 0), "负数"),
    ],
)
def test_counts_that_cannot_be_are_refused(attendance: Attendance, words: str) -> None:
    verdict = judge_meeting(attendance, rule("delegates-2025"))
    assert not verdict.passed
    assert not verdict.quorate
    (finding,) = verdict.findings
    assert finding.hard
    assert words in finding.message
    assert finding.rule_id == "QUORUM-3"


@given(
    st.sampled_from([Share(1, 2, False), Share(1, 2, True), Share(2, 3, False), Share(2, 3, True)]),
    st.integers(0, 10_000),
)
def test_a_minimum_is_the_smallest_number_that_satisfies_its_share(share: Share, whole: int) -> None:
    def satisfies(heads: int) -> bool:
        left, right = heads * share.denominator, whole * share.numerator
        return left > right if share.strict else left >= right

    least = share.minimum(whole)
    assert satisfies(least)
    assert least == 0 or not satisfies(least - 1)


@pytest.mark.parametrize(
    ("held_on", "usable"),
    [
        (date(2025, 12, 31), {"delegates-2018", "villagers-2018", "household-heads-2018"}),
        (date(2026, 1, 1), {"delegates-2025", "villagers-2025", "household-heads-2025"}),
    ],
)
def test_the_law_is_chosen_by_the_day_of_the_meeting(held_on: date, usable: set[str]) -> None:
    bodies = (MeetingBody.DELEGATES, MeetingBody.VILLAGERS, MeetingBody.HOUSEHOLD_HEADS)
    assert {one.id for one in RULES.list_for(bodies, held_on)} == usable


def test_a_threshold_outside_its_period_is_refused() -> None:
    assert not judge_period_in_force(rule("delegates-2018"), date(2025, 12, 31))
    (finding,) = judge_period_in_force(rule("delegates-2018"), date(2026, 1, 1))
    assert finding.hard
    assert finding.field == "rule"
    assert judge_period_in_force(rule("collective-delegates"), date(2025, 4, 30))
    assert not judge_period_in_force(rule("collective-delegates"), date(2025, 5, 1))


def test_a_law_amended_without_known_numbers_is_cited_without_an_article() -> None:
    finding = rule("delegates-2025").finding("说明")
    assert finding.source == "《中华人民共和国村民委员会组织法》（2025年修正）（待核实）"
    assert "条" not in finding.source
    assert rule("delegates-2018").finding("说明").source.endswith("第二十六条")


@pytest.mark.parametrize(
    ("noticed_on", "enough"),
    [(None, False), (date(2026, 10, 9), False), (date(2026, 10, 8), True), (date(2026, 9, 1), True)],
)
def test_a_villagers_assembly_is_called_ten_days_before(noticed_on: date | None, enough: bool) -> None:
    findings = judge_notice(rule("villagers-2025"), noticed_on=noticed_on, held_on=date(2026, 10, 18))
    assert bool(findings) is not enough
    assert not judge_notice(rule("delegates-2025"), noticed_on=None, held_on=date(2026, 10, 18))


def test_the_verdict_is_a_sentence() -> None:
    sentence = describe_verdict(Attendance(30, 24, 22, 1, 1), rule("delegates-2025"))
    assert sentence == "到会人数够（要 20 人，到了 24 人）；到会人员过半数同意要 13 票，同意 22 票，通过。"
    assert "没有通过" in describe_verdict(Attendance(30, 30, 19, 11, 0), rule("collective-delegates"))


@pytest.mark.parametrize(
    "share", [["at_least", 0, 2], ["at_least", 3, 2], ["most", 1, 2], ["at_least", 1], "1/2", ["at_least", 0.5, 1]]
)
def test_a_malformed_threshold_is_refused(share: object) -> None:
    entry = dict(read_json("policies", "collective_relief_2021.json")["meetings"][0], passing=share)
    with pytest.raises((ValueError, KeyError)):
        load_quorum_rules([entry])
