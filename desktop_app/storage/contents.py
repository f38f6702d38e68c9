"""What this laptop knows of its photos beside the files: what the county has signed for, and what is wanted here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from desktop_app.storage.problems import explained
from village_core.exchange.local_tables import blob_state
from village_core.records.attachments import Attachment

if TYPE_CHECKING:
    from desktop_app.storage.attachments import AttachmentStore
    from desktop_app.storage.unit_of_work import Reader
    from desktop_app.storage.workspace import Workspace

SENT, FETCHED, WANTED, DOUBTFUL = "sent", "fetched", "wanted", "doubtful"
CARRIED_AS_IT_IS = 400_000
"""An original without copies (of an older program) goes like a copy up to this many bytes."""


_ELSEWHERE = "原图还在另一台电脑上，或在等着送到县里"


@dataclass(frozen=True)
class WaitingContents:
    """Photos that lie here and of which the county has not signed for a copy, or for the original, yet."""

    copies: int
    originals: int


@dataclass(frozen=True)
class ShownPicture:
    """The best that is here of a photo. `words` are empty where it is the original."""

    content: bytes
    words: str


def has_receipt(connection: Connection, sha256: str) -> bool:
    """Whether the county has signed that it has this content whole; before that nothing may delete it here."""
    column = blob_state.c
    return (
        connection.scalar(
            select(column.sha256).where(column.sha256 == sha256, column.receipt.is_not(None), column.state != DOUBTFUL)
        )
        is not None
    )


def note_receipt(connection: Connection, sha256: str, receipt: bytes, *, outcome: str = SENT) -> None:
    """Keep the county's receipt, which the caller has checked, in the caller's transaction."""
    _set(connection, sha256, state=outcome, receipt=receipt)


def doubt_receipts(connection: Connection) -> None:
    """The county was restored from a backup: what it signed for may be gone there, so it is asked again."""
    connection.execute(update(blob_state).where(blob_state.c.receipt.is_not(None)).values(state=DOUBTFUL))


def want_content(workspace: Workspace, sha256: str) -> bool:
    """Have a content fetched at the next exchange; False when it is here already."""
    if workspace.attachments.has(sha256):
        return False
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        if connection.scalar(select(blob_state.c.state).where(blob_state.c.sha256 == sha256)) != WANTED:
            _set(connection, sha256, state=WANTED)
    return True


def settled() -> ColumnElement[bool]:
    """The rows of `blob_state` with which nothing is left to do."""
    return blob_state.c.receipt.is_not(None) & blob_state.c.state.in_((SENT, FETCHED))


def count_waiting(reader: Reader, store: AttachmentStore) -> WaitingContents:
    """Of how many photos a copy, and of how many the original, is here and not yet known to be at the county."""
    done = select(blob_state.c.sha256).where(settled())
    column = Attachment
    rows = reader.session.execute(
        select(column.sha256, column.small_sha256, column.medium_sha256, column.size).where(
            column.village == reader.village,
            or_(column.sha256.not_in(done), column.small_sha256.not_in(done), column.medium_sha256.not_in(done)),
        )
    ).all()
    known = set(reader.session.scalars(done))
    copies: set[str] = set()
    originals: set[str] = set()
    for row in rows:
        small_enough = row.small_sha256 is None and row.size <= CARRIED_AS_IT_IS
        carried = {row.small_sha256, row.medium_sha256, row.sha256 if small_enough else None} - {None}
        if any(store.has(name) for name in carried - known):
            copies.add(row.sha256)
        if row.sha256 not in carried | known and store.has(row.sha256):
            originals.add(row.sha256)
    return WaitingContents(len(copies), len(originals))


class Picture(Protocol):
    """A row of a photo: the names of its contents."""

    @property
    def sha256(self) -> str: ...
    @property
    def small_sha256(self) -> str | None: ...
    @property
    def medium_sha256(self) -> str | None: ...


def read_for_list(store: AttachmentStore, picture: Picture) -> bytes:
    """What a list shows: the small copy, or whatever is here. `AttachmentMissingError` when nothing is."""
    for name in (picture.small_sha256, picture.medium_sha256):
        if name is not None and store.has(name):
            return store.get(name)
    return store.get(picture.sha256)


def read_for_paper(store: AttachmentStore, picture: Picture) -> tuple[bytes, bool]:
    """The original, or the larger copy where only that is here (then True). `AttachmentMissingError` otherwise."""
    if not store.has(picture.sha256) and picture.medium_sha256 is not None and store.has(picture.medium_sha256):
        return store.get(picture.medium_sha256), True
    return store.get(picture.sha256), False


def open_picture(workspace: Workspace, picture: Picture) -> ShownPicture:
    """The best that is here of a photo which somebody looks at. Where that is the small copy or nothing, a better one
    is fetched at the next exchange. `AttachmentMissingError` when nothing is here."""
    store = workspace.attachments
    if store.has(picture.sha256):
        return ShownPicture(store.get(picture.sha256), "")
    if picture.medium_sha256 is not None and store.has(picture.medium_sha256):
        return ShownPicture(store.get(picture.medium_sha256), f"这是压缩图，{_ELSEWHERE}。")
    want_content(workspace, picture.medium_sha256 or picture.sha256)
    if picture.small_sha256 is not None and store.has(picture.small_sha256):
        return ShownPicture(store.get(picture.small_sha256), f"这是小图，{_ELSEWHERE}；下次同步时取清楚一点的来。")
    return ShownPicture(store.get(picture.sha256), "")


def _set(connection: Connection, sha256: str, **values: object) -> None:
    changed = connection.execute(update(blob_state).where(blob_state.c.sha256 == sha256).values(**values))
    if not changed.rowcount:
        connection.execute(insert(blob_state).values(sha256=sha256, **values))
