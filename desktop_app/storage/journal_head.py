"""Where this laptop's journal ends, what the county was told of it, and whether that still fits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, select

from desktop_app.storage.access_log import hash_of_access, last_access
from desktop_app.storage.change_log import hash_of_seal, last_seal
from desktop_app.storage.engine import execute_past
from village_core.exchange.change_log import device_state
from village_core.exchange.journal_heads import MOST_PLACES, NOTHING, Place, head_hash

_TOLD = "journal.told"
_REWRITTEN = "journal.rewritten"
_BY_STICK = "journal.by_stick"
_BEFORE = "journal.before"
_EARLIER = "journal.earlier"
_WRITE = "INSERT INTO device_state (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"


@dataclass(frozen=True)
class KnownHead:
    """A place and the hash there, as hex; `at` is when the county had it, ISO 8601 in UTC."""

    change: int
    access: int
    hash: str
    at: str

    @property
    def place(self) -> Place:
        return Place(self.change, self.access)


def current_head(connection: Connection) -> tuple[Place, bytes]:
    """Where both logs end now. The change log is to be sealed before."""
    (seq, change_hash), (number, access_hash) = last_seal(connection), last_access(connection)
    return Place(seq, number), head_hash(change_hash, access_hash)


def head_at(connection: Connection, place: Place) -> bytes:
    """The hash at an earlier place as the logs give it now; `NOTHING` where they have no such place."""
    change_hash, access_hash = hash_of_seal(connection, place.change), hash_of_access(connection, place.access)
    return NOTHING if change_hash is None or access_hash is None else head_hash(change_hash, access_hash)


def told_head(connection: Connection) -> KnownHead | None:
    """What the county was told last."""
    kept = _read(connection, _TOLD)
    return KnownHead(**kept) if kept else None


def keep_told(connection: Connection, place: Place, own: bytes, *, at: str) -> None:
    """The county has this head now; an earlier warning stays."""
    _write(connection, _TOLD, asdict(KnownHead(place.change, place.access, own.hex(), at)))
    if own:
        earlier = [one for one in told_earlier(connection) if place.reaches(one) and one != place]
        _write(connection, _EARLIER, [asdict(one) for one in _thinned([*earlier, place])])
    connection.execute(delete(device_state).where(device_state.c.key == _BEFORE))


def tell_from(connection: Connection, place: Place, *, at: str, offered: KnownHead | None = None) -> None:
    """The county knows another place. What it had of this laptop stays known: another machine may have gone on from a
    copy of this disk, and then that is where the two parted. Where it never said that it had one, that is the one it
    was `offered` just now: the answer to an earlier offer of it may have been lost."""
    before = _read(connection, _BEFORE) or _read(connection, _TOLD)
    if before is None and offered is not None:
        before = asdict(offered)
    keep_told(connection, place, b"", at=at)
    if before is not None and before["hash"]:
        _write(connection, _BEFORE, before)


def place_before(connection: Connection) -> Place | None:
    """Where this laptop was when it was told of a place that it does not know."""
    before = _read(connection, _BEFORE)
    return KnownHead(**before).place if before is not None else None


def told_earlier(connection: Connection) -> list[Place]:
    """A few of all the places that the county was ever told, the oldest first: from long ago fewer than of late."""
    return [Place(**one) for one in _read_list(connection, _EARLIER)]


def _thinned(places: list[Place]) -> list[Place]:
    """Without the one that its neighbours stand nearest around, for its age; the first and the newest stay."""
    if len(places) < MOST_PLACES:
        return places
    newest = places[-1].change

    def share(index: int) -> float:
        gap = places[index + 1].change - places[index - 1].change
        return gap / (newest - places[index - 1].change + 1)

    dropped = min(range(1, len(places) - 1), key=share)
    return [*places[:dropped], *places[dropped + 1 :]]


def keep_rewritten(connection: Connection, place: Place, *, at: str) -> None:
    """The county found that what lay behind a place is not what it was."""
    if _read(connection, _REWRITTEN) is None:
        _write(connection, _REWRITTEN, {"change": place.change, "access": place.access, "at": at})


def forget_told(connection: Connection) -> None:
    """After a restore: what was told later is not here any more, and the warning concerned other logs."""
    connection.execute(delete(device_state).where(device_state.c.key.in_([_TOLD, _REWRITTEN, _BY_STICK, _BEFORE])))


@dataclass(frozen=True)
class StickHead:
    """The head that went onto a stick; `bundle` is the journey's id, as hex."""

    bundle: str
    change: int
    access: int
    hash: str

    @property
    def place(self) -> Place:
        return Place(self.change, self.access)


def stick_heads(connection: Connection) -> list[StickHead]:
    """Heads that went onto sticks and of which no answer came back, the oldest first."""
    return [StickHead(**one) for one in _read_list(connection, _BY_STICK)]


def keep_stick_heads(connection: Connection, heads: Sequence[StickHead]) -> None:
    """These and no others; only the newest are worth knowing."""
    _write(connection, _BY_STICK, [asdict(one) for one in heads[-MOST_PLACES:]])


def told_problems(connection: Connection) -> Iterator[str]:
    """One Chinese sentence for each way in which the logs are not those that the county knows."""
    told = told_head(connection)
    if told is not None and told.hash and head_at(connection, told.place).hex() != told.hash:
        yield (
            f"操作日志和告诉过县里的不一样：到改动记录第 {told.change} 条、查阅记录第 {told.access} 条为止，"
            "有人整段改写过。"
        )
    found = _read(connection, _REWRITTEN)
    if found is not None:
        yield (
            f"县里在 {found['at'][:10]} 发现这台电脑的操作日志被改写过："
            f"改动记录第 {found['change']} 条、查阅记录第 {found['access']} 条以前的和县里记下的不一样。"
        )


def _read(connection: Connection, key: str) -> dict[str, Any] | None:
    row = execute_past(connection, "SELECT value FROM device_state WHERE key = ?", (key,)).fetchone()
    return json.loads(row[0]) if row and row[0] else None


def _read_list(connection: Connection, key: str) -> list[dict[str, Any]]:
    kept = connection.scalar(select(device_state.c.value).where(device_state.c.key == key))
    return json.loads(kept) if kept else []


def _write(connection: Connection, key: str, value: dict[str, Any] | list[dict[str, Any]]) -> None:
    connection.exec_driver_sql(_WRITE, (key, json.dumps(value)))
