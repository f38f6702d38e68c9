"""A made-up relief case carried through all its steps, entered after the fact with past dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from desktop_app.demo.pictures import made_up_scan
from desktop_app.demo.village import BANK_ACCOUNT, BODIES
from desktop_app.relief.papers import attach_paper
from desktop_app.relief.policies import relief_pack, work_calendar
from desktop_app.relief.service import open_case, record_step
from desktop_app.storage.workspace import Workspace
from village_core.domain.meetings.rules import MeetingBody
from village_core.domain.relief.payloads import (
    Application,
    Archive,
    Cause,
    CivilAffairsAnswer,
    FirstReview,
    FollowUp,
    Meeting,
    NoticePosted,
    NoticeTakenDown,
    Payload,
    Payment,
    PaymentMethod,
    Publication,
    TownshipReview,
    UseOfMoney,
)
from village_core.domain.relief.steps import StepKind

AMOUNT_FEN = 400_000
NOTICE_WORKDAYS = 5
DAYS_AGO = 62
"""How long ago the application was made, so that everything up to the archive lies in the past."""


@dataclass(frozen=True)
class Teller:
    """Records the steps of one made-up case, each at its own distance from today."""

    workspace: Workspace
    case_id: UUID

    def record(self, kind: StepKind, payload: Payload, done_on: date, *scans: tuple[str, str]) -> UUID:
        """One step, and the scans that go with it as (kind of paper, title)."""
        with self.workspace.unit_of_work(reason="演示：救助") as uow:
            step = record_step(uow, self.case_id, payload, kind=kind, done_on=done_on)
            for paper_kind, title in scans:
                attach_paper(
                    uow,
                    self.workspace.attachments,
                    step.step_id,
                    case_id=self.case_id,
                    kind=paper_kind,
                    content=made_up_scan(title, (f"太平村　{done_on}",), sideways=paper_kind == "sign_in"),
                    title=title,
                )
            uow.commit()
        return step.step_id


def apply(workspace: Workspace, household_id: UUID, applicant: str, *, done_on: date) -> Teller:
    """户申请 with its paper."""
    application = Application(
        applicant_name=applicant,
        cause=Cause.ILLNESS,
        reason="家里主要劳动力生病住院，自付的医药费多，今年收入少，一家人生活困难，请求救助。",
        written=True,
        high_risk=True,
        materials=("书面申请书", "住院收费票据复印件", "户口册复印件"),
        requested_fen=AMOUNT_FEN,
    )
    with workspace.unit_of_work(reason="演示：户申请") as uow:
        opened = open_case(uow, household_id, application=application, done_on=done_on)
        attach_paper(
            uow,
            workspace.attachments,
            opened.step_id,
            case_id=opened.case_id,
            kind="application",
            content=made_up_scan("救助申请书", (f"申请人：{applicant}", f"日期：{done_on.isoformat()}")),
            title="救助申请书",
        )
        uow.commit()
    return Teller(workspace, opened.case_id)


def carry_to_notice(
    workspace: Workspace, household_id: UUID, applicant: str, *, applied_on: date
) -> tuple[Teller, date]:
    """From the application to the posted notice; returns the last day of its period."""
    tell = apply(workspace, household_id, applicant, done_on=applied_on)

    def day(number: int) -> date:
        return applied_on + timedelta(days=number)

    tell.record(
        StepKind.FIRST_REVIEW,
        FirstReview(
            secretary="王建平",
            reviewers=("王建平", "李琼仙"),
            visited_on=day(2),
            visit_finding="入户看了，住院票据属实，家里只有一个劳动力，存粮够吃到年底。",
            opinion="情况属实，同意提交四议两公开。",
            passed=True,
            civil_affairs=CivilAffairsAnswer.NOT_ENOUGH,
            civil_affairs_note="已享受医疗救助，自付部分仍然多。",
            suggested_fen=AMOUNT_FEN,
            recusal_asked=True,
        ),
        day(3),
        ("home_visit", "入户核实照片"),
    )
    meetings = (
        (StepKind.PARTY_PROPOSAL, MeetingBody.PARTY_COMMITTEE, 5, 6),
        (StepKind.COMMITTEES_CONSULTATION, MeetingBody.TWO_COMMITTEES, 8, 8),
        (StepKind.PARTY_MEMBERS_REVIEW, MeetingBody.PARTY_MEMBERS, 24, 11),
        (StepKind.VILLAGERS_RESOLUTION, MeetingBody.DELEGATES, 24, 15),
    )
    for kind, body, present, number in meetings:
        tell.record(
            kind, _meeting(body, present, day(number)), day(number), ("minutes", "会议记录"), ("sign_in", "签到表")
        )
    tell.record(
        StepKind.RESOLUTION_PUBLISHED,
        Publication("村务公开栏", "张志强", day(19)),
        day(16),
        ("notice_near", "决议公开照片"),
    )
    tell.record(
        StepKind.TOWNSHIP_REVIEW,
        TownshipReview(
            minutes="太平镇党委会议纪要第 21 期",
            object_approved=True,
            amount_approved=True,
            approved_fen=AMOUNT_FEN,
            opinion="对象和标准符合要求，同意。",
            signed_by="太平镇党委",
        ),
        day(22),
        ("township_opinion", "乡镇审核意见"),
    )
    until = work_calendar().last_of_workdays(day(24), NOTICE_WORKDAYS, counts_start=False).day
    tell.record(
        StepKind.NOTICE_POSTED,
        NoticePosted("村务公开栏", "张志强", until, applicant, AMOUNT_FEN),
        day(24),
        ("notice_near", "公示张贴照片"),
    )
    return tell, until


def carry_to_archive(workspace: Workspace, household_id: UUID, applicant: str, *, account: tuple[str, str]) -> UUID:
    """A whole case, from the application to the archive; `account` is the household's bank and account number."""
    with workspace.reader() as reader:
        today = reader.today
    tell, until = carry_to_notice(workspace, household_id, applicant, applied_on=today - timedelta(days=DAYS_AGO))

    def later(number: int) -> date:
        return min(until + timedelta(days=number), today)

    tell.record(StepKind.NOTICE_TAKEN_DOWN, NoticeTakenDown("张志强"), later(1), ("notice_far", "公示期满照片"))
    bank, number = account
    tell.record(
        StepKind.PAYMENT,
        Payment(
            method=PaymentMethod.BANK,
            amount_fen=AMOUNT_FEN,
            payee_name=applicant,
            payee_bank=bank,
            payee_account=number,
            bank_account=BANK_ACCOUNT,
            bank_receipt=f"HD{today.year}0000017",
            still_eligible=True,
            supervisor="普光明",
        ),
        later(3),
        ("bank_receipt", "银行回单"),
    )
    tell.record(
        StepKind.RESULT_PUBLISHED,
        Publication("村务公开栏", "张志强", later(8)),
        later(4),
        ("notice_near", "实施结果公开照片"),
    )
    tell.record(
        StepKind.FOLLOW_UP,
        FollowUp(("王建平", "李琼仙"), UseOfMoney.MEDICAL, "钱用在住院和买药上，票据看过，家里生活稳下来了。"),
        later(12),
        ("follow_up", "回访照片"),
    )
    tell.record(StepKind.ARCHIVE, Archive("李琼仙", f"{today.year}-救助-001", "普光明"), later(14))
    return tell.case_id


def _meeting(body: MeetingBody, present: int, held_on: date) -> Meeting:
    (rule, *_) = relief_pack().quorum.list_for((body,), held_on)
    return Meeting(
        quorum_rule=rule.id,
        place="村委会会议室",
        chair="王建平",
        recorder="李琼仙",
        eligible=BODIES[body],
        present=present,
        votes_for=present - 1,
        votes_against=0,
        abstained=1,
        passed=True,
        discussion="大家听了入户核实的情况，认为符合条件，同意救助。",
        held_at="09:30",
        amount_fen=AMOUNT_FEN,
        noticed_on=held_on - timedelta(days=4),
        recusal_asked=True,
        supervisor="普光明",
        township_guest="包村干部 刘志华",
    )
