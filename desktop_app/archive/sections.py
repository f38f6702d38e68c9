"""What each kind of step prints in the archive: its fields, its texts, its votes, who signs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import singledispatch

from desktop_app.archive.print_model import Content, Field, Form, Passage, Reason, Reasons, Signatures, Votes
from village_core.domain.calendar import chinese_date
from village_core.domain.meetings.quorum import Attendance, describe_verdict
from village_core.domain.meetings.rules import BODY_TITLES, REGIME_TITLES
from village_core.domain.money import capital_yuan, format_yuan
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


def step_content(step: StepRecord, pack: PolicyPack) -> tuple[Content, ...]:
    """The record of one step as it is printed, with the reasons that soft rules asked for."""
    parts: list[Content] = list(_content(step.payload, _about(step, pack)))
    reasons = _reasons(step, pack)
    if reasons:
        place = next((at for at, part in enumerate(parts) if isinstance(part, Signatures)), len(parts))
        parts.insert(place, Reasons(reasons))
    return tuple(parts)


def plain_fields(step: StepRecord, pack: PolicyPack) -> dict[str, str]:
    """Label → value of everything that a step says, to tell what a correction changed."""
    found: dict[str, str] = {"日期": chinese_date(step.done_on)}
    for part in _content(step.payload, _about(step, pack)):
        match part:
            case Form(fields):
                found |= {field.label: field.value for field in fields}
            case Passage(heading, text):
                found[heading] = text
            case Votes():
                counts = (part.eligible, part.present, part.votes_for, part.votes_against, part.abstained)
                names = ("应到", "实到", "同意", "反对", "弃权")
                found |= {name: str(count) for name, count in zip(names, counts, strict=True)}
            case _:
                continue
    return found


def _reasons(step: StepRecord, pack: PolicyPack) -> tuple[Reason, ...]:
    rows = []
    for rule_id, text in sorted(step.reasons.items()):
        if rule_id == CORRECTION_REASON:
            continue
        title, clause = _rule_words(pack, rule_id, step.done_on)
        rows.append(Reason(title, clause, text))
    return tuple(rows)


def _rule_words(pack: PolicyPack, rule_id: str, on: date) -> tuple[str, str]:
    if any(rule.id == rule_id for rule in pack.rules):
        rule = pack.rule(rule_id, on)
        return rule.title, _cited(rule.clause, rule.cited_source)
    found = next((rule for rule in pack.quorum.rules if rule.rule_id == rule_id), None)
    return (found.title, _cited(found.clause, found.source)) if found else (rule_id, "")


@dataclass(frozen=True)
class _About:
    """What a sheet tells of its step beside the payload."""

    title: str
    day: str
    made_by: str
    pack: PolicyPack


def _about(step: StepRecord, pack: PolicyPack) -> _About:
    return _About(step.title, chinese_date(step.done_on), step.actor_name, pack)


@singledispatch
def _content(payload: Payload, about: _About) -> Iterable[Content]:
    raise TypeError(f"the archive cannot print a {type(payload).__name__}: {about.title}")


@_content.register
def _(payload: Application, about: _About) -> Iterable[Content]:
    cause = CAUSE_TITLES[payload.cause] + (f"：{payload.cause_text}" if payload.cause_text else "")
    yield Form(
        (
            Field("申请人", payload.applicant_name),
            Field("申请日期", about.day),
            Field("救助事由", cause),
            Field("申请金额", _yuan(payload.requested_fen)),
            Field("户类型", "、".join(payload.household_types)),
            Field("风险较高", _yes(payload.high_risk)),
            Field("书面申请", "有，写给村党组织" if payload.written else "没有"),
            Field("证明材料", "、".join(payload.materials), wide=True),
        )
    )
    yield Passage("申请理由", payload.reason)
    yield Signatures((("申请人", payload.applicant_name), ("收件人", about.made_by)))


@_content.register
def _(payload: FirstReview, about: _About) -> Iterable[Content]:
    asked = CIVIL_AFFAIRS_TITLES[payload.civil_affairs] if payload.civil_affairs else "没有回答"
    note = f"。{payload.civil_affairs_note}" if payload.civil_affairs_note else ""
    yield Form(
        (
            Field("初审日期", about.day),
            Field("村党组织书记", payload.secretary),
            Field("入户日期", chinese_date(payload.visited_on) if payload.visited_on else ""),
            Field("一起初审的人", "、".join(payload.reviewers)),
            Field("先问民政", f"{asked}{note}", wide=True),
            Field("回避", _recusals(payload.recused, asked=payload.recusal_asked), wide=True),
            Field("初审结果", _passed(payload.passed)),
            Field("建议金额", _yuan(payload.suggested_fen)),
        )
    )
    yield Passage("入户核实情况", payload.visit_finding)
    yield Passage("初步意见", payload.opinion)
    yield Signatures((("村党组织书记", payload.secretary), ("初审人员", ""), ("申请户", "")))


@_content.register
def _(payload: Meeting, about: _About) -> Iterable[Content]:
    rule = about.pack.quorum.find_rule(payload.quorum_rule)
    clock = f" {payload.held_at}" if payload.held_at else ""
    yield Form(
        (
            Field("会议", BODY_TITLES[rule.body] if rule else about.title),
            Field("时间", f"{about.day}{clock}"),
            Field("地点", payload.place),
            Field("通知日期", chinese_date(payload.noticed_on) if payload.noticed_on else ""),
            Field("主持人", payload.chair),
            Field("记录人", payload.recorder),
            Field("回避", _recusals(payload.recused, asked=payload.recusal_asked), wide=True),
        )
    )
    attendance = Attendance(
        eligible=payload.eligible,
        present=payload.present,
        votes_for=payload.votes_for,
        votes_against=payload.votes_against,
        abstained=payload.abstained,
        recused=len(payload.recused),
    )
    verdict = describe_verdict(attendance, rule) if rule else _passed(payload.passed)
    if payload.passed and payload.amount_fen is not None:
        verdict += f"决议救助 {format_yuan(payload.amount_fen)} 元（{capital_yuan(payload.amount_fen)}）。"
    elif not payload.passed:
        verdict += "决议不予救助。" if payload.amount_fen is None else ""
    yield Votes(
        eligible=payload.eligible,
        present=payload.present,
        votes_for=payload.votes_for,
        votes_against=payload.votes_against,
        abstained=payload.abstained,
        recused=len(payload.recused),
        rule=(
            f"{rule.title}。{REGIME_TITLES[rule.regime]}：{_cited(rule.clause, rule.source)}"
            if rule
            else payload.quorum_rule
        ),
        verdict=verdict,
    )
    if payload.discussion:
        yield Passage("讨论内容", payload.discussion)
    yield Signatures(
        (
            ("主持人", payload.chair),
            ("记录人", payload.recorder),
            ("村务监督委员会", payload.supervisor),
            ("乡镇参会人员", payload.township_guest),
        )
    )


@_content.register
def _(payload: Publication, about: _About) -> Iterable[Content]:
    until = chinese_date(payload.until) if payload.until else "没有定截止日期"
    yield Form(
        (
            Field("贴出日期", about.day),
            Field("截止日期", until),
            Field("贴在哪里", payload.place),
            Field("谁贴的", payload.posted_by),
        )
    )
    yield Signatures((("张贴人", payload.posted_by), ("村务监督委员会", "")))


@_content.register
def _(payload: TownshipReview, about: _About) -> Iterable[Content]:
    yield Form(
        (
            Field("审核日期", about.day),
            Field("会议纪要", payload.minutes),
            Field("救助对象", "同意" if payload.object_approved else "不同意"),
            Field("救助金额", "同意" if payload.amount_approved else "不同意"),
            Field("核定金额", _yuan(payload.approved_fen)),
            Field("签发人", payload.signed_by),
        )
    )
    yield Passage("审核意见", payload.opinion)


@_content.register
def _(payload: NoticePosted, about: _About) -> Iterable[Content]:
    yield Form(
        (
            Field("公示起止", f"{about.day}至{chinese_date(payload.until)}", wide=True),
            Field("公示的户", payload.household_name),
            Field("公示的金额", _yuan(payload.amount_fen)),
            Field("贴在哪里", payload.place),
            Field("谁贴的", payload.posted_by),
        )
    )
    yield Signatures((("张贴人", payload.posted_by), ("村务监督委员会", "")))


@_content.register
def _(payload: ObjectionReceived, about: _About) -> Iterable[Content]:
    yield Form(
        (
            Field("收到日期", about.day),
            Field("反映人", payload.from_whom or "没有留名"),
            Field("怎么反映的", payload.channel),
            Field("受理人", about.made_by),
        )
    )
    yield Passage("反映的问题", payload.content)


@_content.register
def _(payload: ObjectionConcluded, about: _About) -> Iterable[Content]:
    yield Form(
        (
            Field("结论日期", about.day),
            Field("核查人", "、".join(payload.investigators)),
            Field("结论", OBJECTION_TITLES[payload.outcome], wide=True),
        )
    )
    yield Passage("核查情况", payload.finding)
    if payload.reason:
        yield Passage("继续办理的理由", payload.reason)
    yield Signatures((("核查人", ""), ("村务监督委员会", "")))


@_content.register
def _(payload: NoticeTakenDown, about: _About) -> Iterable[Content]:
    yield Form(
        (
            Field("取下日期", about.day),
            Field("谁取下的", payload.taken_by),
            Field("反馈情况", payload.remark or "公示期间的异议见前面各件；没有的，就是没有收到", wide=True),
        )
    )


@_content.register
def _(payload: Payment, about: _About) -> Iterable[Content]:
    yield Form(
        (
            Field("发放日期", about.day),
            Field("发放方式", "银行转账，一次发清"),
            Field("金额", _yuan(payload.amount_fen)),
            Field("大写", capital_yuan(payload.amount_fen)),
            Field("收款人", payload.payee_name),
            Field("开户银行", payload.payee_bank),
            Field("收款账号", payload.payee_account),
            Field("银行回单号", payload.bank_receipt),
            Field("记账凭证", payload.voucher_number),
            Field("发放前核对", "仍符合救助条件" if payload.still_eligible else "没有核对"),
        )
    )
    yield Signatures(
        (
            ("审批人", ""),
            ("经办人", about.made_by),
            ("收款人", payload.payee_name),
            ("村务监督委员会", payload.supervisor),
        )
    )


@_content.register
def _(payload: FollowUp, about: _About) -> Iterable[Content]:
    yield Form(
        (
            Field("回访日期", about.day),
            Field("救助金用途", USE_TITLES[payload.use]),
            Field("谁去回访的", "、".join(payload.visitors), wide=True),
        )
    )
    yield Passage("使用情况和效果", payload.finding)
    if payload.advice:
        yield Passage("指导和提醒", payload.advice)
    yield Signatures((("回访人", ""), ("受访人", "")))


@_content.register
def _(payload: Archive, about: _About) -> Iterable[Content]:
    yield Form(
        (
            Field("归档日期", about.day),
            Field("档号", payload.file_number),
            Field("保管人", payload.keeper),
            Field("说明", payload.remark),
        )
    )
    yield Signatures((("保管人", payload.keeper), ("村务监督委员会", payload.supervisor)))


@_content.register
def _(payload: Withdrawal, about: _About) -> Iterable[Content]:
    yield Form((Field("撤回日期", about.day), Field("谁来撤回的", payload.by_whom)))
    yield Passage("撤回的原因", payload.reason)
    yield Signatures((("撤回人", payload.by_whom), ("收件人", about.made_by)))


@_content.register
def _(payload: Inspection, about: _About) -> Iterable[Content]:
    yield Form(
        (
            Field("查看日期", about.day),
            Field("身份", payload.capacity),
            Field("谁来看的", payload.by_whom),
            Field("意见", payload.remark),
        )
    )


@_content.register
def _(payload: OtherHelp, about: _About) -> Iterable[Content]:
    yield Form(
        (
            Field("日期", about.day),
            Field("谁来帮", payload.helper),
            Field("方式", OTHER_HELP_TITLES[payload.kind], wide=True),
        )
    )
    yield Passage("帮扶内容", payload.content)


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"{format_yuan(fen)} 元"


def _yes(value: bool) -> str:
    return "是" if value else "否"


def _passed(value: bool) -> str:
    return "通过" if value else "没有通过"


def _recusals(recused: tuple[Recusal, ...], *, asked: bool) -> str:
    if recused:
        return "、".join(f"{one.name}（{one.relation}）" for one in recused)
    return "问过，没有要回避的人" if asked else "没有问"


def _cited(clause: str, source: str) -> str:
    """A clause as a sentence, then where it stands."""
    return f"{clause.removesuffix('。')}。{source}" if clause else source
