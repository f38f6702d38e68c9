"""Tells the county where this laptop's journal ends, whenever that moved."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete

from desktop_app.storage.change_log import seal
from desktop_app.storage.journal_head import current_head, head_at, keep_rewritten, keep_told, told_head
from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state
from village_core.domain.clock import stamp
from village_core.exchange.change_log import device_state
from village_core.exchange.journal_heads import (
    JournalAnswer,
    Place,
    ToldHead,
    pack_head,
    unpack_answer,
)
from village_core.exchange.messages import Status, SyncAnswer

_RESTORED = "journal.restored"
"""1 from a restore until the county was told of it."""
_NOWHERE = Place()


@dataclass(frozen=True)
class Telling:
    """A head on its way; `content` is b'' when nothing moved since the county was told."""

    content: bytes = b""
    place: Place = _NOWHERE
    hash: bytes = b""


def next_head(workspace: Workspace) -> Telling:
    """The head for the next request. Seals what came in since the last deed."""
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        seal(connection)
        place, own = current_head(connection)
        told = told_head(connection)
        if told is not None and (told.place, told.hash) == (place, own.hex()):
            return Telling()
        after = told.place if told is not None else _NOWHERE
        restored = state.read_state(connection).get(_RESTORED) == "1"
        head = ToldHead(place, own, after, head_at(connection, after), restored=restored)
        return Telling(pack_head(head), place, own)


def keep_answer(workspace: Workspace, telling: Telling, answer: SyncAnswer) -> None:
    """Remember that the county has the head, or what it said instead."""
    if not telling.content or answer.status is not Status.DONE:
        return
    at = stamp(workspace.clock)
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        told = unpack_answer(answer.journal)
        if told is not None and told[0] is JournalAnswer.TELL_FROM_HERE:
            keep_told(connection, told[1], b"", at=at)
            return
        if told is not None and told[0] is JournalAnswer.REWRITTEN:
            keep_rewritten(connection, told[1], at=at)
        keep_told(connection, telling.place, telling.hash, at=at)
        connection.execute(delete(device_state).where(device_state.c.key == _RESTORED))
