"""An edit that was put aside as a whole, because what it refers to was not here, and that a person wants after all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from village_core.exchange.closed_rows import ClosedRows
from village_core.exchange.county_hand import CountyHand
from village_core.exchange.earlier_names import EarlierNames
from village_core.exchange.merge import FieldOutcome, Row, Stamp, judge_field, unite_lines
from village_core.exchange.operations import synced_table
from village_core.exchange.plan import Known, RowKey, references_of
from village_core.exchange.questions import read_value
from village_core.exchange.staff_roles import COUNTY_FIELDS, STAFF
from village_core.exchange.twins import TwinJoiner
from village_core.exchange.values import MalformedValueError, Value
from village_core.records.base import rule_of

NOT_HERE = "它所属的那一条县里还没有，现在办不了。"
GONE = "这一条已经删掉了，改不成；要用请另外登记一条。"
_NOT_READABLE = "填的值县里看不懂，只能选不要它。"
_CARRIED_OUT = "按拿定的主意办"


class LateEdits:
    """Writes such an edit into the row as it stands now, judged like the decider's own; what is the county's alone
    to give, roles, is left out."""

    def __init__(self, known: Known, hand: CountyHand, joiner: TwinJoiner) -> None:
        self._known = known
        self._hand = hand
        self._joiner = joiner
        self._closed = ClosedRows(known, hand)
        self._names = EarlierNames(known, hand)

    def write(
        self, key: RowKey, row: Row, offered: Mapping[str, Any], *, stamp: Stamp, base: int, author: UUID
    ) -> str | None:
        """Write `offered`, the document of the question; words when that cannot be."""
        table = synced_table(key[0])
        if table is None:
            return _NOT_READABLE
        try:
            values = {name: read_value(table, name, plain) for name, plain in offered.items()}
        except MalformedValueError:
            return _NOT_READABLE
        if any(not self._is_here(target, values.get(column)) for column, target in references_of(table)):
            return NOT_HERE
        rule, taken, before = rule_of(table), dict[str, Value](), row.values.get("name")
        for name, value in values.items():
            if key[0] == STAFF and name in COUNTY_FIELDS:
                continue
            sensitive, lines = name in rule.sensitive, name in rule.lines
            outcome = judge_field(row, name, offered=value, arriving=stamp, base=base, sensitive=sensitive, lines=lines)
            if outcome is FieldOutcome.TAKEN:
                taken[name] = value
            elif outcome is FieldOutcome.UNITED:
                taken[name] = unite_lines(row.values.get(name), value)
            elif outcome is FieldOutcome.HELD:
                self._hand.ask_about_field(key, row, name, offered=value, beside=True)
        if taken:
            self._hand.update(key, taken, reason=_CARRIED_OUT, author=author)
            self._names.note(key, row, before=before)
            self._names.write()
            self._joiner.note_row(key, row)
            self._closed.note(key, row, taken, stamp=stamp, base=base)
            self._joiner.join([key])
        return None

    def _is_here(self, target: str, value: Value) -> bool:
        if not isinstance(value, bytes):
            return True
        key = (target, UUID(bytes=value))
        row = self._known.rows.get(key)
        return key in self._known.parents or (row is not None and not row.deleted)
