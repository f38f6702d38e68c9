"""One village's workspace on one laptop: everything a feature needs to read and write."""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, select, text

from desktop_app.storage import change_log as log
from desktop_app.storage.access_log import NewAccess, note_access
from desktop_app.storage.attachments import AttachmentStore
from desktop_app.storage.drafts import DraftStore
from desktop_app.storage.engine import HybridClock, execute_past
from desktop_app.storage.problems import explained
from desktop_app.storage.unit_of_work import Actor, Adviser, Reader, UnitOfWork, read_only
from village_core.domain.clock import Clock
from village_core.domain.staff.rights import Duties, Right
from village_core.exchange.change_log import change_log

DATABASE_FILE = "village.db"
KEY_FILE = "key.json"
ATTACHMENT_FOLDER = "attachments"
BACKUP_FOLDER = "backups"


class Workspace:
    """An open workspace. `folder` holds only encrypted files; `key` never leaves the process.

    `slot` is the one of the key file that the person at the keyboard opened it with.
    """

    def __init__(
        self, folder: Path, key: bytes, *, engine: Engine, hybrid_clock: HybridClock, clock: Clock, actor: Actor
    ) -> None:
        self.folder = folder
        self.key = key
        self.engine = engine
        self.hybrid_clock = hybrid_clock
        self.clock = clock
        self.actor = actor
        self.advisers: dict[str, tuple[Adviser, ...]] = {}
        self.attachments = AttachmentStore(folder / ATTACHMENT_FOLDER, key)
        self.slot = ""
        self.drafts = DraftStore(engine, clock, owner=actor.person_id.hex)
        self.village = self.state("village") or ""
        with explained(), self.engine.connect() as connection:
            newest = connection.scalar(select(change_log.c.clock).order_by(change_log.c.seq.desc()).limit(1))
        hybrid_clock.observe(newest or 0)

    def in_name_of(self, actor: Actor, *, slot: str) -> Workspace:
        """The same open files with another person at the keyboard: a deed begun before keeps its own person."""
        other = copy.copy(self)
        other.actor, other.slot = actor, slot
        other.drafts = DraftStore(self.engine, self.clock, owner=actor.person_id.hex)
        return other

    def unit_of_work(self, *, reason: str = "", seen: int | None = None) -> UnitOfWork:
        """A writing transaction in the name of the person at the keyboard; `seen` as in `UnitOfWork`."""
        return UnitOfWork(
            self.engine,
            village=self.village,
            clock=self.clock,
            actor=self.actor,
            reason=reason,
            advisers=self.advisers,
            seen=seen,
        )

    def reader(self) -> AbstractContextManager[Reader]:
        """A reader in the name of the person at the keyboard."""
        return read_only(self.engine, village=self.village, clock=self.clock, actor=self.actor)

    def duties(self) -> Duties:
        """What the person at the keyboard may do now."""
        with self.reader() as reader:
            assert reader.duties is not None
            return reader.duties

    def require(self, right: Right, *, about: UUID | None = None) -> None:
        """Refuse here what the roles of the person at the keyboard do not give, before any work is begun; `about` as
        in `log_access`."""
        with self.reader() as reader:
            reader.require(right, about=about)

    def log_access(
        self, kind: str, subject: str, detail: str = "", *, about: UUID | None = None, reason: str = ""
    ) -> None:
        """Note a deed that changes nothing: export, print, refusal, reveal (a full number was read), login.

        `about` is the household, person or case concerned, or `EVERYBODY`; `reason` why the person at the keyboard
        wanted it."""
        new = NewAccess(
            actor=self.actor.person_id.hex,
            actor_name=self.actor.name,
            kind=kind,
            subject=subject,
            detail=detail,
            about=about.hex if about else None,
            reason=reason,
        )
        note_access(self.engine, new, clock=self.clock)

    def state(self, key: str) -> str | None:
        """What this laptop knows of itself under `key` (device number, cursor, settings of the window)."""
        with explained(), self.engine.connect() as connection:
            row = execute_past(connection, "SELECT value FROM device_state WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row is not None and row[0] is not None else None

    def set_state(self, key: str, value: str) -> None:
        with explained(), self.engine.execution_options(write=True).begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO device_state (key, value) VALUES (:key, :value)"
                    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
                ),
                {"key": key, "value": value},
            )

    def seal_log(self) -> None:
        """Close the hash chain over what was written since the last time."""
        with explained(), self.engine.execution_options(write=True).begin() as connection:
            log.seal(connection)

    def close(self) -> None:
        """Seal the log and let go of the files."""
        self.seal_log()
        self.engine.dispose()
