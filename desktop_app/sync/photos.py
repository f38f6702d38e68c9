"""Photos on their way: what waits, why, and over which lines originals may go. No Qt, no network."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_app.storage.attachments import AttachmentStore
from desktop_app.storage.changes import Changes
from desktop_app.storage.contents import WaitingContents, count_waiting
from desktop_app.storage.unit_of_work import Reader, UnitOfWork
from desktop_app.sync import state
from village_core.domain.staff.rights import Right


@dataclass(frozen=True)
class PhotoView:
    """`waiting` is here and not yet signed for by the county; `problem` why the county takes no more, or ''."""

    waiting: WaitingContents
    any_line: bool
    problem: str

    @property
    def words(self) -> str:
        """What waits, in a sentence."""
        copies, originals = self.waiting.copies, self.waiting.originals
        if not copies and not originals:
            return "照片都送到县里了，县里签收过。"
        parts = [f"{word} {count:,} 张" for word, count in (("小图", copies), ("原图", originals)) if count]
        rest = "" if copies or self.any_line else "小图已送到；原图等U盘或办公室网络。"
        return f"还没送到县里：{'、'.join(parts)}。{rest}"


def get_photo_view(reader: Reader, store: AttachmentStore) -> PhotoView:
    """How the photos of this laptop stand."""
    known = state.read_state(reader.session.connection())
    return PhotoView(
        waiting=count_waiting(reader, store),
        any_line=known.get(state.ORIGINALS) == state.ORIGINALS_ANY_LINE,
        problem=known.get(state.CONTENT_PROBLEM, ""),
    )


def choose_originals(uow: UnitOfWork, *, any_line: bool) -> Changes:
    """Let originals go over any line, or have them wait for a stick or an office's line."""
    uow.require(Right.MANAGE_SETTINGS)
    state.write_state(uow.session.connection(), {state.ORIGINALS: state.ORIGINALS_ANY_LINE if any_line else ""})
    return Changes.of("sync")
