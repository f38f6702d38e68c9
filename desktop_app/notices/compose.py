"""From a relief case to its notices: which of the three may be printed now, and with what on them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from desktop_app.households.queries import get_household
from desktop_app.ledger.queries import get_voucher
from desktop_app.notices.wording import notice_texts
from desktop_app.relief.case_store import StoredCase, get_case
from desktop_app.relief.policies import relief_pack, work_calendar
from desktop_app.settings.queries import Village, get_village
from village_core.domain.errors import Finding, RefusedError, RuleRefusedError
from village_core.domain.meetings.rules import BODY_TITLES, MeetingBody
from village_core.domain.notices.model import NoticeKind, NoticeRow, ReliefNotice, SupervisionPhone
from village_core.domain.notices.texts import NoticeFacts, PaidGrant, VotedResolution, compose_notice
from village_core.domain.relief.check_notice import shortest_notice
from village_core.domain.relief.payloads import Meeting, Payment, Publication
from village_core.domain.relief.state import CaseState, CaseStatus
from village_core.domain.relief.steps import StepKind
from village_core.records.relief import ReliefCase

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

_NEEDED = {
    NoticeKind.RESOLUTION: StepKind.VILLAGERS_RESOLUTION,
    NoticeKind.RELIEF: StepKind.TOWNSHIP_REVIEW,
    NoticeKind.RESULT: StepKind.PAYMENT,
}
"""The step whose result each publication makes known (CRELIEF-8, CRELIEF-20)."""

_NOT_YET = {
    NoticeKind.RESOLUTION: "村民代表会议或村民会议还没有作出决议，没有可以公开的内容。",
    NoticeKind.RELIEF: "乡镇还没有审核通过，救助对象公示要在乡镇审核以后。",
    NoticeKind.RESULT: "救助金还没有发放，没有可以公开的结果。",
}


def find_case_id(reader: Reader, text: str) -> UUID:
    """The case that a script names by its id or its number (2026-017)."""
    try:
        return UUID(text)
    except ValueError:
        pass
    found = reader.session.scalar(
        select(ReliefCase.id).where(ReliefCase.village == reader.village, ReliefCase.number == text.strip())
    )
    if found is None:
        raise RefusedError(f"找不到“{text}”这一件救助。", next_step="请用 case list 看看有哪些，写上它的 id 或编号。")
    return found


def printable_notices(state: CaseState) -> tuple[NoticeKind, ...]:
    """The notices whose time has come, in the order of the procedure."""
    if state.status in (CaseStatus.REFUSED, CaseStatus.WITHDRAWN) or not state.resolved_fen:
        return ()
    return tuple(kind for kind in NoticeKind if state.has(_NEEDED[kind]))


def build_notice(reader: Reader, case_id: UUID, kind: NoticeKind = NoticeKind.RELIEF) -> ReliefNotice:
    """The notice as it hangs, or as it would hang from today for the shortest period allowed.

    Raises:
        RefusedError: the case has not come so far, or ended without a grant; 村情 lacks the supervision phone.
    """
    case = get_case(reader, case_id)
    _check_turn(case, kind)
    village = get_village(reader)
    facts = _facts(reader, case, kind, village)
    return compose_notice(
        notice_texts(), kind, facts, resolution=_resolution(case.state), grant=_grant(reader, case, case.state)
    )


def _check_turn(case: StoredCase, kind: NoticeKind) -> None:
    if kind in printable_notices(case.state):
        return
    rule = relief_pack(case.pack_version).rule("CRELIEF-20", date.max)
    message = _NOT_YET[kind]
    if case.state.status in (CaseStatus.REFUSED, CaseStatus.WITHDRAWN):
        message = f"{case.number} 号救助已经办结，没有给予救助，不用公示。"
    finding = Finding(rule.id, hard=True, message=message, clause=rule.clause, source=rule.cited_source)
    raise RuleRefusedError((finding,), next_step="请先把前面的步骤办完、记好，再打印。")


def _facts(reader: Reader, case: StoredCase, kind: NoticeKind, village: Village) -> NoticeFacts:
    pack = relief_pack(case.pack_version)
    first, last = _period(case, kind, today=reader.today)
    calendar = work_calendar()
    note = f"{calendar.count_workdays(first, last)}个工作日" if last else ""
    phones = _phones(village)
    return NoticeFacts(
        place_name=place_name(village),
        document=pack.document.partition("《")[0].replace(" ", ""),
        serial=f"{notice_texts().labels['serial']}{case.number}",
        rows=(_row(reader, case, kind),),
        period_from=first,
        period_to=last,
        period_note=note,
        posting_place=_place(case, kind) or village.posting_place,
        supervision=phones,
        signing_unit=committee_name(village),
        signing_date=first,
    )


def _row(reader: Reader, case: StoredCase, kind: NoticeKind) -> NoticeRow:
    household = get_household(reader, case.household_id)
    application, state = case.state.application, case.state
    assert application is not None and state.resolved_fen is not None
    head = household.values.get("head_name")
    name = state.notice.household_name if kind is NoticeKind.RELIEF and state.notice else str(head or "")
    amount = state.paid_fen if kind is NoticeKind.RESULT and state.paid_fen is not None else state.resolved_fen
    declared = household.values.get("declared_size")
    people = len(household.members) or (declared if isinstance(declared, int) else 0)
    return NoticeRow(name, household.group_name, people, application.cause, amount)


def _period(case: StoredCase, kind: NoticeKind, *, today: date) -> tuple[date, date | None]:
    """As recorded; else from today on, a notice for the shortest period that the pack allows."""
    if kind is NoticeKind.RELIEF:
        posted_on, posted = case.state.done_on(StepKind.NOTICE_POSTED), case.state.notice
        if posted_on and posted:
            return posted_on, posted.until
        pack = relief_pack(case.pack_version)
        return today, shortest_notice(today, pack=pack, calendar=work_calendar()).day
    step = case.state.last(_publication_step(kind))
    if step is not None and isinstance(step.payload, Publication):
        return step.done_on, step.payload.until
    return today, None


def _publication_step(kind: NoticeKind) -> StepKind:
    return StepKind.RESOLUTION_PUBLISHED if kind is NoticeKind.RESOLUTION else StepKind.RESULT_PUBLISHED


def _place(case: StoredCase, kind: NoticeKind) -> str:
    if kind is NoticeKind.RELIEF:
        return case.state.notice.place if case.state.notice else ""
    step = case.state.last(_publication_step(kind))
    return step.payload.place if step is not None and isinstance(step.payload, Publication) else ""


def _phones(village: Village) -> tuple[SupervisionPhone, ...]:
    if not village.supervision_phone.strip():
        raise RefusedError(
            "公示上要有监督电话，村情里还没有填。",
            safe="没有打印，资料没有改动。",
            next_step="请到“设置—村情”填上监督电话，再打印。",
        )
    phones = [SupervisionPhone(f"{village.name}村务监督委员会", village.supervision_phone.strip())]
    if village.township_phone.strip():
        name = f"{village.township}人民政府" if village.township else "乡镇人民政府"
        phones.append(SupervisionPhone(name, village.township_phone.strip()))
    return tuple(phones)


def place_name(village: Village) -> str:
    """County, township and village in one, as in a title."""
    return f"{village.county}{village.township}{village.name}"


def committee_name(village: Village) -> str:
    """The body that signs: 太平村 → …太平村村民委员会, 城北社区 → …社区居民委员会; a full name stays."""
    if village.name.endswith(("委员会", "村委会", "居委会")):
        return place_name(village)
    if village.name.endswith("社区"):
        return f"{place_name(village)}居民委员会"
    return f"{place_name(village)}村民委员会"


def _resolution(state: CaseState) -> VotedResolution | None:
    step = state.last(StepKind.VILLAGERS_RESOLUTION)
    if step is None or not isinstance(step.payload, Meeting):
        return None
    meeting = step.payload
    rule = relief_pack(step.pack_version).quorum.find_rule(meeting.quorum_rule)
    body = BODY_TITLES[rule.body].partition("（")[0] if rule else BODY_TITLES[MeetingBody.DELEGATES]
    return VotedResolution(
        held_on=step.done_on,
        body=body,
        eligible=meeting.eligible,
        present=meeting.present,
        votes_for=meeting.votes_for,
        votes_against=meeting.votes_against,
        abstained=meeting.abstained,
    )


def _grant(reader: Reader, case: StoredCase, state: CaseState) -> PaidGrant | None:
    step = state.last(StepKind.PAYMENT)
    if step is None or not isinstance(step.payload, Payment):
        return None
    voucher_id = case.vouchers.get(step.id)
    number = get_voucher(reader, voucher_id).number_text if voucher_id else step.payload.voucher_number
    return PaidGrant(step.done_on, number)
