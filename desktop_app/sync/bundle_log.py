"""What a stick did, among the past exchanges of the page 同步."""

from __future__ import annotations

from sqlalchemy import func, select

from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync.history_lines import add_exchange, journal_exchange
from desktop_app.sync.trouble import DONE, REFUSED, note_outcome
from village_core.domain.errors import UserError
from village_core.records.held import HeldChange


def note_bundle(
    workspace: Workspace,
    *,
    words: str,
    sent: int = 0,
    received: int = 0,
    bytes_up: int = 0,
    bytes_down: int = 0,
    equal: bool = False,
    error: UserError | None = None,
) -> None:
    """One line of the history, and of the journal: who carried it. `words` are the whole sentence; `error`: what the
    county said no with."""
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        add_exchange(
            connection,
            workspace,
            outcome=DONE if error is None else REFUSED,
            message=words,
            sent=sent,
            received=received,
            bytes_up=bytes_up,
            bytes_down=bytes_down,
            equal=equal,
        )
        journal_exchange(connection, workspace, words)
        if error is not None:
            note_outcome(connection, workspace.clock, error=error, repaired="")


def count_questions(workspace: Workspace) -> int:
    """What waits for a person."""
    with explained(), workspace.engine.connect() as connection:
        query = select(func.count()).select_from(HeldChange).where(HeldChange.decision_id.is_(None))
        return connection.scalar(query) or 0
