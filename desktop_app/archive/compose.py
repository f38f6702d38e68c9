"""From a relief case to its archive: one item a step, with corrections, scans, voucher and digests."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID

from desktop_app.archive.covering import cover_content, cover_household, cover_step
from desktop_app.archive.print_model import (
    ArchiveFile,
    ClosingNote,
    Content,
    Cover,
    Field,
    Form,
    ListedFile,
    Listing,
    Scan,
    Section,
    Signatures,
)
from desktop_app.archive.sections import plain_fields, step_content
from desktop_app.archive.vouchers import voucher_sheet
from desktop_app.households.queries import HouseholdDetail, get_household
from desktop_app.ledger.queries import list_case_vouchers
from desktop_app.notices.compose import committee_name
from desktop_app.relief.case_facts import list_papers
from desktop_app.relief.case_store import StoredCase, get_case
from desktop_app.relief.papers import PaperRow, list_case_papers
from desktop_app.relief.policies import relief_pack, work_calendar
from desktop_app.settings.queries import Village, get_village
from desktop_app.storage.contents import read_for_paper
from village_core.domain.calendar import chinese_date
from village_core.domain.clock import read_moment
from village_core.domain.money import format_yuan
from village_core.domain.relief.check_archive import PAPERS_WITH_NUMBERS, MissingPaper, missing_papers
from village_core.domain.relief.facts import CaseFacts
from village_core.domain.relief.payloads import CAUSE_TITLES, Archive
from village_core.domain.relief.policy import PolicyPack
from village_core.domain.relief.state import STATUS_TITLES, CaseStatus
from village_core.domain.relief.steps import CORRECTION_REASON, StepKind, StepRecord

if TYPE_CHECKING:
    from desktop_app.storage.attachments import AttachmentStore
    from desktop_app.storage.unit_of_work import Reader

_TITLE = "村级集体经济临时救助档案"


def build_archive(reader: Reader, store: AttachmentStore, case_id: UUID, *, covered: bool = False) -> ArchiveFile:
    """Everything of a case, as it stands today. `covered`: without whole numbers, and without pictures of them.

    Raises:
        AttachmentMissingError: the content of a scan is not on this laptop, or damaged.
    """
    case = get_case(reader, case_id)
    pack = relief_pack(case.pack_version)
    village, household = get_village(reader), get_household(reader, case.household_id)
    if covered:
        household = cover_household(household)
    papers = list_case_papers(reader, [record.id for record in case.records])
    archived_on = case.state.done_on(StepKind.ARCHIVE)
    dated = archived_on or reader.today
    steps = _step_sections(reader, store, case, pack=pack, papers=papers, covered=covered)
    return ArchiveFile(
        cover=_cover(case, household, village),
        sections=(_household_section(household), *steps),
        files=_files(case, papers),
        closing=ClosingNote(_remarks(reader, case, pack), _maker(case), dated),
        footer=f"{village.name}　{household.title}户　{case.number} 号",
        dated=dated,
    )


def case_missing_papers(reader: Reader, case: StoredCase) -> tuple[MissingPaper, ...]:
    """What CRELIEF-14 still wants of the steps that are done."""
    facts = CaseFacts(calendar=work_calendar(), papers=list_papers(reader, case))
    return missing_papers(case.state, facts, pack=relief_pack(case.pack_version), on=reader.today)


def _cover(case: StoredCase, household: HouseholdDetail, village: Village) -> Cover:
    state, values = case.state, household.values
    amount = state.paid_fen if state.paid_fen is not None else state.resolved_fen
    granted = state.status not in (CaseStatus.REFUSED, CaseStatus.WITHDRAWN)
    step = state.last(StepKind.ARCHIVE)
    number = step.payload.file_number if step and isinstance(step.payload, Archive) else ""
    fields = (
        Field("档号", number or case.number),
        Field("救助编号", case.number),
        Field("户主", household.title),
        Field("户编号", str(values.get("number") or "")),
        Field("村民小组", household.group_name),
        Field("家庭人口", f"{len(household.members)} 人"),
        Field("救助事由", CAUSE_TITLES[state.application.cause] if state.application else ""),
        Field("救助金额", f"{format_yuan(amount)} 元" if amount is not None and granted else "没有给予救助"),
        Field("申请日期", _day(case, StepKind.APPLICATION)),
        Field("发放日期", _day(case, StepKind.PAYMENT)),
        Field("办理结果", STATUS_TITLES[state.status]),
        Field("归档日期", _day(case, StepKind.ARCHIVE)),
        Field("保管期限", "", wide=True),
    )
    return Cover(committee_name(village), _TITLE, f"{household.title}家", fields)


def _day(case: StoredCase, kind: StepKind) -> str:
    day = case.state.done_on(kind)
    return chinese_date(day) if day else ""


def _household_section(household: HouseholdDetail) -> Section:
    values = household.values
    form = Form(
        (
            Field("户主", household.title),
            Field("户编号", str(values.get("number") or "")),
            Field("村民小组", household.group_name),
            Field("户类型", str(values.get("kind") or "")),
            Field("监测类别", str(values.get("monitor_kind") or "")),
            Field("帮扶责任人", str(values.get("helper_name") or "")),
            Field("开户银行", str(values.get("bank_name") or "")),
            Field("银行账号", str(values.get("bank_account") or "")),
        )
    )
    rows = tuple(
        (
            member.name,
            member.relation or "",
            member.sex or "",
            member.birth_date.isoformat() if member.birth_date else "",
            str(member.values.get("id_number") or ""),
        )
        for member in household.members
    )
    members = Listing("家庭成员", ("姓名", "与户主关系", "性别", "出生日期", "证件号码"), (2.2, 1.8, 0.9, 2, 3.4), rows)
    return Section("家庭情况", None, (form, members))


def _step_sections(
    reader: Reader,
    store: AttachmentStore,
    case: StoredCase,
    *,
    pack: PolicyPack,
    papers: tuple[PaperRow, ...],
    covered: bool,
) -> list[Section]:
    by_step: dict[UUID, list[PaperRow]] = defaultdict(list)
    for paper in papers:
        by_step[paper.step_id].append(paper)
    sections = []
    for step in case.state.records:
        versions = [*_earlier_versions(case, step), step]
        own = [paper for version in versions for paper in by_step[version.id]]
        if covered:
            versions = [cover_step(version) for version in versions]
        content = [*step_content(versions[-1], pack)]
        if len(versions) > 1:
            place = next((at for at, part in enumerate(content) if isinstance(part, Signatures)), len(content))
            content.insert(place, _corrections(versions, pack))
        if step.kind is StepKind.PAYMENT:
            content += _vouchers(reader, case)
        scans = tuple(_scan(store, paper, covered=covered and paper.kind in PAPERS_WITH_NUMBERS) for paper in own)
        printed = cover_content(tuple(content)) if covered else tuple(content)
        sections.append(Section(step.title, step.done_on, printed, scans))
    return sections


def _scan(store: AttachmentStore, paper: PaperRow, *, covered: bool) -> Scan:
    """The picture itself, or its larger copy where the original is on another laptop; the paper says so."""
    if covered:
        return Scan(_caption(paper), b"", paper.sha256)
    content, copied = read_for_paper(store, paper)
    return Scan(_caption(paper) + ("（压缩图）" if copied else ""), content, paper.sha256)


def _caption(paper: PaperRow) -> str:
    return paper.title if paper.title == paper.kind_title else f"{paper.kind_title}：{paper.title}"


def _earlier_versions(case: StoredCase, step: StepRecord) -> list[StepRecord]:
    """What a step corrected, the oldest first."""
    replaced = {record.id: record for record in case.state.superseded}
    found: list[StepRecord] = []
    before = step.supersedes
    while before is not None and before in replaced and replaced[before] not in found:
        found.insert(0, replaced[before])
        before = replaced[before].supersedes
    return found


def _corrections(versions: list[StepRecord], pack: PolicyPack) -> Listing:
    """What each correction changed, why, and who made it."""
    rows = []
    for old, new in pairwise(versions):
        before, after = plain_fields(old, pack), plain_fields(new, pack)
        changed = [f"{label}：原为“{before.get(label, '')}”" for label in before if before[label] != after.get(label)]
        reason = new.reasons.get(CORRECTION_REASON, "")
        rows.append((_recorded_on(new), "；".join(changed) or "内容没有变化", reason, new.actor_name))
    return Listing("更正记录", ("更正日期", "改了什么", "原因", "谁改的"), (1.8, 4, 3, 1.4), tuple(rows))


def _recorded_on(step: StepRecord) -> str:
    moment = read_moment(step.recorded_at)
    return chinese_date(moment.date() if moment else step.done_on)


def _vouchers(reader: Reader, case: StoredCase) -> list[Content]:
    """The vouchers of the case: its payment, and what took it back."""
    return [voucher_sheet(reader, row.voucher_id) for row in list_case_vouchers(reader, case.id)]


def _files(case: StoredCase, papers: tuple[PaperRow, ...]) -> tuple[ListedFile, ...]:
    titles = {record.id: record.title for record in case.records}
    return tuple(ListedFile(_caption(paper), titles[paper.step_id], paper.size, paper.sha256) for paper in papers)


def _remarks(reader: Reader, case: StoredCase, pack: PolicyPack) -> tuple[str, ...]:
    remarks = []
    missing = case_missing_papers(reader, case)
    if missing:
        remarks.append(f"本卷还缺 {len(missing)} 样材料：{'；'.join(paper.title for paper in missing)}。")
    if not case.state.has(StepKind.ARCHIVE):
        remarks.append(f"本卷打印时还没有归档，办理结果：{STATUS_TITLES[case.state.status]}。")
    if case.state.conflicting:
        remarks.append(f"另有 {len(case.state.conflicting)} 条记录与本卷的记录重复，没有生效。")
    remarks.append(f"办理依据：{pack.document}，规则版本 {pack.version.rpartition('_')[2]}。")
    return tuple(remarks) if len(remarks) > 1 else ("本卷材料齐全。", *remarks)


def _maker(case: StoredCase) -> str:
    step = case.state.last(StepKind.ARCHIVE)
    if step is not None and isinstance(step.payload, Archive):
        return step.payload.keeper
    return case.state.records[-1].actor_name if case.state.records else ""
