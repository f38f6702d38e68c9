"""What the case page says of each step: one line for the timeline and the list, names and values for the sheet."""

from __future__ import annotations

from datetime import date
from functools import singledispatch

from village_core.domain.calendar import chinese_date
from village_core.domain.masking import mask_account
from village_core.domain.meetings.quorum import describe_verdict
from village_core.domain.meetings.rules import BODY_TITLES, REGIME_TITLES
from village_core.domain.money import capital_yuan, format_yuan
from village_core.domain.relief.check_meetings import attendance_of
from village_core.domain.relief.payloads import (
    CAUSE_TITLES,
    CIVIL_AFFAIRS_TITLES,
    OBJECTION_TITLES,
    OTHER_HELP_TITLES,
    USE_TITLES,
    Application,
    Archive,
    FirstReview,
    FollowUp,
    Inspection,
    Meeting,
    NoticePosted,
    NoticeTakenDown,
    ObjectionConcluded,
    ObjectionReceived,
    OtherHelp,
    Payload,
    Payment,
    Publication,
    Recusal,
    TownshipReview,
    Withdrawal,
)
from village_core.domain.relief.policy import PolicyPack
from village_core.domain.relief.steps import CORRECTION_REASON, StepRecord

Facts = list[tuple[str, str]]


def short_date(day: date) -> str:
    """`10月8日`."""
    return f"{day.month}月{day.day}日"


def day_span(first: date, last: date) -> str:
    """`10月8日`, `10月12–19日`, `10月28日–11月3日`."""
    if first == last:
        return short_date(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.month}月{first.day}–{last.day}日"
    return f"{short_date(first)}–{short_date(last)}"


def yuan(fen: int | None) -> str:
    """`¥ 4,000.00`; empty where there is no amount."""
    return "" if fen is None else f"¥ {format_yuan(fen)}"


def summary_of(record: StepRecord) -> str:
    """What the timeline says below the date."""
    return _summary(record.payload) or record.actor_name


def facts_of(record: StepRecord, pack: PolicyPack) -> Facts:
    """All that a step says, the reasons of its soft rules included."""
    said = _meeting_facts(record.payload, pack) if isinstance(record.payload, Meeting) else _facts(record.payload)
    facts = [("日期", chinese_date(record.done_on)), *said]
    for rule_id, reason in sorted(record.reasons.items()):
        label = "更正原因" if rule_id == CORRECTION_REASON else "写明的理由"
        facts.append((label, reason))
    facts.append(("记录人", record.actor_name))
    return [(name, value) for name, value in facts if value]


@singledispatch
def _summary(payload: Payload) -> str:
    raise TypeError(f"no words for a {type(payload).__name__}")


@singledispatch
def _facts(payload: Payload) -> Facts:
    raise TypeError(f"no words for a {type(payload).__name__}")


@_summary.register
def _(payload: Application) -> str:
    return payload.applicant_name


@_facts.register
def _(payload: Application) -> Facts:
    cause = CAUSE_TITLES[payload.cause]
    return [
        ("申请人", payload.applicant_name),
        ("户类型", "、".join(payload.household_types)),
        ("事由", f"{cause}：{payload.cause_text}" if payload.cause_text else cause),
        ("理由", payload.reason),
        ("书面申请", "有" if payload.written else "没有"),
        ("证明材料", "、".join(payload.materials)),
        ("申请金额", yuan(payload.requested_fen)),
    ]


@_summary.register
def _(payload: FirstReview) -> str:
    return f"书记 {payload.secretary}" if payload.passed else "没有通过"


@_facts.register
def _(payload: FirstReview) -> Facts:
    answer = CIVIL_AFFAIRS_TITLES[payload.civil_affairs] if payload.civil_affairs else ""
    return [
        ("初审的人", "、".join((payload.secretary, *payload.reviewers))),
        ("入户日期", chinese_date(payload.visited_on) if payload.visited_on else ""),
        ("核实情况", payload.visit_finding),
        ("民政救助", f"{answer}。{payload.civil_affairs_note}" if payload.civil_affairs_note else answer),
        ("初步意见", payload.opinion),
        ("结论", "同意上会" if payload.passed else "不同意"),
        ("建议金额", yuan(payload.suggested_fen)),
        ("回避", _recused(payload.recused)),
    ]


@_summary.register
def _(payload: Meeting) -> str:
    return f"应到{payload.eligible} 实到{payload.present}"


@_summary.register
def _(payload: Publication) -> str:
    return payload.place


@_facts.register
def _(payload: Publication) -> Facts:
    return [
        ("张贴地点", payload.place),
        ("张贴人", payload.posted_by),
        ("公开到", chinese_date(payload.until) if payload.until else ""),
    ]


@_summary.register
def _(payload: TownshipReview) -> str:
    return "同意" if payload.object_approved and payload.amount_approved else "没有通过"


@_facts.register
def _(payload: TownshipReview) -> Facts:
    return [
        ("会议、文号", payload.minutes),
        ("救助对象", "符合" if payload.object_approved else "不符合"),
        ("救助金额", "符合" if payload.amount_approved else "不符合"),
        ("审核金额", yuan(payload.approved_fen)),
        ("审核意见", payload.opinion),
        ("签字", payload.signed_by),
    ]


