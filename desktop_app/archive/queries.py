"""公示档案 as the page shows it: each case with what may be printed, what was, and what its file still lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from desktop_app.notices.compose import printable_notices
from desktop_app.notices.queries import PrintedRow, list_printed
from desktop_app.relief.case_facts import PAPER_OWNER
from desktop_app.relief.case_store import StoredCase, list_stored_cases
from desktop_app.relief.policies import relief_pack, work_calendar
from desktop_app.relief.queries import list_cases
from village_core.domain.notices.model import NoticeKind
from village_core.domain.relief.check_archive import missing_papers
from village_core.domain.relief.facts import CaseFacts, StoredPaper
from village_core.domain.relief.state import CaseState
from village_core.domain.relief.steps import StepKind
from village_core.domain.staff.rights import Right
from village_core.records.attachments import Attachment

if TYPE_CHECKING:
    from desktop_app.storage.unit_of_work import Reader

POSTED_BY: Mapping[NoticeKind, StepKind] = {
    NoticeKind.RESOLUTION: StepKind.RESOLUTION_PUBLISHED,
    NoticeKind.RELIEF: StepKind.NOTICE_POSTED,
    NoticeKind.RESULT: StepKind.RESULT_PUBLISHED,
}
"""The step that records that a publication hangs."""


@dataclass(frozen=True)
class PaperCase:
    """One case in 公示档案. `printed` maps a kind of paper to the day on which it was last printed."""

    case_id: UUID
    number: str
    household_name: str
    group_name: str
    status_title: str
    step_label: str
    printable: tuple[NoticeKind, ...]
    posted: frozenset[NoticeKind]
    printed: Mapping[str, date]
    missing: tuple[str, ...]
    archived: bool
    running: bool

    @property
    def title(self) -> str:
        """`罗铉家`."""
        return f"{self.household_name or '（还没有户主）'}家"

    @property
    def to_print(self) -> tuple[NoticeKind, ...]:
        """Publications whose time has come and that neither hang nor were printed."""
        return tuple(kind for kind in self.printable if kind not in self.posted and kind.value not in self.printed)


@dataclass(frozen=True)
class CasePapers:
    """One case with everything that was printed of it."""

    case: PaperCase
    history: tuple[PrintedRow, ...]


def list_paper_cases(reader: Reader) -> tuple[PaperCase, ...]:
    """All cases, those with something to print first, then the newest."""
    reader.require(Right.READ_CASES)
    rows = {row.id: row for row in list_cases(reader)}
    papers = _papers_by_step(reader)
    printed = _printed_by_case(reader)
    cases = []
    for case in list_stored_cases(reader):
        row = rows[case.id]
        cases.append(
            PaperCase(
                case_id=case.id,
                number=case.number,
                household_name=row.household_name,
                group_name=row.group_name,
                status_title=row.status_title,
                step_label=row.step_label,
                printable=printable_notices(case.state),
                posted=_posted(case.state),
                printed=printed[case.id],
                missing=_missing(reader, case, papers),
                archived=case.state.has(StepKind.ARCHIVE),
                running=case.state.is_running,
            )
        )
    cases.sort(key=lambda one: one.number, reverse=True)
    return tuple(sorted(cases, key=lambda one: not one.to_print))


def get_case_papers(reader: Reader, case_id: UUID) -> CasePapers | None:
    """One case of 公示档案, None when it is not there."""
    reader.require(Right.READ_CASES, about=case_id)
    case = next((one for one in list_paper_cases(reader) if one.case_id == case_id), None)
    return CasePapers(case, list_printed(reader, case_id=case_id)) if case else None


def _posted(state: CaseState) -> frozenset[NoticeKind]:
    return frozenset(kind for kind, step in POSTED_BY.items() if state.has(step))


def _papers_by_step(reader: Reader) -> dict[UUID, list[StoredPaper]]:
    found: dict[UUID, list[StoredPaper]] = defaultdict(list)
    rows = reader.session.execute(
        select(Attachment.owner_id, Attachment.kind).where(
            Attachment.village == reader.village, Attachment.owner_kind == PAPER_OWNER
        )
    )
    for owner_id, kind in rows:
        found[owner_id].append(StoredPaper(owner_id, kind))
    return found


def _printed_by_case(reader: Reader) -> dict[UUID, dict[str, date]]:
    printed: dict[UUID, dict[str, date]] = defaultdict(dict)
    for row in reversed(list_printed(reader)):
        if row.case_id is not None:
            printed[row.case_id][row.kind] = row.printed_on
    return printed


def _missing(reader: Reader, case: StoredCase, papers: Mapping[UUID, list[StoredPaper]]) -> tuple[str, ...]:
    own = tuple(paper for record in case.records for paper in papers.get(record.id, ()))
    facts = CaseFacts(calendar=work_calendar(), papers=own)
    pack = relief_pack(case.pack_version)
    return tuple(paper.title for paper in missing_papers(case.state, facts, pack=pack, on=reader.today))
