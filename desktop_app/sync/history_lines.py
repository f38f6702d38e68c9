"""One line of the past exchanges on the page 同步, and of 操作日志: by line and by stick the same."""

from __future__ import annotations

from sqlalchemy import Connection, insert

from desktop_app.storage.access_log import NewAccess, append_access
from desktop_app.storage.workspace import Workspace
from village_core.domain.clock import stamp
from village_core.exchange.local_tables import exchange_log


def add_exchange(
    connection: Connection,
    workspace: Workspace,
    *,
    outcome: str,
    message: str,
    sent: int,
    received: int,
    bytes_up: int,
    bytes_down: int,
    equal: bool,
) -> None:
    """`outcome`: one of `trouble.DONE` and its like; counts are operations and bytes."""
    connection.execute(
        insert(exchange_log).values(
            at=stamp(workspace.clock),
            outcome=outcome,
            sent=sent,
            received=received,
            bytes_up=bytes_up,
            bytes_down=bytes_down,
            equal=equal,
            message=message,
        )
    )


def journal_exchange(connection: Connection, workspace: Workspace, words: str) -> None:
    """Who exchanged, and what it brought."""
    actor = workspace.actor
    new = NewAccess(actor=actor.person_id.hex, actor_name=actor.name, kind="sync", subject="", detail=words)
    append_access(connection, new, clock=workspace.clock)
