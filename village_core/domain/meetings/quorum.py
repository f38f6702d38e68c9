"""Whether a meeting may decide and what its votes amount to: integer arithmetic over one threshold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from village_core.domain.errors import Finding
from village_core.domain.meetings.rules import BODY_TITLES, QuorumRule


@dataclass(frozen=True)
class Attendance:
    """Heads counted at a meeting: 应到, 实到, 同意, 反对, 弃权, and those present who stood aside (回避)."""

    eligible: int
    present: int
    votes_for: int
    votes_against: int
    abstained: int
    recused: int = 0

    @property
    def counted(self) -> int:
        return self.votes_for + self.votes_against + self.abstained + self.recused


@dataclass(frozen=True)
class MeetingVerdict:
    """What the counts amount to. `findings` are hard; with any of them the meeting decides nothing."""

    needed_present: int
    needed_for: int
    quorate: bool
    passed: bool
    findings: tuple[Finding, ...]


def judge_meeting(attendance: Attendance, rule: QuorumRule) -> MeetingVerdict:
    """Counts that cannot be, then the quorum, then the vote. `passed` is False while a finding stands."""
    needed_present = rule.attendance.minimum(attendance.eligible) if rule.attendance else 1
    base = attendance.eligible if rule.passing_of_all else attendance.present
    needed_for = rule.passing.minimum(base)
    findings = _impossible_counts(attendance, rule)
    quorate = not findings and attendance.present >= needed_present
    if not findings and not quorate:
        share = f"，{rule.attendance.title}要到" if rule.attendance else "，要到"
        message = (
            f"{BODY_TITLES[rule.body]}应到 {attendance.eligible} 人{share} {needed_present} 人，"
            f"实到 {attendance.present} 人，人数不够，不能作决定。"
        )
        findings = (rule.finding(message, field="present"),)
    return MeetingVerdict(
        needed_present=needed_present,
        needed_for=needed_for,
        quorate=quorate,
        passed=quorate and attendance.votes_for >= needed_for,
        findings=findings,
    )


def describe_verdict(attendance: Attendance, rule: QuorumRule) -> str:
    """One sentence for the form while it is being filled in."""
    verdict = judge_meeting(attendance, rule)
    if verdict.findings:
        return verdict.findings[0].message
    base = "应到" if rule.passing_of_all else "到会"
    outcome = "通过" if verdict.passed else "没有通过"
    return (
        f"到会人数够（要 {verdict.needed_present} 人，到了 {attendance.present} 人）；"
        f"{base}人员{rule.passing.title}同意要 {verdict.needed_for} 票，同意 {attendance.votes_for} 票，{outcome}。"
    )


def judge_period_in_force(rule: QuorumRule, held_on: date) -> tuple[Finding, ...]:
    """A threshold serves only meetings held while it is in force (QUORUM-1…4: by date)."""
    if rule.in_force(held_on):
        return ()
    message = f"开会那天用不了“{rule.title}”这一条，请按开会日期另选表决规定。"
    return (rule.finding(message, field="rule"),)


def judge_notice(rule: QuorumRule, *, noticed_on: date | None, held_on: date) -> tuple[Finding, ...]:
    """The days between telling people and meeting (QUORUM-4: 提前十天通知)."""
    if rule.notice_days == 0:
        return ()
    name = BODY_TITLES[rule.body]
    if noticed_on is None:
        message = f"召开{name}要提前 {rule.notice_days} 天通知，请填哪天通知的。"
        return (rule.finding(message, field="noticed_on"),)
    if noticed_on + timedelta(days=rule.notice_days) > held_on:
        days = (held_on - noticed_on).days
        message = f"召开{name}要提前 {rule.notice_days} 天通知，现在只提前了 {days} 天。"
        return (rule.finding(message, field="noticed_on"),)
    return ()


def _impossible_counts(attendance: Attendance, rule: QuorumRule) -> tuple[Finding, ...]:
    """No finding, or the first thing that cannot be: 21 votes among 20 present."""
    counts = (
        attendance.eligible,
        attendance.present,
        attendance.votes_for,
        attendance.votes_against,
        attendance.abstained,
        attendance.recused,
    )
    if min(counts) < 0:
        return (rule.finding("人数和票数不能是负数。", field="votes_for"),)
    if attendance.eligible == 0:
        return (rule.finding("应到人数要填，不能是 0。", field="eligible"),)
    if attendance.present > attendance.eligible:
        message = f"实到 {attendance.present} 人，比应到 {attendance.eligible} 人还多，请核对签到表。"
        return (rule.finding(message, field="present"),)
    if attendance.counted > attendance.present:
        aside = f"，加上回避 {attendance.recused} 人" if attendance.recused else ""
        votes = attendance.counted - attendance.recused
        message = f"同意、反对、弃权一共 {votes} 票{aside}，比到会的 {attendance.present} 人还多，请核对票数。"
        return (rule.finding(message, field="votes_for"),)
    return ()