@_summary.register
def _(payload: NoticePosted) -> str:
    return payload.place


@_facts.register
def _(payload: NoticePosted) -> Facts:
    return [
        ("公示对象", f"{payload.household_name}家"),
        ("公示金额", yuan(payload.amount_fen)),
        ("公示到", f"{chinese_date(payload.until)}（含）"),
        ("张贴地点", payload.place),
        ("张贴人", payload.posted_by),
    ]


@_summary.register
def _(payload: ObjectionReceived) -> str:
    return payload.from_whom or "没有署名"


@_facts.register
def _(payload: ObjectionReceived) -> Facts:
    return [
        ("反映的问题", payload.content),
        ("反映人", payload.from_whom or "没有署名"),
        ("怎样反映的", payload.channel),
    ]


@_summary.register
def _(payload: ObjectionConcluded) -> str:
    return OBJECTION_TITLES[payload.outcome].partition("，")[0]


@_facts.register
def _(payload: ObjectionConcluded) -> Facts:
    return [
        ("结论", OBJECTION_TITLES[payload.outcome]),
        ("核查人", "、".join(payload.investigators)),
        ("核查情况", payload.finding),
        ("继续办的理由", payload.reason),
    ]


@_summary.register
def _(payload: NoticeTakenDown) -> str:
    return payload.taken_by


@_facts.register
def _(payload: NoticeTakenDown) -> Facts:
    return [("取下的人", payload.taken_by), ("说明", payload.remark)]


@_summary.register
def _(payload: Payment) -> str:
    return f"凭证 {payload.voucher_number}" if payload.voucher_number else yuan(payload.amount_fen)


@_facts.register
def _(payload: Payment) -> Facts:
    return [
        ("发放金额", f"{yuan(payload.amount_fen)}（{capital_yuan(payload.amount_fen)}）"),
        ("收款人", payload.payee_name),
        ("收款账号", f"{payload.payee_bank} {mask_account(payload.payee_account)}"),
        ("付款账户", f"科目 {payload.bank_account}"),
        ("银行回单", payload.bank_receipt),
        ("记账凭证", payload.voucher_number),
        ("村监委会", payload.supervisor),
    ]


@_summary.register
def _(payload: FollowUp) -> str:
    return USE_TITLES[payload.use]


@_facts.register
def _(payload: FollowUp) -> Facts:
    return [
        ("回访的人", "、".join(payload.visitors)),
        ("用在哪里", USE_TITLES[payload.use]),
        ("效果", payload.finding),
        ("提醒、监督", payload.advice),
    ]


@_summary.register
def _(payload: Archive) -> str:
    return payload.keeper


@_facts.register
def _(payload: Archive) -> Facts:
    return [
        ("保管人", payload.keeper),
        ("档号", payload.file_number),
        ("村监委会", payload.supervisor),
        ("说明", payload.remark),
    ]


@_summary.register
def _(payload: Withdrawal) -> str:
    return payload.by_whom


@_facts.register
def _(payload: Withdrawal) -> Facts:
    return [("谁来撤回", payload.by_whom), ("为什么撤回", payload.reason)]


@_summary.register
def _(payload: Inspection) -> str:
    return f"{payload.capacity} {payload.by_whom}"


@_facts.register
def _(payload: Inspection) -> Facts:
    return [("谁来看的", payload.by_whom), ("身份", payload.capacity), ("意见", payload.remark)]


@_summary.register
def _(payload: OtherHelp) -> str:
    return OTHER_HELP_TITLES[payload.kind].partition("（")[0]


@_facts.register
def _(payload: OtherHelp) -> Facts:
    return [("方式", OTHER_HELP_TITLES[payload.kind]), ("帮了什么", payload.content), ("经办", payload.helper)]


def _recused(people: tuple[Recusal, ...]) -> str:
    return "；".join(f"{one.name}（{one.relation}）" for one in people)


def _meeting_facts(payload: Meeting, pack: PolicyPack) -> Facts:
    rule = pack.quorum.find_rule(payload.quorum_rule)
    amount = f"{yuan(payload.amount_fen)}（{capital_yuan(payload.amount_fen)}）" if payload.amount_fen else ""
    law = f"{REGIME_TITLES[rule.regime]}，{BODY_TITLES[rule.body]}" if rule else ""
    return [
        ("会议时间", payload.held_at),
        ("地点", payload.place),
        ("主持、记录", f"{payload.chair}、{payload.recorder}"),
        ("到会", f"应到 {payload.eligible} 人，实到 {payload.present} 人"),
        ("表决", f"同意 {payload.votes_for}，反对 {payload.votes_against}，弃权 {payload.abstained}"),
        ("表决规定", law),
        ("票数", describe_verdict(attendance_of(payload), rule) if rule else ""),
        ("讨论内容", payload.discussion),
        ("结论", "同意救助" if payload.passed else "不同意"),
        ("金额", amount),
        ("哪天通知", chinese_date(payload.noticed_on) if payload.noticed_on else ""),
        ("回避", _recused(payload.recused)),
        ("村监委会", payload.supervisor),
        ("乡镇到会", payload.township_guest),
    ]
