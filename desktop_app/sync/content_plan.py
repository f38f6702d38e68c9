"""Which contents have to travel, and in which order: what is small and seen by everyone first, originals last."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from sqlalchemy import bindparam, or_, select

from desktop_app.storage.contents import CARRIED_AS_IT_IS, DOUBTFUL, WANTED, settled
from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from village_core.exchange.local_tables import blob_state
from village_core.exchange.messages import MAX_BLOB
from village_core.records.attachments import Attachment

_NAME = re.compile("[0-9a-f]{64}")

# Built once, since every exchange asks them.
_DONE = select(blob_state.c.sha256).where(settled())
_STATES = select(blob_state.c.sha256, blob_state.c.state)
_names = (Attachment.sha256, Attachment.small_sha256, Attachment.medium_sha256)
_UNSETTLED = (
    select(*_names, Attachment.size)
    .where(Attachment.village == bindparam("of"), or_(*(name.not_in(_DONE) for name in _names)))
    .order_by(Attachment.made_at, Attachment.id)
)


class Kind(IntEnum):
    """What a content is, in the order of sending."""

    SMALL = 0
    WANTED = 1
    MEDIUM = 2
    DOUBTFUL = 3
    """An original for which an older county has signed: asked about, sent like any original."""
    ORIGINAL = 4


@dataclass(frozen=True)
class Task:
    """One content that is on one side only. `size` is 0 where it is not here and has to be fetched."""

    sha256: str
    kind: Kind
    size: int

    @property
    def here(self) -> bool:
        return self.size > 0


def plan_contents(workspace: Workspace) -> list[Task]:
    """Everything that has to be sent or fetched; of the same kind the oldest first."""
    kinds: dict[str, Kind] = {}
    with explained(), workspace.engine.connect() as connection:
        done = set(connection.scalars(_DONE))
        states = dict(connection.execute(_STATES).all())
        for row in connection.execute(_UNSETTLED, {"of": workspace.village}):
            for name, kind in _kinds(row.sha256, row.small_sha256, row.medium_sha256, size=row.size):
                if name not in done and _NAME.fullmatch(name):
                    kinds[name] = min(kind, kinds.get(name, kind))
    tasks: list[Task] = []
    for name, kind in kinds.items():
        size = workspace.attachments.size_of(name)
        if size is not None:
            doubtful = kind is Kind.ORIGINAL and states.get(name) == DOUBTFUL
            if 0 < size <= MAX_BLOB:
                tasks.append(Task(name, Kind.DOUBTFUL if doubtful else kind, size))
        elif states.get(name) == WANTED and kind is not Kind.SMALL:
            tasks.append(Task(name, Kind.WANTED, 0))
        elif kind is Kind.SMALL:
            tasks.append(Task(name, kind, 0))
    return sorted(tasks, key=lambda task: task.kind)


def _kinds(sha256: str, small: str | None, medium: str | None, *, size: int) -> list[tuple[str, Kind]]:
    if small is None and size <= CARRIED_AS_IT_IS:
        return [(sha256, Kind.SMALL)]
    names = [(sha256, Kind.ORIGINAL)]
    if medium is not None:
        names.append((medium, Kind.MEDIUM))
    if small is not None:
        names.append((small, Kind.SMALL))
    return names
