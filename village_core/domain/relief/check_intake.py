"""户申请 and 村初审: whom the relief is for, once a year, written; the visit and the question to 民政."""

from __future__ import annotations

from village_core.domain.calendar import chinese_date
from village_core.domain.errors import Finding
from village_core.domain.relief.check import Check, check_recusal
from village_core.domain.relief.facts import OtherCase
from village_core.domain.relief.grants import within_one_year, year_basis
from village_core.domain.relief.payloads import Application, Cause, CivilAffairsAnswer, FirstReview
from village_core.domain.relief.state import STATUS_TITLES, CaseStatus
from village_core.domain.relief.steps import StepKind


def check_application(check: Check) -> tuple[Finding, ...]:
    """CRELIEF-1, 2, 3 and 9."""
    payload = check.proposed.payload
    assert isinstance(payload, Application)
    return (
        *_check_object(check, payload),
        *_check_household(check, payload),
        *check_once_a_year(check),
        *_check_form(check, payload),
    )


def _check_object(check: Check, payload: Application) -> list[Finding]:
    findings = []
    allowed = check.rule("CRELIEF-1").texts("household_types")
    if not set(payload.household_types) & set(allowed):
        shown = "、".join(kind for kind in payload.household_types if kind) or "没有登记户类型"
        names = "、".join(kind for kind in allowed if kind.endswith("户") and kind != "边缘户" and kind != "脱贫监测户")
        message = f"这一户是“{shown}”，{chinese_date(check.done_on)}可以申请的是：{names}。"
        if "防止返贫致贫对象" in allowed:
            message = message.replace("可以申请的是：", "可以申请的是：防止返贫致贫对象、")
        findings.append(check.finding("CRELIEF-1", message, field="household_types"))
    if not payload.high_risk:
        message = "要先认定这一户致贫或返贫风险较高，才能申请。"
        findings.append(check.finding("CRELIEF-1", message, field="high_risk"))
    elif check.facts.risk_cleared:
        message = "户情里写着这一户“风险已消除”，与申请不一致，请写明现在的风险是什么。"
        findings.append(check.finding("CRELIEF-1", message, field="high_risk", hard=False))
    if payload.cause is Cause.OTHER and not payload.cause_text.strip():
        message = "选了“其他特殊困难”，请写明是什么困难。"
        findings.append(check.finding("CRELIEF-1", message, field="cause_text"))
    return findings


def _check_household(check: Check, payload: Application) -> list[Finding]:
    """CRELIEF-2: a household applies, through one of its people."""
    name = payload.applicant_name.strip()
    if not name:
        return [check.finding("CRELIEF-2", "请填这一户由谁来申请。", field="applicant_name")]
    if check.facts.member_names and name not in check.facts.member_names:
        message = f"{name}不是这一户的人。救助以户为单位，由户主或家里人代表本户申请。"
        return [check.finding("CRELIEF-2", message, field="applicant_name")]
    return []


def check_once_a_year(check: Check) -> list[Finding]:
    """CRELIEF-3 on applying: one that runs blocks, one that was paid blocks for a year, others ask for a reason."""
    findings = []
    for other in check.facts.other_cases:
        message = _clash(check, other)
        if message is None:
            continue
        hard = other.status not in (CaseStatus.REFUSED, CaseStatus.WITHDRAWN)
        findings.append(check.finding("CRELIEF-3", message, field="done_on", hard=hard))
    return sorted(findings, key=lambda finding: not finding.hard)[:1]


def _clash(check: Check, other: OtherCase) -> str | None:
    basis = year_basis(check.pack, check.done_on)
    number, applied = f"{other.number} 号", chinese_date(other.applied_on)
    if other.status is CaseStatus.OPEN:
        return f"这一户的{number}救助（{applied}申请）还没有办完，不能再开一个。"
    if other.paid_on is not None and within_one_year(other.paid_on, check.done_on, basis):
        return f"这一户{chinese_date(other.paid_on)}已领过救助（{number}），一年内不能再申请。"
    if not within_one_year(other.applied_on, check.done_on, basis):
        return None
    if other.status in (CaseStatus.REFUSED, CaseStatus.WITHDRAWN):
        return f"这一户{applied}申请过（{number}，{STATUS_TITLES[other.status]}），一年内再申请要写明理由。"
    return f"这一户{applied}已申请过救助（{number}），一年内不能重复申请。"


