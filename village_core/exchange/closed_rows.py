"""A household was closed on one laptop while another one, not knowing it, put a person into it, or a person was closed
here and moved to another household there: somebody is asked.

It stays closed, and the person is kept. The question is about `closed_on`: closed as it stands, or open again.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from village_core.exchange.county_hand import CountyHand
from village_core.exchange.merge import Row, Stamp, is_concurrent
from village_core.exchange.objections import Objection, Reason
from village_core.exchange.operations import COUNTY_DEVICE, synced_table
from village_core.exchange.plan import Known, RowKey, is_fact, is_standing, references_of, survivor_of
from village_core.exchange.values import Value
from village_core.exchange.words import describe_row

_FIELD, _WHY = "closed_on", "closed_reason"


def was_decided(row: Row, name: str) -> bool:
    """Whether somebody decided that a row stays closed or is open again: who writes without knowing that is asked."""
    return name == _FIELD and row.writer(name).device == COUNTY_DEVICE


class ClosedRows:
    """Asks in both orders of arrival."""

    def __init__(self, known: Known, hand: CountyHand) -> None:
        self._known = known
        self._hand = hand

    def note(self, key: RowKey, row: Row, written: Collection[str], *, stamp: Stamp, base: int) -> None:
        """The fields in `written` of a row were just written by somebody who knew the village up to `base`."""
        if is_fact(key[0]) or row.deleted:
            return
        if row.values.get(_FIELD) is not None and self._was_moved(key[0], row, written, stamp=stamp, base=base):
            self._ask_about_itself(key, row)
            return
        if _FIELD in written and row.values.get(_FIELD) is not None:
            self._look_for_added(key, row, stamp=stamp, base=base)
        elif is_standing(row):
            for column, target in references_of(synced_table(key[0])):
                if column in written:
                    self._look_for_closed((target, row.values.get(column)), key[0], row, stamp=stamp, base=base)

    def reopen_with(self, key: RowKey, row: Row, name: str, *, reason: str, author: UUID) -> dict[str, Value]:
        """A row is about to be opened again: so are those that were closed with it, on its day for its reason. Returns
        what else goes from the row itself."""
        closing = {_FIELD: row.values.get(_FIELD), _WHY: row.values.get(_WHY)}
        if name != _FIELD or closing[_FIELD] is None:
            return {}
        opened = dict.fromkeys(closing)
        for other_key, other in list(self._known.rows.items()):
            references = references_of(synced_table(other_key[0]))
            belongs = any(target == key[0] and other.values.get(of) == key[1].bytes for of, target in references)
            together = all(other.values.get(field) == value for field, value in closing.items())
            if belongs and together and not other.deleted and other.values.get("merged_into") is None:
                self._hand.update(other_key, opened, reason=reason, author=author)
        return opened if closing[_WHY] is not None else {}

    def _was_moved(self, table: str, row: Row, written: Collection[str], *, stamp: Stamp, base: int) -> bool:
        """Whether one hand closed it and another, not knowing it, gave it to another row, in either order."""
        moved = {column for column, target in references_of(synced_table(table)) if target != table}
        other = moved if _FIELD in written else {_FIELD} if moved & set(written) else set[str]()
        return any(name in row.edited and is_concurrent(row.edited[name], stamp, base) for name in other)

    def _ask_about_itself(self, key: RowKey, row: Row) -> None:
        subject = describe_row(key[0], row.values)
        sentence = f"{subject}在一台电脑上记了不在户里，另一台电脑上不知道，改到了别的户。先算不在户里，要您拿主意。"
        objection = Objection(Reason.CLOSED_HOUSEHOLD, sentence, standing={_FIELD: row.values.get(_FIELD)})
        self._hand.ask(key, objection, name=_FIELD, offered={_FIELD: None})

    def _look_for_closed(self, reference: tuple[str, Value], table: str, row: Row, *, stamp: Stamp, base: int) -> None:
        target, value = reference
        key = (target, UUID(bytes=value)) if isinstance(value, bytes) else None
        parent = self._known.rows.get(key) if key is not None else None
        if key is None or parent is None:
            return
        key, parent = survivor_of(self._known, target, parent) or (key, parent)
        if parent.values.get(_FIELD) is None:
            return
        if is_concurrent(parent.writer(_FIELD), stamp, base):
            self._ask(key, parent, table, row)

    def _look_for_added(self, key: RowKey, row: Row, *, stamp: Stamp, base: int) -> None:
        for (name, _), other in list(self._known.rows.items()):
            if is_fact(name) or not is_standing(other):
                continue
            for column, target in references_of(synced_table(name)):
                belongs = target == key[0] and other.values.get(column) == key[1].bytes
                if belongs and is_concurrent(other.writer(column), stamp, base):
                    self._ask(key, row, name, other)
                    return

    def _ask(self, key: RowKey, parent: Row, table: str, row: Row, /) -> None:
        subject, added = describe_row(key[0], parent.values), describe_row(table, row.values)
        sentence = f"{subject}已经销户，另一台电脑上不知道，又登记了{added}。销户先照旧，要您拿主意。"
        standing: dict[str, Value] = {_FIELD: parent.values.get(_FIELD)}
        objection = Objection(Reason.CLOSED_HOUSEHOLD, sentence, standing=standing)
        self._hand.ask(key, objection, name=_FIELD, offered={_FIELD: None})
