"""Made-up cases for the rule tables: a whole case on fixed days, any step of which a test may change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from village_core.domain.calendar import load_calendar
from village_core.domain.errors import Finding
from village_core.domain.relief.decisions import decide_step
from village_core.domain.relief.facts import CaseFacts, StoredPaper
from village_core.domain.relief.payloads import (
    Application,
    Archive,
    Cause,
    CivilAffairsAnswer,
    FirstReview,
    FollowUp,
    Inspection,
    Meeting,
    NoticePosted,
    NoticeTakenDown,
    ObjectionConcluded,
    ObjectionOutcome,
    ObjectionReceived,
    OtherHelp,
    OtherHelpKind,
    Payload,
    Payment,
    PaymentMethod,
    Publication,
    TownshipReview,
    UseOfMoney,
    Withdrawal,
)
from village_core.domain.relief.policy import PolicyPack, load_pack
from village_core.domain.relief.state import CaseState, replay
from village_core.domain.relief.steps import StepKind, StepRecord
from village_core.resources import read_json

CALENDAR = load_calendar(read_json("calendars", "workdays.json"))
PACK: PolicyPack = load_pack(read_json("policies", "collective_relief_2021.json"))
CASE = UUID(int=1)
CLERK = UUID(int=2)
TODAY = date(2026, 12, 31)
AMOUNT = 400_000

DAYS: dict[StepKind, date] = {
    StepKind.APPLICATION: date(2026, 10, 8),
    StepKind.FIRST_REVIEW: date(2026, 10, 10),
    StepKind.PARTY_PROPOSAL: date(2026, 10, 12),
    StepKind.COMMITTEES_CONSULTATION: date(2026, 10, 13),
    StepKind.PARTY_MEMBERS_REVIEW: date(2026, 10, 15),
    StepKind.VILLAGERS_RESOLUTION: date(2026, 10, 18),
    StepKind.RESOLUTION_PUBLISHED: date(2026, 10, 19),
    StepKind.TOWNSHIP_REVIEW: date(2026, 10, 20),
    StepKind.NOTICE_POSTED: date(2026, 10, 21),
    StepKind.NOTICE_TAKEN_DOWN: date(2026, 10, 28),
    StepKind.PAYMENT: date(2026, 10, 29),
    StepKind.RESULT_PUBLISHED: date(2026, 10, 30),
    StepKind.FOLLOW_UP: date(2026, 11, 20),
    StepKind.ARCHIVE: date(2026, 11, 22),
}
"""A case of autumn 2026; 21 October is a Wednesday, so that five workdays end on the 27th."""

PAYLOADS: dict[StepKind, Payload] = {
    StepKind.APPLICATION: Application(
        applicant_name="罗铉",
        cause=Cause.ILLNESS,
        reason="妻子住院，家里没有别的收入。",
        written=True,
        high_risk=True,
        materials=("住院结算单",),
        household_types=("边缘易致贫户",),
        requested_fen=500_000,
    ),
    StepKind.FIRST_REVIEW: FirstReview(
        secretary="王建平",
        reviewers=("张志强",),
        visited_on=date(2026, 10, 9),
        visit_finding="情况属实。",
        opinion="同意上会。",
        passed=True,
        civil_affairs=CivilAffairsAnswer.NOT_ELIGIBLE,
        recusal_asked=True,
    ),
    StepKind.PARTY_PROPOSAL: Meeting(
        quorum_rule="party-committee",
        place="村委会会议室",
        chair="王建平",
        recorder="李琼仙",
        eligible=5,
        present=4,
        votes_for=4,
        votes_against=0,
        abstained=0,
        passed=True,
        recusal_asked=True,
    ),
    StepKind.COMMITTEES_CONSULTATION: Meeting(
        quorum_rule="two-committees",
        place="村委会会议室",
        chair="王建平",
        recorder="李琼仙",
        eligible=7,
        present=6,
        votes_for=6,
        votes_against=0,
        abstained=0,
        passed=True,
        recusal_asked=True,
    ),
    StepKind.PARTY_MEMBERS_REVIEW: Meeting(
        quorum_rule="party-members",
        place="村活动室",
        chair="王建平",
        recorder="李琼仙",
        eligible=31,
        present=22,
        votes_for=20,
        votes_against=1,
        abstained=1,
        passed=True,
        recusal_asked=True,
    ),
    StepKind.VILLAGERS_RESOLUTION: Meeting(
        quorum_rule="delegates-2025",
        place="村活动室",
        chair="王建平",
        recorder="李琼仙",
        eligible=30,
        present=24,
        votes_for=22,
        votes_against=1,
        abstained=1,
        passed=True,
        amount_fen=AMOUNT,
        recusal_asked=True,
    ),
    StepKind.RESOLUTION_PUBLISHED: Publication(place="村务公开栏", posted_by="张志强"),
    StepKind.TOWNSHIP_REVIEW: TownshipReview(
        minutes="镇党委会纪要〔2026〕31号",
        object_approved=True,
        amount_approved=True,
        approved_fen=AMOUNT,
        opinion="同意。",
    ),
    StepKind.NOTICE_POSTED: NoticePosted(
        place="村务公开栏",
        posted_by="张志强",
        until=date(2026, 10, 27),
        household_name="罗铉",
        amount_fen=AMOUNT,
    ),
    StepKind.NOTICE_TAKEN_DOWN: NoticeTakenDown(taken_by="张志强"),
    StepKind.PAYMENT: Payment(
        method=PaymentMethod.BANK,
        amount_fen=AMOUNT,
        payee_name="罗铉",
        payee_bank="农村信用社",
        payee_account="6223000000001234",
        bank_account="10201",
        bank_receipt="2026102900017",
        still_eligible=True,
    ),
    StepKind.RESULT_PUBLISHED: Publication(place="村务公开栏", posted_by="张志强"),
    StepKind.FOLLOW_UP: FollowUp(visitors=("王建平",), use=UseOfMoney.DAILY_LIFE, finding="买了粮食和药。"),
    StepKind.ARCHIVE: Archive(keeper="李琼仙"),
    StepKind.OBJECTION_RECEIVED: ObjectionReceived(content="他家有一辆车。"),
    StepKind.WITHDRAWAL: Withdrawal(by_whom="罗铉", reason="亲戚帮上了。"),
    StepKind.INSPECTION: Inspection(by_whom="杨正华", capacity="村务监督委员会"),
    StepKind.OTHER_HELP: OtherHelp(OtherHelpKind.EMPLOYMENT, "安排到合作社做工。"),
}

FACTS = CaseFacts(
    calendar=CALENDAR,
    household_types=("边缘易致贫户",),
    member_names=("罗铉", "李桂芳"),
    net_income_fen={2025: 20_401_300},
)


def step(kind: StepKind, *, number: int = 0, on: date | None = None, **changes: Any) -> StepRecord:
    """The usual record of a step. Keywords of `StepRecord` change the record, all others its payload."""
    about_record = {key: changes.pop(key) for key in ("reasons", "supersedes", "actor_name") if key in changes}
    position = list(StepKind).index(kind)
    payload = changes.pop("payload", None) or PAYLOADS[kind]
    return StepRecord(
        id=UUID(int=100 + position * 10 + number),
        case_id=CASE,
        kind=kind,
        done_on=on or DAYS.get(kind, date(2026, 10, 22)),
        recorded_at=f"2026-12-01T08:{position:02d}:{number:02d}.000Z",
        actor_id=CLERK,
        actor_name=about_record.pop("actor_name", "李琼仙"),
        payload=replace(payload, **changes),
        pack_version=PACK.version,
        **about_record,
    )


ROAD = tuple(DAYS)
"""The steps of a case without objections, in order."""


def records_before(kind: StepKind, **replaced: StepRecord) -> list[StepRecord]:
    """All usual records before a step; a keyword (`payment=…`) replaces one."""
    return [replaced.get(one.value) or step(one) for one in ROAD[: ROAD.index(kind)]]


def state_before(kind: StepKind, *more: StepRecord, **replaced: StepRecord) -> CaseState:
    return replay([*records_before(kind, **replaced), *more])


def judge(
    proposed: StepRecord,
    *more: StepRecord,
    facts: CaseFacts = FACTS,
    pack: PolicyPack = PACK,
    today: date = TODAY,
    **replaced: StepRecord,
) -> tuple[Finding, ...]:
    """What the rules say about a step whose predecessors were all done as usual."""
    kind = proposed.kind if proposed.kind in DAYS else StepKind.NOTICE_TAKEN_DOWN
    return decide_step(state_before(kind, *more, **replaced), proposed, facts, pack=pack, today=today)


def said(findings: tuple[Finding, ...]) -> set[tuple[str, bool]]:
    """Rule ids with their hardness."""
    return {(one.rule_id, one.hard) for one in findings}


def conclusion(objection: StepRecord, outcome: ObjectionOutcome, **changes: Any) -> StepRecord:
    payload = ObjectionConcluded(objection.id, outcome, ("杨正华",), "去看过了。")
    return step(StepKind.OBJECTION_CONCLUDED, on=date(2026, 10, 26), payload=payload, **changes)


def all_papers(records: list[StepRecord]) -> tuple[StoredPaper, ...]:
    """Every paper that the pack wants of these records."""
    wanted = PACK.rule("CRELIEF-14", TODAY).lists("papers")
    return tuple(StoredPaper(one.id, kind) for one in records for kind in wanted.get(one.kind.value, ()))
