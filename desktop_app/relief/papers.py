"""Scans and photos of a case: real pictures only, stored encrypted, each belonging to one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from desktop_app.relief.case_facts import PAPER_OWNER
from desktop_app.relief.case_store import get_case
from desktop_app.storage.changes import Changes
from desktop_app.storage.copies import prepare_picture
from village_core.domain.clock import stamp
from village_core.domain.errors import RefusedError
from village_core.domain.ids import new_id
from village_core.domain.relief.check_archive import PAPER_TITLES
from village_core.domain.relief.steps import StepKind
from village_core.exchange.staff_roles import role_list
from village_core.records.attachments import Attachment

if TYPE_CHECKING:
    from desktop_app.storage.attachments import AttachmentStore
    from desktop_app.storage.unit_of_work import Reader, UnitOfWork

CHANGED = Changes.of("relief")

_USUAL_KINDS: dict[StepKind, tuple[str, ...]] = {
    StepKind.APPLICATION: ("application", "id_copy", "other"),
    StepKind.FIRST_REVIEW: ("home_visit", "other"),
    StepKind.TOWNSHIP_REVIEW: ("township_opinion", "minutes", "other"),
    StepKind.RESOLUTION_PUBLISHED: ("notice_near", "notice_far", "other"),
    StepKind.NOTICE_POSTED: ("notice_near", "notice_far", "other"),
    StepKind.NOTICE_TAKEN_DOWN: ("notice_far", "other"),
    StepKind.PAYMENT: ("bank_receipt", "other"),
    StepKind.RESULT_PUBLISHED: ("notice_near", "notice_far", "other"),
    StepKind.FOLLOW_UP: ("follow_up", "other"),
}
_MEETING_KINDS = ("minutes", "sign_in", "other")


@dataclass(frozen=True)
class PaperRow:
    """A scan or photo of a step. `sha256` names its content in the attachment store; the copies are not there for
    what an older program took."""

    id: UUID
    step_id: UUID
    kind: str
    title: str
    media_type: str
    size: int
    sha256: str
    small_sha256: str | None
    medium_sha256: str | None
    made_at: str

    @property
    def kind_title(self) -> str:
        return PAPER_TITLES.get(self.kind, self.kind)


@dataclass(frozen=True)
class AttachedPaper:
    """A paper was added to a step."""

    paper_id: UUID
    sha256: str
    changes: Changes = CHANGED


def paper_kinds(kind: StepKind) -> tuple[str, ...]:
    """Which papers belong to a step, the usual one first."""
    if kind in (
        StepKind.PARTY_PROPOSAL,
        StepKind.COMMITTEES_CONSULTATION,
        StepKind.PARTY_MEMBERS_REVIEW,
        StepKind.VILLAGERS_RESOLUTION,
    ):
        return _MEETING_KINDS
    return _USUAL_KINDS.get(kind, ("other",))


def attach_paper(
    uow: UnitOfWork,
    store: AttachmentStore,
    step_id: UUID,
    *,
    case_id: UUID,
    kind: str,
    content: bytes,
    title: str = "",
) -> AttachedPaper:
    """Add a scan to a step; the file is closed once the case is archived. The same picture counts once."""
    case = get_case(uow, case_id)
    step = next((record for record in case.records if record.id == step_id), None)
    if step is None:
        raise RefusedError("找不到要放照片的那一步。", safe="资料没有改动。", next_step="请重新打开这一件再放。")
    uow.require(role_list().steps[step.kind.value], about=case_id)
    if case.state.has(StepKind.ARCHIVE):
        raise RefusedError(
            "这一件已经归档，不能再放材料。", safe="资料没有改动。", next_step="确需补充的，请另存纸质材料。"
        )
    kept = prepare_picture(content).keep(store)
    sha256 = kept.sha256
    known = uow.session.scalar(
        select(Attachment.id).where(
            Attachment.village == uow.village,
            Attachment.owner_id == step_id,
            Attachment.kind == kind,
            Attachment.sha256 == sha256,
        )
    )
    if known is not None:
        return AttachedPaper(known, sha256)
    paper = Attachment(
        village=uow.village,
        id=new_id(),
        owner_kind=PAPER_OWNER,
        owner_id=step_id,
        kind=kind,
        title=(title.strip() or PAPER_TITLES.get(kind, "材料"))[:120],
        media_type=kept.media_type,
        size=kept.size,
        sha256=sha256,
        small_sha256=kept.small_sha256,
        medium_sha256=kept.medium_sha256,
        made_at=stamp(uow.clock),
        made_by=uow.actor.person_id,
    )
    uow.session.add(paper)
    uow.session.flush()
    return AttachedPaper(paper.id, sha256)


def list_case_papers(reader: Reader, step_ids: list[UUID]) -> tuple[PaperRow, ...]:
    """The papers of these steps in the order in which they were added."""
    rows = reader.session.scalars(
        select(Attachment)
        .where(
            Attachment.village == reader.village,
            Attachment.owner_kind == PAPER_OWNER,
            Attachment.owner_id.in_(step_ids),
        )
        .order_by(Attachment.made_at, Attachment.id)
    )
    return tuple(
        PaperRow(
            id=row.id,
            step_id=row.owner_id,
            kind=row.kind,
            title=row.title,
            media_type=row.media_type,
            size=row.size,
            sha256=row.sha256,
            small_sha256=row.small_sha256,
            medium_sha256=row.medium_sha256,
            made_at=row.made_at,
        )
        for row in rows
    )
