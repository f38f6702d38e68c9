"""The log of what changes nothing and must be known all the same: export, print, refusal, reading a full number.

Each entry holds a hash over the one before and itself. Entries of the first kind had none: the first hash covers them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.orm import Session

from desktop_app.storage.engine import execute_past
from desktop_app.storage.log_marks import BrokenChain, Harm, entry_bytes
from desktop_app.storage.problems import explained
from village_core.domain.clock import Clock, stamp
from village_core.exchange.change_log import access_log

_COVERED = ("id", "at", "actor", "actor_name", "kind", "subject", "detail", "about", "reason")
_ENTRY = tuple(access_log.c[name] for name in _COVERED)
_APPEND = insert(access_log)
_LAST = "SELECT id, hash FROM access_log ORDER BY id DESC LIMIT 1"

EVERYBODY = UUID(int=(1 << 128) - 1)
"""`about` of what concerns each household and person of the village, as a sheet with all of them: their journals
show it."""


@dataclass(frozen=True)
class AccessEntry:
    """One entry. `at` is ISO 8601 in UTC; `kind` is export, print, refusal, reveal, login, lock, backup …"""

    at: str
    actor_name: str
    kind: str
    subject: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class NewAccess:
    """What an entry is to say; number, time and hash come with the writing. `actor` and `about` are ids in hex."""

    actor: str
    actor_name: str
    kind: str
    subject: str
    detail: str
    about: str | None = None
    reason: str = ""


def note_access(engine: Engine, new: NewAccess, *, clock: Clock) -> None:
    """Append one entry in a transaction of its own."""
    with explained(), engine.execution_options(write=True).begin() as connection:
        append_access(connection, new, clock=clock)


def append_access(connection: Connection, new: NewAccess, *, clock: Clock) -> None:
    """Append one entry in the caller's writing transaction. The only way by which entries come into the log."""
    last_id, last_hash = last_access(connection)
    entry: dict[str, Any] = {
        "id": last_id + 1,
        "at": stamp(clock),
        "actor": new.actor,
        "actor_name": new.actor_name,
        "kind": new.kind,
        "subject": new.subject[:200],
        "detail": new.detail,
        "about": new.about,
        "reason": new.reason or None,
    }
    digest = _start(connection, last_id, last_hash)
    digest.update(entry_bytes([entry[name] for name in _COVERED]))
    connection.execute(_APPEND, entry | {"hash": digest.hexdigest()})


def last_access(connection: Connection) -> tuple[int, str]:
    """Number and hash of the newest entry; (0, '') where there is none, hash '' where it has none yet."""
    row = execute_past(connection, _LAST).fetchone()
    return (row[0], row[1] or "") if row else (0, "")


def hash_of_access(connection: Connection, number: int) -> str | None:
    """The hash of one entry: '' for 0 and for entries of the first kind, None where it is not there."""
    if number == 0:
        return ""
    row = execute_past(connection, "SELECT hash FROM access_log WHERE id = ?", (number,)).fetchone()
    return None if row is None else row[0] or ""


def find_broken_access(connection: Connection) -> BrokenChain | None:
    """The first entry that is not as it was written, or None."""
    digest, previous, hashed = _blank(), 0, False
    for row in connection.execute(select(*_ENTRY, access_log.c.hash).order_by(access_log.c.id)):
        *entry, kept = row
        number = entry[0]
        if number != previous + 1:
            return BrokenChain(previous + 1, previous + 1, Harm.MISSING)
        if kept is None and hashed:
            return BrokenChain(number, number, Harm.INSERTED)
        digest.update(entry_bytes(entry))
        if kept is not None:
            if digest.hexdigest() != kept:
                return BrokenChain(number if hashed else 1, number, Harm.CHANGED)
            digest, hashed = _chained(kept), True
        previous = number
    return None


def list_access(session: Session, *, limit: int = 500) -> list[AccessEntry]:
    """The newest entries first."""
    columns = (access_log.c.at, access_log.c.actor_name, access_log.c.kind, access_log.c.subject, access_log.c.detail)
    rows = session.execute(select(*columns).order_by(access_log.c.id.desc()).limit(limit))
    return [AccessEntry(*row) for row in rows]


def _start(connection: Connection, last_id: int, last_hash: str) -> hashlib.blake2b:
    if last_id == 0 or last_hash:
        return _chained(last_hash)
    digest = _blank()
    for entry in connection.execute(select(*_ENTRY).order_by(access_log.c.id)):
        digest.update(entry_bytes(tuple(entry)))
    return digest


def _chained(before: str) -> hashlib.blake2b:
    return hashlib.blake2b(before.encode(), digest_size=32)


def _blank() -> hashlib.blake2b:
    return _chained("")
