"""What operators did from the command line: who at the operating system, what and when, each entry sealed with the
one before. PostgreSQL refuses to alter it; an entry altered behind its back is named by `verify_audit`."""

from __future__ import annotations

import getpass
import json
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import Connection, Engine, func, insert, select, text

from county_server.engine import writing
from county_server.tables import admin_audit
from village_core.domain.clock import Clock, stamp

FIRST = bytes(32)
_LOCK = 7_262_302


@dataclass(frozen=True)
class AuditEntry:
    """`outcome`: begun, done, refused or failed. An entry that was begun and never ended was cut short."""

    number: int
    at: str
    who: str
    command: tuple[str, ...]
    outcome: str


def note(engine: Engine, command: Sequence[str], outcome: str, *, clock: Clock) -> None:
    """Add an entry, in a transaction of its own: it stays whatever becomes of the command."""
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        column = admin_audit.c
        last = connection.execute(select(column.number, column.hash).order_by(column.number.desc()).limit(1)).first()
        number, head = (last.number, last.hash) if last is not None else (0, FIRST)
        entry = AuditEntry(number + 1, stamp(clock), who_is_it(), tuple(command), outcome)
        connection.execute(
            insert(admin_audit).values(
                number=entry.number,
                at=entry.at,
                who=entry.who,
                command=_words(entry),
                outcome=outcome,
                hash=_seal(entry, head),
            )
        )


def list_audit(connection: Connection, *, newest: int | None = None) -> list[AuditEntry]:
    """The newest entries, or all, in their order."""
    rows = connection.execute(select(admin_audit).order_by(admin_audit.c.number.desc()).limit(newest)).all()
    return [AuditEntry(row.number, row.at, row.who, tuple(json.loads(row.command)), row.outcome) for row in rows[::-1]]


def verify_audit(connection: Connection) -> int | None:
    """The number of the first entry that is not as it was written, or that is missing; None when all is whole."""
    head = FIRST
    entries = list_audit(connection)
    hashes = {row.number: row.hash for row in connection.execute(select(admin_audit.c.number, admin_audit.c.hash))}
    for expected, entry in enumerate(entries, 1):
        if entry.number != expected or hashes[entry.number] != _seal(entry, head):
            return expected
        head = hashes[entry.number]
    return None


def count_audit(connection: Connection) -> int:
    return connection.scalar(select(func.count()).select_from(admin_audit)) or 0


def who_is_it() -> str:
    """The account, the one behind sudo if there is one, and the machine."""
    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = str(os.getuid()) if hasattr(os, "getuid") else "?"
    behind = os.environ.get("SUDO_USER", "")
    name = f"{behind} (sudo → {account})" if behind and behind != account else account
    return f"{name}@{socket.gethostname()}"


def _words(entry: AuditEntry) -> str:
    return json.dumps(entry.command, ensure_ascii=False)


def _seal(entry: AuditEntry, head: bytes) -> bytes:
    content = json.dumps([entry.number, entry.at, entry.who, entry.command, entry.outcome], ensure_ascii=False)
    return blake2b(head + content.encode(), digest_size=32, person=b"tiangeng audit").digest()
