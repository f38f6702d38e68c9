"""Whether an account, a number or a declared relative was overwritten by who had something else before him."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Row, select

from village_core.exchange.change_log import change_log
from village_core.exchange.operations import Kind
from village_core.records import rule_of, synced_tables

Place = tuple[str, UUID, str]
_SENSITIVE = {table.name: rule_of(table).sensitive for table in synced_tables if rule_of(table).sensitive}
_LINES = {table.name: rule_of(table).lines for table in synced_tables if rule_of(table).lines}
_WATCHED = _SENSITIVE.keys() | _LINES.keys()
_TOLD = frozenset({"held_change", "held_decision"})
_UNSAID = object()
_AS_DECIDED = "按拿定的主意办"
_LET_IN_LATER = "县里升级后放进来的"


class Oversight:
    """Of each edit what stood on that screen before it; of each field what stands at the county, and whose it is."""

    def __init__(self) -> None:
        self._before: dict[bytes, Mapping[str, Any]] = {}
        self._ever: dict[bytes, Mapping[str, list[Any]]] = {}
        """Of an edit behind a restore: everything that ever stood there on that disk. What a restored county has again
        was the person's before him, though not last."""
        self._stands: dict[Place, tuple[Any, tuple[int, int]]] = {}
        self._lines: dict[Place, frozenset[str]] = {}
        """Of each text whose lines are a set those that stand at the county."""
        self._late: dict[Place, bytes] = {}
        """Of such a text the edit that waits for its row: the county lets it in in its own name, and the words are
        still those of who wrote it."""
        self._asked: dict[UUID, Place] = {}
        """Of each question about a field, where that is."""
        self._words: dict[UUID, tuple[Mapping[str, Any], tuple[int, int]]] = {}
        """Of each decision what it wants to stand, and whose it is."""
        self._left_at: dict[int, int] = {}
        """Of each laptop the cursor with which it was left behind when the county went back."""

    def note_edits(
        self,
        connection: Connection,
        keys: Mapping[int, bytes],
        *,
        laptop: int,
        cursor: int,
        shown: Mapping[int, Mapping[str, Any]],
    ) -> None:
        """What a laptop wrote lately, by its own number the fingerprint; `cursor` is what it knew before it did,
        `shown` what stood on the screen where that was not what stood in the row."""
        if self._left_at.get(laptop) == cursor:
            return
        goes_back = bool(self._left_at)
        column = change_log.c
        query = select(column.device_seq, column.table_name, column.row_id, column.old).where(
            column.device_seq.in_(list(keys)), column.op == Kind.UPDATE.value, column.table_name.in_(list(_WATCHED))
        )
        for own, table, row_id, old in connection.execute(query.order_by(column.device_seq)).all():
            # The same written twice in one transaction has one fingerprint: what stood before it is before the first.
            self._before.setdefault(keys[own], shown.get(own, json.loads(old) if old else {}))
            if goes_back:
                self._ever[keys[own]] = _all_that_stood(connection, table, row_id)

    def begin_again(self, cursors: Mapping[int, int]) -> None:
        """The county goes on from an older state: who has not heard of it yet may have seen later values than stand
        there. `cursors`: how far each laptop was by then."""
        self._stands.clear()
        self._asked.clear()
        self._words.clear()
        self._lines.clear()
        self._late.clear()
        self._before.clear()
        self._ever.clear()
        self._left_at = dict(cursors)

    def came_back(self, laptop: int, *, cursor: int) -> None:
        """On a disk from before, or as a new device, a laptop knows as little of the county's going back."""
        if self._left_at:
            self._left_at[laptop] = cursor

    def follow(self, rows: Iterable[Row[Any]]) -> Iterable[str]:
        """What the county did next, in its order; returns a sentence for each value that went unseen."""
        for row in rows:
            if row.table_name not in _WATCHED | _TOLD:
                continue
            values = msgspec.msgpack.decode(row.offered if row.effect is None else row.effect)
            if row.effect_kind is None:
                for name in values.keys() & _LINES.get(row.table_name, frozenset()):
                    self._late[row.table_name, row.row_id, name] = row.fingerprint
                continue
            if row.table_name in _TOLD:
                self._follow_words(row, values)
                continue
            hand = (row.device, row.incarnation)
            for name in values.keys() & _LINES.get(row.table_name, frozenset()):
                yield from self._follow_lines(row, name, str(values[name] or ""))
            for name in values.keys() & _SENSITIVE.get(row.table_name, frozenset()):
                place, value = (row.table_name, row.row_id, name), _plain(values[name])
                stood = self._stands.get(place)
                if stood is not None and row.kind == Kind.UPDATE.value and row.device > 0:
                    seen = self._before.get(row.fingerprint, {})
                    unseen = name in seen and seen[name] != stood[0] and value != stood[0]
                    unseen = unseen and stood[0] not in self._ever.get(row.fingerprint, {}).get(name, ())
                    if unseen and stood[1] != hand:
                        yield (
                            f"no. {row.number}: {name} of {row.table_name} {row.row_id.hex[-4:]} was {stood[0]!r}, "
                            f"device {row.device} saw {seen[name]!r} and wrote {value!r}, and nobody was asked"
                        )
                if stood is not None or value is not None or row.kind == Kind.UPDATE.value:
                    # A field that was empty when the row was made is no claim.
                    self._stands[place] = (value, hand)

    def _follow_words(self, row: Row[Any], values: Mapping[str, Any]) -> None:
        """What somebody said shall stand, and stands, is his from then on."""
        if row.table_name == "held_decision" and row.device > 0:
            self._words[row.row_id] = (json.loads(values["value"]), (row.device, row.incarnation))
        if row.table_name != "held_change":
            return
        if values.get("field"):
            self._asked[row.row_id] = (values["subject_table"], UUID(bytes=values["subject_id"]), values["field"])
        place = self._asked.get(row.row_id)
        wanted, hand = self._words.get(_id(values.get("decision_id")), ({}, (0, 0)))
        stood = self._stands.get(place) if place is not None else None
        if place is not None and stood is not None and wanted.get(place[2], _UNSAID) == stood[0]:
            self._stands[place] = (stood[0], hand)

    def _follow_lines(self, row: Row[Any], name: str, text: str) -> Iterable[str]:
        """A line goes only where whoever wrote had it before him; the county itself takes none away."""
        place, lines = (row.table_name, row.row_id, name), _lines_of(text)
        gone = self._lines.get(place, frozenset()) - lines
        self._lines[place] = lines
        if row.kind == Kind.INSERT.value or (row.device <= 0 and row.reason == _AS_DECIDED):
            return
        seen: frozenset[str] = frozenset()
        late = row.device <= 0 and row.reason == _LET_IN_LATER
        if row.device > 0 or late:
            mark = self._late.get(place, b"") if late else row.fingerprint
            before = self._before.get(mark, {})
            if name not in before:
                return
            seen = frozenset().union(*map(_lines_of, (before[name], *self._ever.get(mark, {}).get(name, ()))))
        if gone - seen:
            yield (
                f"no. {row.number}: {name} of {row.table_name} {row.row_id.hex[-4:]} lost {sorted(gone - seen)}, "
                f"device {row.device} did not have them before him"
            )


def _lines_of(text: Any) -> frozenset[str]:
    return frozenset(" ".join(line.split()) for line in str(text or "").splitlines() if line.strip())


def _all_that_stood(connection: Connection, table: str, row_id: str) -> dict[str, list[Any]]:
    """By field every value that a laptop's log tells of a row."""
    column = change_log.c
    found: dict[str, list[Any]] = {}
    query = select(column.old, column.new).where(column.table_name == table, column.row_id == row_id)
    for entry in connection.execute(query):
        for values in entry:
            for name, value in (json.loads(values) if values else {}).items():
                found.setdefault(name, []).append(value)
    return found


def _id(value: Any) -> UUID:
    return UUID(bytes=value) if value else UUID(int=0)


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value
