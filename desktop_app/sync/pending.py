"""Own changes that the county's order does not have yet, or has later than what is being applied.

They stand on this laptop until the county has decided: a pulled value never overwrites them behind anyone's back.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection, bindparam, select

from village_core.exchange.change_log import change_log
from village_core.exchange.local_tables import sent_batch

_UNSENT = 1 << 62
_sent, _entry = sent_batch.c, change_log.c
_NUMBERED = select(_sent.first_seq, _sent.last_seq, _sent.first_vseq).where(
    _sent.first_vseq + _sent.last_seq - _sent.first_seq > bindparam("cursor")
)
_OWN = select(_entry.device_seq, _entry.table_name, _entry.row_id, _entry.op, _entry.new).where(
    _entry.device_seq >= bindparam("first"), _entry.origin == 0
)
RowKey = tuple[str, UUID]


@dataclass
class PendingChanges:
    """By row: the county's number of each own change (unsent ones come after everything) and its fields."""

    _by_row: dict[RowKey, list[tuple[int, frozenset[str] | None]]] = field(default_factory=dict)
    _released: set[tuple[RowKey, str]] = field(default_factory=set)

    def release(self, row: RowKey, name: str) -> None:
        """The county has decided against the own value of this field: it is protected against nothing."""
        self._released.add((row, name))

    def protects(self, row: RowKey, name: str, number: int) -> bool:
        """Whether an own change of this field comes after `number` in the county's order."""
        if (row, name) in self._released:
            return False
        return any(own > number and (fields is None or name in fields) for own, fields in self._by_row.get(row, ()))

    def touches(self, row: RowKey, number: int) -> bool:
        """Whether any own change of this row comes after `number`."""
        return any(own > number for own, _ in self._by_row.get(row, ()))


def read_pending(connection: Connection, *, acked_seq: int, cursor: int) -> PendingChanges:
    """Own changes after `acked_seq`, and confirmed ones that the county numbered after `cursor`."""
    batches = connection.execute(_NUMBERED, {"cursor": cursor}).all()
    first = min([acked_seq + 1, *(row.first_seq for row in batches)])
    numbers: dict[int, int] = {}
    for row in batches:
        for seq in range(row.first_seq, row.last_seq + 1):
            numbers[seq] = max(numbers.get(seq, 0), row.first_vseq + seq - row.first_seq)
    found: defaultdict[RowKey, list[tuple[int, frozenset[str] | None]]] = defaultdict(list)
    for entry in connection.execute(_OWN, {"first": first}):
        number = _UNSENT if entry.device_seq > acked_seq else numbers.get(entry.device_seq, 0)
        # An own insert says nothing of a column that its program did not have.
        fields = frozenset(json.loads(entry.new)) if entry.new else None
        found[entry.table_name, UUID(entry.row_id)].append((number, fields))
    return PendingChanges(dict(found))
