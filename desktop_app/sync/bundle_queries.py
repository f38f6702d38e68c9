"""What the page 用 U 盘带 shows before anything is written. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from desktop_app.storage.attachments import AttachmentStore
from desktop_app.storage.contents import count_waiting as count_contents
from desktop_app.storage.unit_of_work import Reader
from desktop_app.sync import state
from desktop_app.sync.outbox import count_waiting
from village_core.exchange.bundle import SUFFIX


@dataclass(frozen=True)
class BundleView:
    """`enrolled` at a county, `locked`: the county's lock is known; what waits, in changes and in contents."""

    enrolled: bool
    locked: bool
    village: str
    device: int
    waiting: int
    contents: int

    def ways_back(self, folder: Path) -> int:
        """How many files of the county for this laptop lie in a folder; 0 when it cannot be read."""
        try:
            return len(list(folder.glob(f"R{self.village}-{self.device}-*{SUFFIX}")))
        except OSError:
            return 0


def get_bundle_view(reader: Reader, store: AttachmentStore) -> BundleView:
    """How things stand now."""
    connection = reader.session.connection()
    known = state.read_state(connection)
    contents = count_contents(reader, store)
    return BundleView(
        enrolled=state.read_link(connection) is not None,
        locked=bool(known.get(state.COUNTY_RECIPIENT)),
        village=reader.village,
        device=int(known.get(state.DEVICE, "0")),
        waiting=count_waiting(connection, int(known.get(state.ACKED_SEQ, "0"))),
        contents=contents.copies + contents.originals,
    )
