"""What a person sets about the exchange."""

from __future__ import annotations

from desktop_app.storage.changes import Changes
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.sync import state

CHANGED = Changes.of("sync")


def pause_sync(uow: UnitOfWork, *, paused: bool) -> Changes:
    """Switch the automatic exchange off or on. 现在同步 works all the same."""
    state.write_state(uow.session.connection(), {state.PAUSED: "1" if paused else "0"})
    return CHANGED
