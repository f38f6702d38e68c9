"""What a restore would take back: the changes since the backup, by day and kind; unsent ones by name."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from village_core.domain.clock import CHINA
from village_core.exchange.change_log import change_log, device_state
from village_core.exchange.words import table_word

_SHOWN_NAMES = 200
_NAMES = ("head_name", "name", "title", "summary", "number", "code", "period", "year")
_UNTOLD = frozenset({"posting", "held_change", "held_decision"})
"""Rows that go with another one and are nothing by themselves to a person."""


@dataclass(frozen=True)
class DayOfChanges:
    """How many records of each kind changed on one day, e.g. ((凭证, 3), (人, 1))."""

    day: date
    kinds: tuple[tuple[str, int], ...]

    @property
    def words(self) -> str:
        return f"{self.day.month}月{self.day.day}日：" + "、".join(f"{kind} {count}" for kind, count in self.kinds)


@dataclass(frozen=True)
class Losses:
    """`days` holds every change since the backup, `unsent` how many of them the county has not got, with their names
    where they were asked for. Without a county all are unsent."""

    days: tuple[DayOfChanges, ...] = ()
    changed: int = 0
    unsent: int = 0
    unsent_names: tuple[str, ...] = ()
    with_county: bool = False

    @property
    def nothing(self) -> bool:
        return self.changed == 0


def find_losses(now: Connection, then: Connection, *, named: bool) -> Losses:
    """Compare the present database with a backup of the same workspace. `named`: whose rows they are, too."""
    common = _last_common(now, then)
    state: dict[str, str] = dict(now.execute(select(device_state.c.key, device_state.c.value)).all())
    with_county = "device" in state
    confirmed = int(state.get("sync.acked_seq", "0")) if with_county else 0
    columns = (change_log.c.clock, change_log.c.table_name, change_log.c.row_id, change_log.c.device_seq)
    rows = now.execute(select(*columns).where(change_log.c.seq > common).order_by(change_log.c.seq)).all()
    days: dict[date, set[tuple[str, str]]] = {}
    unsent: dict[tuple[str, str], None] = {}
    changed: set[tuple[str, str]] = set()
    for row in rows:
        if row.table_name in _UNTOLD:
            continue
        record = (row.table_name, row.row_id)
        changed.add(record)
        days.setdefault(_day(row.clock), set()).add(record)
        if row.device_seq is not None and row.device_seq > confirmed:
            unsent[record] = None
    names = tuple(_name_of(now, *record) for record in list(unsent)[:_SHOWN_NAMES]) if named else ()
    return Losses(
        days=tuple(DayOfChanges(day, _kinds(records)) for day, records in sorted(days.items())),
        changed=len(changed),
        unsent=len(unsent),
        unsent_names=names,
        with_county=with_county,
    )


def _last_common(now: Connection, then: Connection) -> int:
    """The last entry that both logs have. Both only grow, so that they are alike up to it and never after it."""
    low, high = 0, min(_newest(now), _newest(then))
    while low < high:
        middle = (low + high + 1) // 2
        if _entry(now, middle) == _entry(then, middle):
            low = middle
        else:
            high = middle - 1
    return low


def _newest(connection: Connection) -> int:
    return connection.scalar(select(func.max(change_log.c.seq))) or 0


def _entry(connection: Connection, seq: int) -> tuple[Any, ...] | None:
    columns = (change_log.c.clock, change_log.c.table_name, change_log.c.row_id, change_log.c.device_seq)
    found = connection.execute(select(*columns).where(change_log.c.seq == seq)).first()
    return tuple(found) if found is not None else None


def _kinds(records: set[tuple[str, str]]) -> tuple[tuple[str, int], ...]:
    return tuple(Counter(table_word(table) for table, _ in sorted(records)).most_common())


def _day(clock: int) -> date:
    return datetime.fromtimestamp((clock >> 16) / 1000, UTC).astimezone(CHINA).date()


def _name_of(connection: Connection, table: str, row_id: str) -> str:
    """What a person calls a record: the newest name that the log has for it."""
    statement = (
        select(change_log.c.new, change_log.c.old)
        .where(change_log.c.row_id == row_id)
        .order_by(change_log.c.seq.desc())
    )
    for row in connection.execute(statement):
        for text in (row.new, row.old):
            known: Mapping[str, Any] = json.loads(text) if text else {}
            for name in _NAMES:
                if known.get(name) not in (None, ""):
                    return f"{table_word(table)} {known[name]}"
    return table_word(table)
