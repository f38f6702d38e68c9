"""Tells the county where this laptop's journal ends, whenever that moved."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from desktop_app.storage.change_log import seal
from desktop_app.storage.journal_head import (
    KnownHead,
    StickHead,
    current_head,
    head_at,
    keep_rewritten,
    keep_stick_heads,
    keep_told,
    place_before,
    stick_heads,
    tell_from,
    told_earlier,
    told_head,
)
from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state
from village_core.domain.clock import stamp
from village_core.exchange.journal_heads import (
    MOST_PLACES,
    JournalAnswer,
    Place,
    ToldHead,
    pack_head,
    pack_places,
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
    places: bytes = b""
    """Further places and the hashes there, where the county may know one of them as the newest, or as a former one."""


def next_head(workspace: Workspace) -> Telling:
    """The head for the next request. Seals what came in since the last deed."""
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        return _telling(connection)


def next_head_by_stick(workspace: Workspace, bundle: bytes) -> tuple[bytes, bytes]:
    """The head for a stick, and the places of earlier sticks: nobody knows here which of them the county has read."""
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        telling = _telling(connection)
        if not telling.content:
            return b"", b""
        earlier = stick_heads(connection)
        listed = list(dict.fromkeys([*_places_of_doubt(connection), *(one.place for one in earlier)]))[-MOST_PLACES:]
        now = StickHead(bundle.hex(), telling.place.change, telling.place.access, telling.hash.hex())
        keep_stick_heads(connection, [*earlier, now])
        return telling.content, pack_places({place: head_at(connection, place) for place in listed})


def _telling(connection: Connection) -> Telling:
    seal(connection)
    place, own = current_head(connection)
    told = told_head(connection)
    if told is not None and (told.place, told.hash) == (place, own.hex()):
        return Telling()
    after = told.place if told is not None else _NOWHERE
    restored = state.read_state(connection).get(_RESTORED) == "1"
    head = ToldHead(place, own, after, head_at(connection, after), restored=restored)
    places = pack_places({one: head_at(connection, one) for one in _places_of_doubt(connection)})
    return Telling(pack_head(head), place, own, places)


def _places_of_doubt(connection: Connection) -> list[Place]:
    """Where this laptop was, after the county named a place that is not known here. A county that went back may have
    forgotten that one, too, and knows an earlier one; or it knows only what went onto a stick."""
    before = place_before(connection)
    if before is None:
        return []
    went_back = int(state.read_state(connection).get(state.EPOCH, "1")) > 1
    earlier = told_earlier(connection) if went_back else []
    by_stick = [one.place for one in stick_heads(connection)]
    return [*(one for one in dict.fromkeys([*earlier, *by_stick]) if one != before), before][-MOST_PLACES:]


def keep_answer(workspace: Workspace, telling: Telling, answer: SyncAnswer) -> None:
    """Remember that the county has the head, or what it said instead."""
    if not telling.content or answer.status is not Status.DONE:
        return
    at = stamp(workspace.clock)
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        told = unpack_answer(answer.journal)
        if told is not None and told[0] is JournalAnswer.TELL_FROM_HERE:
            offered = KnownHead(telling.place.change, telling.place.access, telling.hash.hex(), at)
            tell_from(connection, told[1], at=at, offered=offered)
            return
        if told is not None and told[0] is JournalAnswer.REWRITTEN:
            keep_rewritten(connection, told[1], at=at)
        keep_told(connection, telling.place, telling.hash, at=at)
        connection.exec_driver_sql("DELETE FROM device_state WHERE key = ?", (_RESTORED,))


def keep_answer_by_stick(workspace: Workspace, bundle: bytes, answer: SyncAnswer) -> None:
    """The same for an answer that came back by stick, perhaps late: what was told by line since stays."""
    if answer.status is not Status.DONE:
        return
    at = stamp(workspace.clock)
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        heads = stick_heads(connection)
        index = next((index for index, one in enumerate(heads) if one.bundle == bundle.hex()), None)
        if index is None:
            return
        head, told, said = heads[index], told_head(connection), unpack_answer(answer.journal)
        known = told.place if told is not None else _NOWHERE
        if said is not None and said[0] is JournalAnswer.TELL_FROM_HERE:
            if said[1].reaches(known):
                tell_from(connection, said[1], at=at, offered=KnownHead(head.change, head.access, head.hash, at))
            return
        if said is not None and said[0] is JournalAnswer.REWRITTEN:
            keep_rewritten(connection, said[1], at=at)
        if head.place.reaches(known):
            keep_told(connection, head.place, bytes.fromhex(head.hash), at=at)
            connection.exec_driver_sql("DELETE FROM device_state WHERE key = ?", (_RESTORED,))
        keep_stick_heads(connection, heads[index + 1 :])
