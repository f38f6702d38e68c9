"""The log of what changes nothing and must be known all the same: export, print, refusal, reading a full number."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from desktop_app.storage.problems import explained
from village_core.domain.clock import Clock, stamp
from village_core.exchange.change_log import access_log


@dataclass(frozen=True)
class AccessEntry:
    """One entry. `at` is ISO 8601 in UTC; `kind` is export, print, refusal, reveal, login, backup or restore."""

    at: str
    actor_name: str
    kind: str
    subject: str
    detail: str


def note_access(
    engine: Engine, clock: Clock, *, actor: str, actor_name: str, kind: str, subject: str, detail: str
) -> None:
    """Append one entry in a transaction of its own."""
    entry = {
        "at": stamp(clock),
        "actor": actor,
        "actor_name": actor_name,
        "kind": kind,
        "subject": subject[:200],
        "detail": detail,
    }
    with explained(), engine.execution_options(write=True).begin() as connection:
        connection.execute(insert(access_log).values(**entry))


def list_access(session: Session, *, limit: int = 500) -> list[AccessEntry]:
    """The newest entries first."""
    columns = (access_log.c.at, access_log.c.actor_name, access_log.c.kind, access_log.c.subject, access_log.c.detail)
    rows = session.execute(select(*columns).order_by(access_log.c.id.desc()).limit(limit))
    return [AccessEntry(*row) for row in rows]
