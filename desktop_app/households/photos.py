"""Photos and scans of a household: the house, the 户口簿. Real pictures only, stored encrypted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from desktop_app.storage.changes import Changes
from desktop_app.storage.copies import prepare_picture
from desktop_app.storage.pictures import check_size
from desktop_app.storage.unit_of_work import Reader
from desktop_app.storage.workspace import Workspace
from village_core.domain.clock import stamp
from village_core.domain.errors import ProblemOutsideError
from village_core.domain.ids import new_id
from village_core.domain.staff.rights import Right
from village_core.records.attachments import Attachment

OWNER_KIND = "household"
_SAFE = "原来的照片和资料都在。"


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """One photo of a household. Its contents lie in the attachment store: the original and two copies, which a photo
    of an older program does not have."""

    id: UUID
    title: str
    media_type: str
    size: int
    sha256: str
    small_sha256: str | None
    medium_sha256: str | None
    made_at: str


def list_photos(reader: Reader, household_id: UUID) -> list[PhotoRow]:
    """The photos of a household, newest first."""
    reader.require(Right.READ_HOUSEHOLDS, about=household_id)
    rows = reader.session.execute(
        select(
            Attachment.id,
            Attachment.title,
            Attachment.media_type,
            Attachment.size,
            Attachment.sha256,
            Attachment.small_sha256,
            Attachment.medium_sha256,
            Attachment.made_at,
        )
        .where(
            Attachment.village == reader.village,
            Attachment.owner_kind == OWNER_KIND,
            Attachment.owner_id == household_id,
        )
        .order_by(Attachment.made_at.desc(), Attachment.id)
    )
    return [PhotoRow(*row) for row in rows]


def add_photos(workspace: Workspace, household_id: UUID, paths: list[Path]) -> Changes:
    """Check all files, keep them, then name them in one transaction: all of them or none."""
    workspace.require(Right.EDIT_HOUSEHOLDS, about=household_id)
    pictures = [(path, prepare_picture(read_photo(path), name=path.name)) for path in paths]
    known = _known_hashes(workspace, household_id)
    with workspace.unit_of_work(reason="放照片") as uow:
        for path, picture in pictures:
            kept = picture.keep(workspace.attachments)
            if kept.sha256 in known:
                continue
            known.add(kept.sha256)
            uow.session.add(
                Attachment(
                    village=uow.village,
                    id=new_id(),
                    owner_kind=OWNER_KIND,
                    owner_id=household_id,
                    kind="other",
                    title=path.stem[:120],
                    media_type=kept.media_type,
                    size=kept.size,
                    sha256=kept.sha256,
                    small_sha256=kept.small_sha256,
                    medium_sha256=kept.medium_sha256,
                    made_at=stamp(uow.clock),
                    made_by=uow.actor.person_id,
                )
            )
        uow.commit()
    return Changes.of("households")


def read_photo(path: Path) -> bytes:
    """The file's bytes; too large or unreadable ones are refused."""
    try:
        check_size(path.stat().st_size, f"“{path.name}”")
        return path.read_bytes()
    except OSError as error:
        raise ProblemOutsideError(
            f"“{path.name}”读不出来（{error.strerror}）。", safe=_SAFE, next_step="请检查U盘或手机是否连好，再试一次。"
        ) from error


def _known_hashes(workspace: Workspace, household_id: UUID) -> set[str]:
    with workspace.reader() as reader:
        return {photo.sha256 for photo in list_photos(reader, household_id)}
