"""四议: four meetings, each with its record, its quorum and its vote; the last one resolves the amount."""

from __future__ import annotations

from datetime import timedelta

from village_core.domain.errors import Finding
from village_core.domain.meetings.quorum import (
    Attendance,
    judge_meeting,
    judge_notice,
    judge_period_in_force,
)
from village_core.domain.meetings.rules import BODY_TITLES, MeetingBody, QuorumRule
from village_core.domain.money import format_yuan
from village_core.domain.relief.check import Check, check_recusal, positive_amount
from village_core.domain.relief.check_intake import check_no_second_grant
from village_core.domain.relief.grants import judge_pool, pool_status
from village_core.domain.relief.payloads import Meeting
from village_core.domain.relief.steps import MEETING_STEPS, STEP_TITLES


def attendance_of(meeting: Meeting) -> Attendance:
    """The counts of a meeting, for the quorum."""
    return Attendance(
        eligible=meeting.eligible,
        present=meeting.present,
        votes_for=meeting.votes_for,
        votes_against=meeting.votes_against,
        abstained=meeting.abstained,
        recused=len(meeting.recused),
    )


def check_meeting(check: Check) -> tuple[Finding, ...]:
    """CRELIEF-8 and the quorum of the body that met."""
    meeting = check.proposed.payload
    assert isinstance(meeting, Meeting)
    findings = check.required(
        "CRELIEF-8",
        ("place", meeting.place, "请填在哪里开的会。"),
        ("chair", meeting.chair, "请填谁主持。"),
        ("recorder", meeting.recorder, "请填谁记录。"),
    )
    findings += check_recusal(
        check, asked=meeting.recusal_asked, recused=meeting.recused, leader=meeting.chair, recorder=meeting.recorder
    )
    rule = check.pack.quorum.find_rule(meeting.quorum_rule)
    if rule is None or rule.body not in check.pack.bodies(MEETING_STEPS[check.proposed.kind], check.done_on):
        title = STEP_TITLES[check.proposed.kind]
        findings.append(check.finding("CRELIEF-8", f"“{title}”请选开的是哪种会。", field="rule"))
        return tuple(findings)
    return (*findings, *_check_votes(check, meeting, rule))


def _check_votes(check: Check, meeting: Meeting, rule: QuorumRule) -> list[Finding]:
    findings = [
        *judge_period_in_force(rule, check.done_on),
        *judge_notice(rule, noticed_on=meeting.noticed_on, held_on=check.done_on),
    ]
    verdict = judge_meeting(attendance_of(meeting), rule)
    if verdict.findings:
        return [*findings, *verdict.findings]
    if rule.body is MeetingBody.PARTY_MEMBERS:
        findings += _check_stricter_party_meeting(check, meeting)
    findings += _check_roster(check, meeting, rule)
    if meeting.passed and not verdict.passed:
        base = "应到" if rule.passing_of_all else "到会"
        message = (
            f"同意 {meeting.votes_for} 票，{base}人员{rule.passing.title}要 {verdict.needed_for} 票，没有通过，"
            "结论不能记“同意救助”。"
        )
        findings.append(rule.finding(message, field="passed"))
    if verdict.passed and not meeting.passed:
        message = f"同意 {meeting.votes_for} 票，已经够了，结论却是“不同意”，请核对。"
        findings.append(rule.finding(message, field="passed"))
    uncast = meeting.present - attendance_of(meeting).counted
    if uncast:
        message = f"有 {uncast} 人到会没有表决，请核对票数，确是这样请写明原因。"
        findings.append(check.finding("CRELIEF-8", message, field="votes_for", hard=False))
    return findings


def _check_roster(check: Check, meeting: Meeting, rule: QuorumRule) -> list[Finding]:
    """QUORUM-0: the body is as large as 村情 says, so that nobody gets a quorum by leaving people out."""
    known = check.facts.roster.get(rule.body)
    if known is None or known == meeting.eligible:
        return []
    message = f"应到填了 {meeting.eligible} 人，村情里{BODY_TITLES[rule.body]}是 {known} 人，请核对或写明原因。"
    return [check.finding("QUORUM-0", message, field="eligible")]


def _check_stricter_party_meeting(check: Check, meeting: Meeting) -> list[Finding]:
    """QUORUM-5, where the county switched it on."""
    rule = check.rule("QUORUM-5")
    if not rule.flag("enabled"):
        return []
    findings = []
    needed = rule.share("attendance").minimum(meeting.eligible)
    if meeting.present < needed:
        message = f"党员大会应到 {meeting.eligible} 人，本地要求到会 {needed} 人，实到 {meeting.present} 人。"
        findings.append(rule.finding(message, field="present"))
    days = rule.integer("plan_days")
    if meeting.noticed_on is None or meeting.noticed_on + timedelta(days=days) > check.done_on:
        message = f"本地要求方案提前 {days} 天发给党员，请填哪天发的。"
        findings.append(rule.finding(message, field="noticed_on"))
    return findings


def check_resolution(check: Check) -> tuple[Finding, ...]:
    """The fourth meeting also resolves how much: CRELIEF-3, 4 and 5 are asked here."""
    meeting = check.proposed.payload
    assert isinstance(meeting, Meeting)
    findings = list(check_meeting(check))
    if not meeting.passed:
        return tuple(findings)
    findings += positive_amount(check, "CRELIEF-8", meeting.amount_fen, field="amount_fen")
    findings += check_no_second_grant(check)
    if meeting.amount_fen is None or meeting.amount_fen <= 0:
        return tuple(findings)
    return (*findings, *_check_amount(check, meeting.amount_fen), *check_pool(check, meeting.amount_fen))


def _check_amount(check: Check, amount_fen: int) -> list[Finding]:
    limit = check.rule("CRELIEF-4").integer("limit_fen")
    if amount_fen <= limit:
        return []
    message = f"决定救助 {format_yuan(amount_fen)} 元，超过每户一般不超过的 {format_yuan(limit)} 元。"
    return [check.finding("CRELIEF-4", message, field="amount_fen")]


def check_pool(check: Check, amount_fen: int) -> tuple[Finding, ...]:
    """CRELIEF-5 in the year of the step."""
    year = check.done_on.year
    status = pool_status(
        year,
        check.facts.village_grants,
        net_income_fen=check.facts.net_income_fen.get(year - 1),
        pack=check.pack,
    )
    return judge_pool(status, amount_fen, check.rule("CRELIEF-5"))
