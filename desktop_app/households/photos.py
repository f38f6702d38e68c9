"""Photos and scans of a household: the house, the 户口簿. Real pictures only, stored encrypted."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from desktop_app.storage.changes import Changes
from desktop_app.storage.unit_of_work import Reader
from desktop_app.storage.workspace import Workspace
from village_core.domain.clock import stamp
from village_core.domain.errors import ProblemOutsideError, RefusedError
from village_core.domain.ids import new_id
from village_core.records.attachments import Attachment

OWNER_KIND = "household"
PHOTO_ENDINGS = (".jpg", ".jpeg", ".png")
_MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
_LARGEST = 20 * 2**20
_MOST_PIXELS = 120_000_000
_SAFE = "原来的照片和资料都在。"


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """One photo of a household. Its content comes from `workspace.attachments.get(sha256)`."""

    id: UUID
    title: str
    media_type: str
    size: int
    sha256: str
    made_at: str


def list_photos(reader: Reader, household_id: UUID) -> list[PhotoRow]:
    """The photos of a household, newest first."""
    rows = reader.session.execute(
        select(
            Attachment.id,
            Attachment.title,
            Attachment.media_type,
            Attachment.size,
            Attachment.sha256,
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
    pictures = [(path, content := read_photo(path), check_photo(content, path.name)) for path in paths]
    known = _known_hashes(workspace, household_id)
    with workspace.unit_of_work(reason="放照片") as uow:
        for path, content, media_type in pictures:
            sha256 = workspace.attachments.put(content)
            if sha256 in known:
                continue
            known.add(sha256)
            uow.session.add(
                Attachment(
                    village=uow.village,
                    id=new_id(),
                    owner_kind=OWNER_KIND,
                    owner_id=household_id,
                    kind="other",
                    title=path.stem[:120],
                    media_type=media_type,
                    size=len(content),
                    sha256=sha256,
                    made_at=stamp(uow.clock),
                    made_by=uow.actor.person_id,
                )
            )
        uow.commit()
    return Changes.of("households")


def read_photo(path: Path) -> bytes:
    """The file's bytes; too large or unreadable ones are refused."""
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            raise RefusedError(
                f"“{path.name}”有 {size // 2**20} MB，太大了。", safe=_SAFE, next_step="请把照片调小到 20 MB 以内再放。"
            )
        return path.read_bytes()
    except OSError as error:
        raise ProblemOutsideError(
            f"“{path.name}”读不出来（{error.strerror}）。", safe=_SAFE, next_step="请检查U盘或手机是否连好，再试一次。"
        ) from error


def check_photo(content: bytes, name: str) -> str:
    """The media type of a JPEG or PNG that can be decoded to its last line; anything else is refused."""
    from PIL import Image, UnidentifiedImageError  # slow to load and wanted here only

    try:
        with Image.open(BytesIO(content), formats=tuple(_MEDIA_TYPES)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise RefusedError(f"“{name}”的尺寸太大。", safe=_SAFE, next_step="请把照片调小再放。")
            picture.load()
            return _MEDIA_TYPES[str(picture.format)]
    except UnidentifiedImageError as error:
        raise RefusedError(
            f"“{name}”不是照片。", safe=_SAFE, next_step="请放 JPG 或 PNG 照片；Word、PDF 请先打印出来拍照或扫描。"
        ) from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise RefusedError(
            f"“{name}”打不开，照片不完整或有损坏。", safe=_SAFE, next_step="请重新拍一张或重新拷一份再放。"
        ) from error


def _known_hashes(workspace: Workspace, household_id: UUID) -> set[str]:
    with workspace.reader() as reader:
        return {photo.sha256 for photo in list_photos(reader, household_id)}
