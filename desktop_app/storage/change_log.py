"""Reading and sealing the change log: a row's history, and the hash chain that shows tampering."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from desktop_app.storage.engine import execute_past
from desktop_app.storage.log_marks import MARK_BYTES, BrokenChain, Harm, entry_bytes
from village_core.exchange.change_log import change_log, log_seal

_ENTRY = (
    change_log.c.seq,
    change_log.c.device_seq,
    change_log.c.tx,
    change_log.c.clock,
    change_log.c.actor,
    change_log.c.reason,
    change_log.c.table_name,
    change_log.c.row_id,
    change_log.c.op,
    change_log.c.new,
    change_log.c.old,
    change_log.c.base,
    change_log.c.origin,
    change_log.c.schema,
)
_SEALED = (
    "SELECT seq, device_seq, tx, clock, actor, reason, table_name, row_id, op, new, old, base, origin, schema"
    " FROM change_log WHERE seq > ? AND seq <= ? ORDER BY seq"
)
_UNSEALED = (
    "SELECT seq, device_seq, tx, clock, actor, reason, table_name, row_id, op, new, old, base, origin, schema,"
    " (SELECT hash FROM log_seal ORDER BY id DESC LIMIT 1) FROM change_log"
    " WHERE seq > coalesce((SELECT last_seq FROM log_seal ORDER BY id DESC LIMIT 1), 0) ORDER BY seq"
)
"""The entries behind the last seal, each with its hash: one statement, since every save asks it."""
_LAST_SEAL = "SELECT last_seq, hash FROM log_seal ORDER BY id DESC LIMIT 1"
_SEAL_AT = "SELECT hash FROM log_seal WHERE last_seq = ? ORDER BY id LIMIT 1"
_ADD_SEAL = "INSERT INTO log_seal (last_seq, hash, marks) VALUES (?, ?, ?)"


@dataclass(frozen=True)
class ChangeEntry:
    """One change of one row. `new` and `old` hold the columns concerned; `origin` 0 is this laptop."""

    seq: int
    at: datetime
    actor: UUID
    reason: str
    table: str
    row_id: UUID
    op: str
    new: dict[str, Any]
    old: dict[str, Any]
    origin: int


def list_history(session: Session, rows: Sequence[UUID]) -> list[ChangeEntry]:
    """All changes of the given rows, newest first."""
    statement = (
        select(*_ENTRY).where(change_log.c.row_id.in_([row.hex for row in rows])).order_by(change_log.c.seq.desc())
    )
    return [
        ChangeEntry(
            seq=entry.seq,
            at=datetime.fromtimestamp((entry.clock >> 16) / 1000, UTC),
            actor=UUID(entry.actor),
            reason=entry.reason,
            table=entry.table_name,
            row_id=UUID(entry.row_id),
            op=entry.op,
            new=json.loads(entry.new) if entry.new else {},
            old=json.loads(entry.old) if entry.old else {},
            origin=entry.origin,
        )
        for entry in session.execute(statement)
    ]


def earlier_names(session: Session, people: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """The names that these people had here before, by person, as the log kept them; the oldest first."""
    statement = (
        select(change_log.c.row_id, change_log.c.old)
        .where(change_log.c.row_id.in_([one.hex for one in people]), change_log.c.op == "U")
        .order_by(change_log.c.seq)
    )
    found: dict[UUID, tuple[str, ...]] = {}
    for row_id, old in session.execute(statement):
        name = json.loads(old).get("name") if old else None
        if isinstance(name, str) and name:
            found[UUID(row_id)] = (*found.get(UUID(row_id), ()), name)
    return found


def seal(connection: Connection) -> None:
    """Close the chain over all entries since the last seal. Called in a writing transaction."""
    entries = execute_past(connection, _UNSEALED).fetchall()
    if not entries:
        return
    digest = _digest_after(entries[0][-1] or "")
    marks = bytearray()
    for entry in entries:
        digest.update(entry_bytes(entry[:-1]))
        marks += digest.copy().digest()[:MARK_BYTES]
    execute_past(connection, _ADD_SEAL, (entries[-1][0], digest.hexdigest(), bytes(marks)))


def last_seal(connection: Connection) -> tuple[int, str]:
    """Up to which entry the chain is closed, and its hash; (0, '') before the first seal."""
    row = execute_past(connection, _LAST_SEAL).fetchone()
    return (row[0], row[1]) if row else (0, "")


def hash_of_seal(connection: Connection, seq: int) -> str | None:
    """The hash of the seal that ends with this entry; '' for 0, None where none ends there."""
    if seq == 0:
        return ""
    row = execute_past(connection, _SEAL_AT, (seq,)).fetchone()
    return row[0] if row else None


def find_broken_seal(connection: Connection) -> BrokenChain | None:
    """The first entry that is not as it was sealed, or None when all fit."""
    previous_seq, previous_hash = 0, ""
    columns = (log_seal.c.last_seq, log_seal.c.hash, log_seal.c.marks)
    for last_seq, expected, marks in connection.execute(select(*columns).order_by(log_seal.c.id)).all():
        digest = _digest_after(previous_hash)
        found = _compare(connection, digest, marks, after=previous_seq, until=last_seq)
        if found is not None:
            return found
        if digest.hexdigest() != expected:
            return BrokenChain(previous_seq + 1, last_seq, Harm.CHANGED)
        previous_seq, previous_hash = last_seq, expected
    return None


def _compare(
    connection: Connection, digest: hashlib.blake2b, marks: bytes | None, *, after: int, until: int
) -> BrokenChain | None:
    """Digest the entries of one seal; where it has marks, stop at the first entry that does not fit its own."""
    marked = marks is not None and len(marks) == (until - after) * MARK_BYTES
    seq = after
    for entry in _entries(connection, after=after, until=until):
        if entry[0] != seq + 1:
            return BrokenChain(seq + 1, seq + 1, Harm.MISSING)
        seq += 1
        digest.update(entry_bytes(entry))
        if marked and marks is not None:
            at = (seq - after - 1) * MARK_BYTES
            if digest.copy().digest()[:MARK_BYTES] != marks[at : at + MARK_BYTES]:
                return BrokenChain(seq, seq, Harm.CHANGED)
    return BrokenChain(seq + 1, seq + 1, Harm.MISSING) if seq < until else None


def find_gap(connection: Connection) -> int | None:
    """The first missing number of the log or of this laptop's own changes, or None."""
    for column in (change_log.c.seq, change_log.c.device_seq):
        count, newest = connection.execute(select(func.count(column), func.max(column))).one()
        if newest is not None and count != newest:
            expected = 1
            for number in connection.scalars(select(column).where(column.is_not(None)).order_by(column)):
                if number != expected:
                    return expected
                expected += 1
    return None


def _digest_after(before: str) -> hashlib.blake2b:
    return hashlib.blake2b(before.encode(), digest_size=32)


def _entries(connection: Connection, *, after: int, until: int) -> Iterator[tuple[Any, ...]]:
    yield from execute_past(connection, _SEALED, (after, until))
