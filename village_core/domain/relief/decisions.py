"""May this step be recorded? Order, dates and corrections here; what each step needs in the modules of its station."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from village_core.domain.calendar import chinese_date
from village_core.domain.errors import Finding
from village_core.domain.relief import (
    check_archive,
    check_intake,
    check_meetings,
    check_notice,
    check_payment,
    check_township,
)
from village_core.domain.relief.check import Check
from village_core.domain.relief.facts import CaseFacts
from village_core.domain.relief.policy import PolicyPack
from village_core.domain.relief.state import CaseState, CaseStatus, ends_case
from village_core.domain.relief.steps import (
    BESIDE,
    CORRECTION_REASON,
    GRANTING_STEPS,
    PREDECESSORS,
    REPEATABLE,
    STEP_TITLES,
    StepKind,
    StepRecord,
)

_AFTER_PAYMENT = frozenset({StepKind.RESULT_PUBLISHED, StepKind.FOLLOW_UP, StepKind.ARCHIVE})

_CONTENT_CHECKS: Mapping[StepKind, Callable[[Check], tuple[Finding, ...]]] = {
    StepKind.APPLICATION: check_intake.check_application,
    StepKind.FIRST_REVIEW: check_intake.check_first_review,
    StepKind.PARTY_PROPOSAL: check_meetings.check_meeting,
    StepKind.COMMITTEES_CONSULTATION: check_meetings.check_meeting,
    StepKind.PARTY_MEMBERS_REVIEW: check_meetings.check_meeting,
    StepKind.VILLAGERS_RESOLUTION: check_meetings.check_resolution,
    StepKind.RESOLUTION_PUBLISHED: check_notice.check_publication,
    StepKind.TOWNSHIP_REVIEW: check_township.check_township_review,
    StepKind.NOTICE_POSTED: check_notice.check_posting,
    StepKind.OBJECTION_RECEIVED: check_notice.check_objection,
    StepKind.OBJECTION_CONCLUDED: check_notice.check_conclusion,
    StepKind.NOTICE_TAKEN_DOWN: check_notice.check_taking_down,
    StepKind.PAYMENT: check_payment.check_payment,
    StepKind.RESULT_PUBLISHED: check_notice.check_publication,
    StepKind.FOLLOW_UP: check_archive.check_follow_up,
    StepKind.ARCHIVE: check_archive.check_archive,
    StepKind.WITHDRAWAL: check_archive.check_withdrawal,
    StepKind.INSPECTION: check_archive.check_inspection,
    StepKind.OTHER_HELP: check_archive.check_other_help,
}


def decide_step(
    state: CaseState, proposed: StepRecord, facts: CaseFacts, *, pack: PolicyPack, today: date
) -> tuple[Finding, ...]:
    """All rules that speak about this step; empty when none does.

    Hard findings refuse. Soft ones are returned also when a reason is given, for they are kept and printed with it:
    ask `standing_findings` which of them still stand in the way.
    """
    if proposed.supersedes is not None:
        corrected = _decide_correction(state, proposed, facts, pack=pack, today=today)
        if corrected.findings:
            return corrected.findings
        state = corrected.ground
    check = Check(state, proposed, facts, pack=pack, today=today)
    blocked = judge_kind(state, proposed.kind, pack=pack, on=proposed.done_on)
    if blocked:
        return blocked
    return (*_check_dates(check), *_CONTENT_CHECKS[proposed.kind](check))


def standing_findings(findings: tuple[Finding, ...], reasons: Mapping[str, str]) -> tuple[Finding, ...]:
    """What still refuses: hard findings, and soft ones without a written reason."""
    return tuple(one for one in findings if one.hard or not reasons.get(one.rule_id, "").strip())


def judge_place(state: CaseState, proposed: StepRecord, *, pack: PolicyPack) -> tuple[Finding, ...]:
    """Only whether the step fits where the case stands: what the county asks of a step that arrives late."""
    if proposed.supersedes is not None:
        target = next((record for record in state.records if record.id == proposed.supersedes), None)
        if target is None or target.kind is not proposed.kind or state.is_followed(target):
            return (_correction_finding(pack, proposed, "要更正的那一步已经变了，更正没有生效。"),)
        state = state.without(target.id)
    return judge_kind(state, proposed.kind, pack=pack, on=proposed.done_on)


def earliest_date(state: CaseState, kind: StepKind) -> date | None:
    """The first day on which a step may have been done: the latest day of what must precede it."""
    days = [day for before in PREDECESSORS[kind] if (day := state.done_on(before)) is not None]
    if kind is StepKind.TOWNSHIP_REVIEW and not days:
        days = [day] if (day := state.resolved_on) else []
    if kind is StepKind.PAYMENT:
        days += [record.done_on for record in state.all_of(StepKind.OBJECTION_CONCLUDED)]
    return max(days, default=None)


@dataclass(frozen=True)
class _Correction:
    ground: CaseState
    findings: tuple[Finding, ...]


def _decide_correction(
    state: CaseState, proposed: StepRecord, facts: CaseFacts, *, pack: PolicyPack, today: date
) -> _Correction:
    """CORRECTION-1: a written reason, the same kind of step, and nothing built on it yet."""
    target = next((record for record in state.records if record.id == proposed.supersedes), None)
    if target is None or target.kind is not proposed.kind:
        return _Correction(state, (_correction_finding(pack, proposed, "找不到要更正的那一步。"),))
    if target.kind is StepKind.WITHDRAWAL:
        message = "申请已经撤回，不能再更正；要再办，请重新申请。"
        return _Correction(state, (_correction_finding(pack, proposed, message),))
    if state.is_followed(target):
        message = f"“{STEP_TITLES[target.kind]}”的下一步已经办了，不能再更正。"
        return _Correction(state, (_correction_finding(pack, proposed, message),))
    ground = state.without(target.id)
    findings: list[Finding] = []
    if not proposed.reasons.get(CORRECTION_REASON, "").strip():
        findings.append(_correction_finding(pack, proposed, "更正要写明原因。", field="correction_reason"))
    if ends_case(target) and not ends_case(proposed):
        running = next((one for one in facts.other_cases if _blocks_revival(one.status)), None)
        if running is not None:
            message = f"这一户已经另办了 {running.number} 号救助，这个救助不能再改成通过。"
            findings.append(pack.rule("CRELIEF-3", today).finding(message))
    if target.kind is StepKind.PAYMENT:
        findings += check_payment.check_payment_correction(
            target, proposed, pack=pack, reversed_voucher=facts.payment_reversed
        )
    return _Correction(ground, tuple(findings))


def _blocks_revival(status: CaseStatus) -> bool:
    return status in (CaseStatus.OPEN, CaseStatus.PAID, CaseStatus.ARCHIVED)


def _correction_finding(pack: PolicyPack, proposed: StepRecord, message: str, *, field: str = "") -> Finding:
    return pack.rule(CORRECTION_REASON, proposed.done_on).finding(message, field=field)


def judge_kind(state: CaseState, kind: StepKind, *, pack: PolicyPack, on: date) -> tuple[Finding, ...]:
    """CRELIEF-6 and CRELIEF-7: ended cases stay ended; a step is done once, after those before it."""
    title = STEP_TITLES[kind]
    if kind in BESIDE and state.has(StepKind.APPLICATION):
        return ()
    if state.status in (CaseStatus.REFUSED, CaseStatus.WITHDRAWN):
        ended = state.ended_by
        assert ended is not None
        if ended.kind is StepKind.WITHDRAWAL:
            return (pack.rule("CRELIEF-7", on).finding(f"申请已经撤回，不能再办“{title}”。"),)
        message = f"“{STEP_TITLES[ended.kind]}”没有通过，这一件已经办结，不能再办“{title}”。"
        return (pack.rule("CRELIEF-7", on).finding(message),)
    if state.has(StepKind.ARCHIVE):
        return (pack.rule("CRELIEF-14", on).finding(f"这一件已经归档，不能再办“{title}”。"),)
    return _judge_order(state, kind, pack=pack, on=on)


def _judge_order(state: CaseState, kind: StepKind, *, pack: PolicyPack, on: date) -> tuple[Finding, ...]:
    title, rule = STEP_TITLES[kind], pack.rule("CRELIEF-6", on)
    if kind is StepKind.PAYMENT and state.has(kind):
        return (pack.rule("CRELIEF-11", on).finding("救助金已经发放过，只能一次性发放。"),)
    if kind not in REPEATABLE and state.has(kind):
        return (rule.finding(f"“{title}”已经办过，要改请用“更正”。"),)
    if state.has(StepKind.PAYMENT) and kind not in _AFTER_PAYMENT:
        return (rule.finding(f"救助金已经发放，不能再办“{title}”。"),)
    missing = missing_predecessors(state, kind, pack=pack, on=on)
    if missing:
        shown = "、".join(f"“{STEP_TITLES[one]}”" for one in missing)
        return (rule.finding(f"还没有办{shown}，不能办“{title}”。"),)
    if kind is StepKind.RESOLUTION_PUBLISHED and state.has(StepKind.TOWNSHIP_REVIEW):
        return (rule.finding(f"“乡镇审核”已经办了，不能再补办“{title}”。"),)
    return ()


def missing_predecessors(state: CaseState, kind: StepKind, *, pack: PolicyPack, on: date) -> tuple[StepKind, ...]:
    """Steps that have to be done before this one and are not. 决议公开 falls away where one notice serves twice."""
    missing = tuple(before for before in PREDECESSORS[kind] if not state.has(before))
    if missing == (StepKind.RESOLUTION_PUBLISHED,) and pack.rule("CRELIEF-20", on).flag("one_notice_may_serve_twice"):
        return () if state.has(StepKind.VILLAGERS_RESOLUTION) else (StepKind.VILLAGERS_RESOLUTION,)
    return missing


def _check_dates(check: Check) -> tuple[Finding, ...]:
    """Each step bears its own date: not in the future, not before the step that it follows.

    Where the clock is known to be wrong, the day of a grant is asked for and not taken from it.
    """
    done_on, title = check.proposed.done_on, STEP_TITLES[check.proposed.kind]
    if done_on > check.today:
        message = f"“{title}”的日期 {chinese_date(done_on)} 还没有到，请填实际办理的日期。"
        return (check.finding("CRELIEF-6", message, field="done_on"),)
    if done_on < check.pack.issued_on:
        message = f"“{title}”的日期 {chinese_date(done_on)} 早于文件印发，请核对。"
        return (check.finding("CRELIEF-6", message, field="done_on"),)
    earliest = earliest_date(check.state, check.proposed.kind)
    if earliest is not None and done_on < earliest:
        message = f"“{title}”的日期不能早于上一步（{chinese_date(earliest)}）。"
        return (check.finding("CRELIEF-6", message, field="done_on"),)
    days = check.facts.two_days
    if days is not None and check.proposed.kind in GRANTING_STEPS and days.in_doubt(done_on):
        message = f"“{title}”的日期填了{chinese_date(done_on)}。{days.words}纸上确是这一天的，请写明。"
        return (replace(check.finding("CRELIEF-6", message, field="done_on", hard=False), clause="", source=""),)
    return ()
