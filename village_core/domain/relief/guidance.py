"""What the clerk is told about a case: the eight stations, what can be done now and from when, and why it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from village_core.domain.calendar import chinese_date
from village_core.domain.errors import Finding
from village_core.domain.meetings.rules import BODY_TITLES, MeetingBody
from village_core.domain.relief.check_archive import missing_papers
from village_core.domain.relief.check_notice import shortest_notice
from village_core.domain.relief.decisions import earliest_date, judge_kind
from village_core.domain.relief.facts import CaseFacts
from village_core.domain.relief.policy import PolicyPack
from village_core.domain.relief.state import CaseState, ends_case
from village_core.domain.relief.steps import (
    BESIDE,
    MEETING_STEPS,
    STATION_TITLES,
    STEP_STATIONS,
    STEP_TITLES,
    Station,
    StepKind,
    StepRecord,
)

_BESIDE_THE_ROAD = BESIDE | {StepKind.OBJECTION_RECEIVED, StepKind.WITHDRAWAL}
"""Steps that may happen but that nobody waits for."""


class StationStatus(StrEnum):
    DONE = "done"
    NOW = "now"
    LATER = "later"
    FAILED = "failed"


@dataclass(frozen=True)
class StationView:
    """One of the eight stations on the timeline, with the days and the people of what was done there."""

    station: Station
    title: str
    status: StationStatus
    first_on: date | None
    last_on: date | None
    records: tuple[StepRecord, ...]


@dataclass(frozen=True)
class NextStep:
    """A step that can be recorded next. `earliest` is its first possible day, `needs` what must be at hand.

    `main` marks the one that carries the case forward; `calendar_note` says when a day is not yet certain.
    """

    kind: StepKind
    title: str
    main: bool
    earliest: date | None
    needs: tuple[str, ...]
    calendar_note: str = ""


@dataclass(frozen=True)
class WaitingReason:
    """办不了的原因: one sentence with the clause, and the day on which it falls away by itself, if it does."""

    message: str
    clause: str = ""
    source: str = ""
    until: date | None = None


def stations(state: CaseState) -> tuple[StationView, ...]:
    """The timeline: done, now, later, or failed where the case ended."""
    ended = state.ended_by
    failed = None if ended is None else STEP_STATIONS.get(ended.kind, state.station)
    return tuple(_station_view(state, station, failed) for station in Station)


def _station_view(state: CaseState, station: Station, failed: Station | None) -> StationView:
    records = tuple(record for record in state.records if STEP_STATIONS.get(record.kind) is station)
    if station is failed:
        status = StationStatus.FAILED
    elif state.is_completed(station):
        status = StationStatus.DONE
    elif state.is_running and station is state.station:
        status = StationStatus.NOW
    else:
        status = StationStatus.LATER
    days = [record.done_on for record in records]
    return StationView(
        station, STATION_TITLES[station], status, min(days, default=None), max(days, default=None), records
    )


def next_steps(state: CaseState, facts: CaseFacts, *, pack: PolicyPack, today: date) -> tuple[NextStep, ...]:
    """Everything that can be recorded in this case, the one that carries it forward first."""
    possible = [kind for kind in StepKind if not judge_kind(state, kind, pack=pack, on=today)]
    possible = [kind for kind in possible if not _pointless(state, kind)]
    main = next((kind for kind in possible if _carries_forward(state, kind)), None)
    ordered = sorted(possible, key=lambda kind: kind is not main)
    return tuple(_next_step(state, facts, kind, pack=pack, main=kind is main) for kind in ordered)


def _pointless(state: CaseState, kind: StepKind) -> bool:
    if kind is StepKind.OBJECTION_CONCLUDED:
        return not state.open_objections
    if kind is StepKind.PAYMENT:
        return bool(state.open_objections)
    if kind is StepKind.OBJECTION_RECEIVED:
        published = state.has(StepKind.RESOLUTION_PUBLISHED) or state.has(StepKind.NOTICE_POSTED)
        return not published
    return False


def _carries_forward(state: CaseState, kind: StepKind) -> bool:
    if kind in _BESIDE_THE_ROAD:
        return False
    if kind is StepKind.FOLLOW_UP and state.has(kind):
        return False
    if kind is StepKind.OBJECTION_CONCLUDED:
        return state.has(StepKind.NOTICE_TAKEN_DOWN)
    return True


def _next_step(state: CaseState, facts: CaseFacts, kind: StepKind, *, pack: PolicyPack, main: bool) -> NextStep:
    earliest, note = earliest_date(state, kind), ""
    posted_on, notice = state.done_on(StepKind.NOTICE_POSTED), state.notice
    if kind in (StepKind.NOTICE_TAKEN_DOWN, StepKind.PAYMENT) and posted_on and notice:
        shortest = shortest_notice(posted_on, pack=pack, calendar=facts.calendar)
        after = max(notice.until, shortest.day) + timedelta(days=1)
        earliest, note = max(earliest or after, after), shortest.note
    return NextStep(kind, STEP_TITLES[kind], main, earliest, _needs(state, facts, kind, pack=pack), note)


_NEEDS: dict[StepKind, tuple[str, ...]] = {
    StepKind.APPLICATION: ("书面申请书", "证明材料"),
    StepKind.FIRST_REVIEW: ("书记等人入户核实", "问过民政，有答复", "初步意见"),
    StepKind.RESOLUTION_PUBLISHED: ("决议贴在村务公开栏",),
    StepKind.TOWNSHIP_REVIEW: ("乡镇党委会签字盖章的审核意见",),
    StepKind.NOTICE_POSTED: ("打印公示，贴在村里",),
    StepKind.OBJECTION_CONCLUDED: ("去核查的人和核查情况",),
    StepKind.NOTICE_TAKEN_DOWN: ("公示期满",),
    StepKind.PAYMENT: ("本户的银行账号", "银行回单"),
    StepKind.RESULT_PUBLISHED: ("发放结果贴在村务公开栏",),
    StepKind.FOLLOW_UP: ("去户里看救助金用在哪里",),
}


def _needs(state: CaseState, facts: CaseFacts, kind: StepKind, *, pack: PolicyPack) -> tuple[str, ...]:
    if kind is StepKind.ARCHIVE:
        on = state.paid_on or pack.issued_on
        return tuple(paper.title for paper in missing_papers(state, facts, pack=pack, on=on))
    if kind not in MEETING_STEPS:
        return _NEEDS.get(kind, ())
    on = earliest_date(state, kind) or pack.issued_on
    rules = pack.quorum.list_for(pack.bodies(MEETING_STEPS[kind], on), on)
    known = next((rule for rule in rules if facts.roster.get(rule.body)), None)
    if known is None:
        return ("签到表", "会议记录")
    eligible = facts.roster[known.body]
    present = known.attendance.minimum(eligible) if known.attendance else 1
    return (
        f"{_short(known.body)}应到 {eligible} 人，至少到 {present} 人",
        f"{'全体' if known.passing_of_all else '到会'}人员{known.passing.title}同意",
        "签到表、会议记录",
    )


def _short(body: MeetingBody) -> str:
    return BODY_TITLES[body].partition("（")[0]


def waiting_reasons(state: CaseState, facts: CaseFacts, *, pack: PolicyPack, today: date) -> tuple[WaitingReason, ...]:
    """Why the case cannot go on today. Empty: the next step can be recorded at once."""
    ended = state.ended_by
    if not state.is_running and ended is not None:
        rule = pack.rule("CRELIEF-7", ended.done_on)
        how = "申请已经撤回" if ended.kind is StepKind.WITHDRAWAL else f"“{STEP_TITLES[ended.kind]}”没有通过"
        return (WaitingReason(f"{chinese_date(ended.done_on)}{how}，这一件已经办结。", rule.clause, rule.cited_source),)
    reasons = [*_period_reasons(state, facts, pack=pack, today=today)]
    if state.open_objections and not state.has(StepKind.PAYMENT):
        rule = pack.rule("CRELIEF-10", today)
        message = f"还有 {len(state.open_objections)} 条异议没有核查结论。"
        reasons.append(WaitingReason(message, rule.clause, rule.cited_source))
    if state.has(StepKind.RESULT_PUBLISHED) and state.has(StepKind.FOLLOW_UP) and state.is_running:
        missing = missing_papers(state, facts, pack=pack, on=today)
        if missing:
            rule = pack.rule("CRELIEF-14", today)
            shown = "；".join(paper.title for paper in missing)
            reasons.append(WaitingReason(f"档案还缺：{shown}。", rule.clause, rule.cited_source))
    reasons += [WaitingReason(message) for message in facts.held]
    if facts.payment_reversed and not state.has(StepKind.ARCHIVE):
        reasons.append(WaitingReason("发放的凭证已经冲销，请更正发放记录，重新记账。"))
    reasons += [
        WaitingReason(f"“{record.title}”在两台电脑上各记了一次，先记的算数，后一条要您拿主意。")
        for record in state.conflicting
    ]
    return tuple(reasons)


def _period_reasons(state: CaseState, facts: CaseFacts, *, pack: PolicyPack, today: date) -> tuple[WaitingReason, ...]:
    posted_on, notice = state.done_on(StepKind.NOTICE_POSTED), state.notice
    if posted_on is None or notice is None or state.has(StepKind.NOTICE_TAKEN_DOWN):
        return ()
    shortest = shortest_notice(posted_on, pack=pack, calendar=facts.calendar)
    last_day = max(notice.until, shortest.day)
    if today > last_day:
        return ()
    rule = pack.rule("CRELIEF-21", today)
    left = (last_day - today).days + 1
    note = f"（{shortest.note}）" if shortest.note else ""
    message = f"公示到{chinese_date(last_day)}（含）才满，还有 {left} 天{note}。"
    return (WaitingReason(message, rule.clause, rule.cited_source, last_day + timedelta(days=1)),)


def failing_words(record: StepRecord) -> str:
    """What to print beside a step that ended the case."""
    return "没有通过" if ends_case(record) and record.kind is not StepKind.WITHDRAWAL else ""


def judge_public_spending(open_cases: int, *, pack: PolicyPack, on: date) -> tuple[Finding, ...]:
    """CRELIEF-22: spending on 公益事业 while relief cases wait asks for a reason. Asked by the ledger."""
    if open_cases <= 0:
        return ()
    message = f"还有 {open_cases} 户的救助没有办完，文件要求先保障这些户，再用于公益事业，请写明理由。"
    return (pack.rule("CRELIEF-22", on).finding(message, field="amount"),)
