"""决议公开, 公示公开 and 实施结果公开: posted long enough, objections investigated to one of three ends."""

from __future__ import annotations

from datetime import date, timedelta

from village_core.domain.calendar import Deadline, WorkCalendar, chinese_date
from village_core.domain.errors import Finding
from village_core.domain.money import format_yuan
from village_core.domain.relief.check import Check, check_not_near
from village_core.domain.relief.payloads import (
    NoticePosted,
    NoticeTakenDown,
    ObjectionConcluded,
    ObjectionOutcome,
    ObjectionReceived,
    Publication,
)
from village_core.domain.relief.policy import PolicyPack
from village_core.domain.relief.steps import StepKind


def shortest_notice(posted_on: date, *, pack: PolicyPack, calendar: WorkCalendar) -> Deadline:
    """The first day on which a notice that was posted on a day may end, that day included."""
    rule = pack.rule("NOTICE-4", posted_on)
    return calendar.last_of_workdays(
        posted_on, rule.integer("minimum_workdays"), counts_start=rule.flag("counts_posting_day")
    )


def check_publication(check: Check) -> tuple[Finding, ...]:
    """CRELIEF-8: both publications say where they hang."""
    payload = check.proposed.payload
    assert isinstance(payload, Publication)
    findings = check.required(
        "CRELIEF-8",
        ("place", payload.place, "请填贴在哪里。"),
        ("posted_by", payload.posted_by, "请填谁贴的。"),
    )
    if payload.until is not None and payload.until < check.done_on:
        findings.append(check.finding("CRELIEF-8", "公开的截止日期早于贴出的日期。", field="until"))
    return tuple(findings)


def check_posting(check: Check) -> tuple[Finding, ...]:
    """CRELIEF-20 and NOTICE-4: object, amount, place and a period that is long enough."""
    notice = check.proposed.payload
    assert isinstance(notice, NoticePosted)
    findings = check.required(
        "CRELIEF-20",
        ("place", notice.place, "请填公示贴在哪里。"),
        ("household_name", notice.household_name, "公示要写明救助的是哪一户。"),
    )
    findings += check.required("NOTICE-4", ("posted_by", notice.posted_by, "请填谁贴的。"))
    resolved = check.state.resolved_fen
    if resolved is not None and notice.amount_fen != resolved:
        message = f"公示的金额 {format_yuan(notice.amount_fen)} 元，决议的是 {format_yuan(resolved)} 元，要一样。"
        findings.append(check.finding("CRELIEF-20", message, field="amount_fen"))
    shortest = shortest_notice(check.done_on, pack=check.pack, calendar=check.facts.calendar)
    if notice.until < shortest.day:
        days = check.rule("NOTICE-4").integer("minimum_workdays")
        note = f"（{shortest.note}）" if shortest.note else ""
        message = (
            f"公示期太短：{chinese_date(check.done_on)}贴出，不少于 {days} 个工作日，"
            f"最早到{chinese_date(shortest.day)}（含）{note}。"
        )
        findings.append(check.finding("NOTICE-4", message, field="until"))
    return tuple(findings)


def check_objection(check: Check) -> tuple[Finding, ...]:
    """CRELIEF-10: what was said is written down; a name is not asked for."""
    payload = check.proposed.payload
    assert isinstance(payload, ObjectionReceived)
    return tuple(check.required("CRELIEF-10", ("content", payload.content, "请写反映了什么问题。")))


def check_conclusion(check: Check) -> tuple[Finding, ...]:
    """CRELIEF-10: an open objection, investigated by named people, ends in one of three ways."""
    payload = check.proposed.payload
    assert isinstance(payload, ObjectionConcluded)
    objection = next((one for one in check.state.open_objections if one.id == payload.objection_id), None)
    if objection is None:
        return (check.finding("CRELIEF-10", "这条异议找不到，或者已经有结论了。"),)
    findings = check.required(
        "CRELIEF-10",
        ("investigators", "".join(payload.investigators), "请填谁去核查的。"),
        ("finding", payload.finding, "请写核查的情况。"),
    )
    findings += check_not_near(check, *payload.investigators, field="investigators")
    if check.done_on < objection.done_on:
        message = f"结论的日期不能早于收到异议（{chinese_date(objection.done_on)}）。"
        findings.append(check.finding("CRELIEF-10", message, field="done_on"))
    if payload.outcome is ObjectionOutcome.STILL_ELIGIBLE and not payload.reason.strip():
        message = "反映的问题属实，文件没有写不影响资格时怎么办，要继续办请写明理由。"
        findings.append(check.finding("CRELIEF-10", message, field="reason", hard=True))
    return tuple(findings)


def check_taking_down(check: Check) -> tuple[Finding, ...]:
    """NOTICE-4: a notice hangs until its period has ended."""
    payload = check.proposed.payload
    assert isinstance(payload, NoticeTakenDown)
    findings = check.required("NOTICE-4", ("taken_by", payload.taken_by, "请填谁取下的。"))
    posted_on, notice = check.state.done_on(StepKind.NOTICE_POSTED), check.state.notice
    if notice is None or posted_on is None:
        return tuple(findings)
    shortest = shortest_notice(posted_on, pack=check.pack, calendar=check.facts.calendar)
    last_day = max(notice.until, shortest.day)
    if check.done_on <= last_day:
        first = last_day + timedelta(days=1)
        note = f"（{shortest.note}）" if shortest.note else ""
        message = (
            f"公示到{chinese_date(last_day)}（含）才满{note}，最早{chinese_date(first)}取下。"
            "提前取下的，请重新贴出，期限重新算。"
        )
        findings.append(check.finding("NOTICE-4", message, field="done_on"))
    return tuple(findings)