def check_no_second_grant(check: Check) -> list[Finding]:
    """CRELIEF-3 on resolving and paying: another case may have come from another laptop in the meantime.

    Where a person let the second grant pass, the resolution says why, and the money may be paid.
    """
    resolution = check.state.last(StepKind.VILLAGERS_RESOLUTION)
    if resolution is not None and resolution.reasons.get("CRELIEF-3", "").strip():
        return []
    basis = year_basis(check.pack, check.done_on)
    for other in check.facts.other_cases:
        given_on = other.paid_on or other.resolved_on
        if other.is_committed and given_on and within_one_year(given_on, check.done_on, basis):
            deed = "已经发放" if other.paid_on else "已经决议"
            message = f"这一户的{other.number} 号救助{chinese_date(given_on)}{deed}，一年内不能有第二笔。"
            return [check.finding("CRELIEF-3", message)]
    return []


def _check_form(check: Check, payload: Application) -> list[Finding]:
    """CRELIEF-9: on paper, with the reason and something that proves it."""
    findings = []
    if not payload.written:
        message = "要有书面申请书，写给村党组织；口头说的先补写一张。"
        findings.append(check.finding("CRELIEF-9", message, field="written"))
    findings += check.required("CRELIEF-9", ("reason", payload.reason, "请写申请的理由。"))
    if not any(material.strip() for material in payload.materials):
        findings.append(check.finding("CRELIEF-9", "请写有哪些证明材料，至少一样。", field="materials"))
    return findings


def check_first_review(check: Check) -> tuple[Finding, ...]:
    """CRELIEF-18 and CRELIEF-15."""
    payload = check.proposed.payload
    assert isinstance(payload, FirstReview)
    findings = check.required(
        "CRELIEF-18",
        ("secretary", payload.secretary, "请填参加初审的村党组织书记。"),
        ("reviewers", "".join(payload.reviewers), "请填一起初审的人。"),
        ("visit_finding", payload.visit_finding, "请写入户核实的情况。"),
        ("opinion", payload.opinion, "请写初步意见。"),
    )
    findings += _check_visit(check, payload)
    findings += _check_civil_affairs(check, payload)
    findings += check_recusal(
        check,
        asked=payload.recusal_asked,
        recused=payload.recused,
        leader=payload.secretary,
        reviewers=payload.reviewers,
    )
    return tuple(findings)


def _check_visit(check: Check, payload: FirstReview) -> list[Finding]:
    applied_on = check.state.applied_on
    if payload.visited_on is None:
        return [check.finding("CRELIEF-18", "请填哪天入户核实的。", field="visited_on")]
    if applied_on is not None and payload.visited_on < applied_on:
        message = f"入户核实的日期不能早于申请（{chinese_date(applied_on)}）。"
        return [check.finding("CRELIEF-18", message, field="visited_on")]
    if payload.visited_on > check.done_on:
        return [check.finding("CRELIEF-18", "入户核实要在初审意见以前。", field="visited_on")]
    return []


def _check_civil_affairs(check: Check, payload: FirstReview) -> list[Finding]:
    match payload.civil_affairs:
        case None:
            message = "请答：符合低保、特困、临时救助等条件吗，有没有先向民政申请，结果怎样。"
            return [check.finding("CRELIEF-15", message, field="civil_affairs")]
        case CivilAffairsAnswer.NOT_APPLIED:
            if not payload.passed:
                return []
            message = "这一户符合民政救助条件，要先向民政申请，有了结果再办集体救助。"
            return [check.finding("CRELIEF-15", message, field="civil_affairs")]
        case CivilAffairsAnswer.PENDING:
            if not payload.passed:
                return []
            message = "民政那边还没有结果，要往下办请写明理由。"
            return [check.finding("CRELIEF-15", message, field="civil_affairs", hard=False)]
        case CivilAffairsAnswer.NOT_ELIGIBLE:
            return []
    return check.required("CRELIEF-15", ("civil_affairs_note", payload.civil_affairs_note, "请写民政救助的结果。"))
