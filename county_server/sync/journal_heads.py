"""The heads of the laptops' journals: kept as they were told, and compared with what came before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from county_server.auth.devices import KnownDevice
from county_server.tables import journal_head, village_epoch
from village_core.domain.clock import Clock, stamp
from village_core.exchange.journal_heads import (
    NOTHING,
    JournalAnswer,
    Place,
    ToldHead,
    pack_answer,
    unpack_head,
    unpack_places,
)
from village_core.exchange.messages import SyncRequest, Want

_Head = Row[int, int, int, int, bytes, str, str]
"""Number, incarnation, change, access, hash, verdict and time of a head that was kept."""


class HeadVerdict(StrEnum):
    """How a head stands to the one before."""

    FIRST = "first"
    FOLLOWS = "follows"
    RESTORED = "restored"
    """The laptop went back: a backup was restored there, or an older copy of its file was put in place, or is used
    beside the other."""
    REWRITTEN = "rewritten"
    """What lay behind the head before is not what it was."""


# Built once: a head comes with every turn in which something was done.
_column = journal_head.c
_NEWEST = (
    select(
        _column.number,
        _column.incarnation,
        _column.change,
        _column.access,
        _column.hash,
        _column.verdict,
        _column.received_at,
    )
    .where(_column.village == bindparam("of"), _column.device == bindparam("from"))
    .order_by(_column.number.desc())
    .limit(1)
)
_NEWEST_UNDER = _NEWEST.where(_column.incarnation == bindparam("under"))
_NEWEST_BEFORE = _NEWEST_UNDER.where(_column.number < bindparam("than"))
_KEEP = insert(journal_head)
_RESTORED_AT = select(func.max(village_epoch.c.begun_at)).where(village_epoch.c.village == bindparam("of"))


def keep_journal_head(connection: Connection, sender: KnownDevice, request: SyncRequest, *, clock: Clock) -> bytes:
    """Keep the head of a request; returns what is to be said to it, b'' when all is well.

    A head that comes once more, as each file on a stick does when its answer is written, gets the same word again."""
    told = unpack_head(request.journal)
    if told is None:
        return b""
    # Each incarnation is a history of its own: the machines that came from one disk go on beside each other.
    who = {"of": sender.village, "from": sender.number}
    newest = connection.execute(_NEWEST, who).first()
    last: _Head | None = newest
    if newest is not None and newest.incarnation != request.incarnation:
        last = connection.execute(_NEWEST_UNDER, who | {"under": request.incarnation}).first()
    place = Place(last.change, last.access) if last is not None else Place()
    if last is not None and (told.place, told.hash) == (place, last.hash):
        return _said_before(connection, sender, last)
    if place in (others := unpack_places(request.journal_places)):
        told = replace(told, after=place, after_hash=others[place])
    if told.restored and told.after != place and request.want & Want.BY_FILE and place.reaches(told.place):
        return pack_answer(JournalAnswer.TELL_FROM_HERE, place)  # perhaps a file that lay about for long
    verdict = _judge(told, last, others=newest is not None)
    if verdict is HeadVerdict.REWRITTEN and (
        _was_there(connection, sender, {**others, told.after: told.after_hash})
        or _is_forgetful(connection, sender, last)
    ):
        verdict = HeadVerdict.RESTORED
    if verdict is None:
        return pack_answer(JournalAnswer.TELL_FROM_HERE, place)
    row = {
        "village": sender.village,
        "device": sender.number,
        "number": newest.number + 1 if newest is not None else 1,
        "incarnation": request.incarnation,
        "change": told.place.change,
        "access": told.place.access,
        "hash": told.hash,
        "verdict": verdict,
        "received_at": stamp(clock),
    }
    connection.execute(_KEEP, row)
    return pack_answer(JournalAnswer.REWRITTEN, place) if verdict is HeadVerdict.REWRITTEN else b""


def _said_before(connection: Connection, sender: KnownDevice, last: _Head) -> bytes:
    if last.verdict != HeadVerdict.REWRITTEN:
        return b""
    place = {"of": sender.village, "from": sender.number, "under": last.incarnation, "than": last.number}
    before = connection.execute(_NEWEST_BEFORE, place).first()
    return pack_answer(JournalAnswer.REWRITTEN, Place(before.change, before.access) if before is not None else Place())


def _was_there(connection: Connection, sender: KnownDevice, places: Mapping[Place, bytes]) -> bool:
    """Whether one of the places, with its hash, is where this device once was: then its logs are those of then, and
    what another copy of the disk told since is not in them. Who rewrote what lies before cannot reckon that hash."""
    column = journal_head.c
    return any(
        connection.scalar(
            select(column.number)
            .where(column.village == sender.village, column.device == sender.number, column.hash == own)
            .where(column.change == place.change, column.access == place.access)
            .limit(1)
        )
        for place, own in places.items()
        if own != NOTHING and place != Place()
    )


def _is_forgetful(connection: Connection, sender: KnownDevice, last: _Head | None) -> bool:
    """Whether this county was restored since that head: it may have forgotten that another machine came from this disk
    and went on under the same incarnation, and cannot tell that one's journal from a rewritten one."""
    restored_at = connection.scalar(_RESTORED_AT, {"of": sender.village})
    return last is not None and restored_at is not None and last.received_at <= restored_at


def _judge(told: ToldHead, last: _Head | None, *, others: bool) -> HeadVerdict | None:
    """`last`: the head before in this history; `others`: another history of the device has heads.

    None: the laptop reckoned from another place than the one that is known here, so nothing can be said.
    """
    if last is None:
        return HeadVerdict.RESTORED if others else HeadVerdict.FIRST
    known = Place(last.change, last.access)
    if told.after == known and told.after_hash == last.hash:
        return HeadVerdict.FOLLOWS
    if told.restored:
        return HeadVerdict.RESTORED
    if told.after != known:
        return None
    went_back = told.after_hash == NOTHING and (told.place.change < last.change or told.place.access < last.access)
    return HeadVerdict.RESTORED if went_back else HeadVerdict.REWRITTEN
