"""Reading and sealing the change log: a row's history, and the hash chain that shows tampering."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.orm import Session

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


def seal(connection: Connection) -> None:
    """Close the chain over all entries since the last seal. Called in a writing transaction."""
    last_seq, last_hash = _last_seal(connection)
    digest, newest = _chain(connection, last_hash, after=last_seq, until=None)
    if newest > last_seq:
        connection.execute(insert(log_seal).values(last_seq=newest, hash=digest))


def find_broken_seal(connection: Connection) -> int | None:
    """The number of the last entry before the first seal that does not fit, or None when all fit."""
    previous_seq, previous_hash = 0, ""
    for last_seq, expected in connection.execute(
        select(log_seal.c.last_seq, log_seal.c.hash).order_by(log_seal.c.id)
    ).all():
        digest, newest = _chain(connection, previous_hash, after=previous_seq, until=last_seq)
        if digest != expected or newest != last_seq:
            return previous_seq
        previous_seq, previous_hash = last_seq, expected
    return None


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


def _last_seal(connection: Connection) -> tuple[int, str]:
    row = connection.execute(
        select(log_seal.c.last_seq, log_seal.c.hash).order_by(log_seal.c.id.desc()).limit(1)
    ).first()
    return (row.last_seq, row.hash) if row else (0, "")


def _chain(connection: Connection, start: str, *, after: int, until: int | None) -> tuple[str, int]:
    digest = hashlib.blake2b(start.encode(), digest_size=32)
    statement = select(*_ENTRY).where(change_log.c.seq > after).order_by(change_log.c.seq)
    if until is not None:
        statement = statement.where(change_log.c.seq <= until)
    newest = after
    for entry in connection.execute(statement):
        digest.update(json.dumps(tuple(entry), ensure_ascii=False, separators=(",", ":")).encode())
        newest = entry.seq
    return digest.hexdigest(), newest
