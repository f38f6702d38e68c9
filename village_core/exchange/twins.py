"""Rows with different ids that the natural key says are one: joined where they agree, asked about where they do not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from sqlalchemy import Table

from village_core.exchange.county_hand import CountyHand
from village_core.exchange.merge import Row
from village_core.exchange.objections import Objection, Reason
from village_core.exchange.operations import synced_table
from village_core.exchange.plan import Known, RowKey, is_fact, is_standing, natural_key_of, references_of, survivor_of
from village_core.exchange.values import Value
from village_core.exchange.words import describe_row, field_word
from village_core.records.base import rule_of

_OWN_STATE = frozenset({"merged_into", "closed_on", "closed_reason"})
"""Fields that tell of the row itself and do not go over to the one it is joined to."""

_WHO = frozenset({"name", "head_name"})
"""Where these differ it may be somebody else: nothing is joined without a person."""

_FOLLOWS = "跟着并过去的那一户走"
_SAID_TO_BE_ONE = "按拿定的主意并成一条"


class TwinJoiner:
    """Works on the rows that a transaction made or gave another natural key, after its operations were decided."""

    def __init__(self, known: Known, hand: CountyHand) -> None:
        self._known = known
        self._hand = hand
        self._referring: defaultdict[tuple[str, bytes], dict[tuple[RowKey, str], None]] = defaultdict(dict)
        for key, row in known.rows.items():
            self.note_row(key, row)
            table = synced_table(key[0])
            if table is not None and is_standing(row):
                self._note_twin(table, key, row)

    def note_row(self, key: RowKey, row: Row) -> None:
        """Remember what a row refers to, so that it can follow when that is joined. Facts never move."""
        if not is_fact(key[0]):
            for column, target in references_of(synced_table(key[0])):
                self._note_reference(key, column, target, row.values.get(column))

    def join(self, keys: Iterable[RowKey]) -> None:
        """Parents before children, so that persons are compared within households that were joined already."""
        for key in sorted(keys, key=lambda one: _depth(one[0])):
            table = synced_table(key[0])
            assert table is not None
            self._follow_parent(table, key)
            self._join(table, key)

    def join_pair(self, first: RowKey, second: RowKey, *, prefer_second: bool, names: Iterable[str]) -> None:
        """A person says that they are one. In `names` the values of the preferred row stand, where it has any."""
        table = synced_table(first[0])
        assert table is not None
        earlier, later = self._known.rows[first], self._known.rows[second]
        settled = frozenset(names) - _OWN_STATE
        if prefer_second:
            chosen = {
                name: value
                for name in sorted(settled)
                if (value := later.values[name]) is not None and value != earlier.values[name]
            }
            self._hand.update(first, chosen, reason=_SAID_TO_BE_ONE)
            self.note_row(first, earlier)
        different = [
            name
            for name in sorted(rule_of(table).sensitive)
            if name not in settled and self.contradict(table, name, earlier, later=later)
        ]
        self._unite(table, first[1], second[1], different=different, settled=settled)

    def contradict(self, table: Table, name: str, earlier: Row, *, later: Row) -> bool:
        """Whether each says something else in this field; an empty one says nothing."""
        first, second = earlier.values.get(name), later.values.get(name)
        if first is None or second is None or first == second:
            return False
        for column, target in references_of(table):
            if column == name:
                return self._standing_id(target, first) != self._standing_id(target, second)
        return True

    def _follow_parent(self, table: Table, key: RowKey) -> None:
        """A row that arrives for a household which was joined belongs to the one that stands for it."""
        row = self._known.rows[key]
        for column, target in references_of(table):
            value = row.values.get(column)
            standing = self._standing_id(target, value)
            if standing != value:
                self._hand.update(key, {column: standing}, reason=_FOLLOWS)
                self._note_reference(key, column, target, standing)

    def _join(self, table: Table, key: RowKey) -> None:
        row = self._known.rows[key]
        place = natural_key_of(table, row.values)
        if place is None or "merged_into" not in table.columns or not is_standing(row):
            return
        self._note_twin(table, key, row)
        others = [
            one
            for one in self._known.twins[place]
            if one != key[1] and frozenset({one, key[1]}) not in self._known.apart and self._bears(table, one, place)
        ]
        if not others:
            return
        first, *rest = sorted([key[1], *others], key=lambda one: self._arrived(table, one))
        second = key[1] if key[1] in rest else rest[0]
        earlier, later = self._known.rows[table.name, first], self._known.rows[table.name, second]
        different = [
            name for name in sorted(rule_of(table).sensitive) if self.contradict(table, name, earlier, later=later)
        ]
        apart = [name for name in different if name in _WHO or name in dict(references_of(table))]
        if not apart:
            self._unite(table, first, second, different=different)
        elif not self._waits_for_parents(table, earlier, later=later):
            self._ask(table, (first, earlier), (second, later), different=apart)

    def _waits_for_parents(self, table: Table, earlier: Row, *, later: Row) -> bool:
        """Whether they belong to rows that are themselves before a person as perhaps one; then that decides."""
        for column, target in references_of(table):
            parents = [self._known.rows.get((target, _id(row.values.get(column)))) for row in (earlier, later)]
            first, second = parents
            if first is None or second is None or first is second:
                continue
            parent_table = synced_table(target)
            assert parent_table is not None
            place = natural_key_of(parent_table, first.values)
            if place is not None and place == natural_key_of(parent_table, second.values):
                return True
        return False

    def _ask(self, table: Table, first: tuple[UUID, Row], second: tuple[UUID, Row], *, different: list[str]) -> None:
        sentence = (
            f"{describe_row(table.name, second[1].values)}登记了两次，{field_word(table.name, different[0])}不一样。"
            "两条都留着，要您拿主意。"
        )
        standing, offered = _excerpt(*first, different), _excerpt(*second, different)
        self._hand.ask((table.name, second[0]), Objection(Reason.TWO_ROWS, sentence, standing), offered=offered)

    def _unite(
        self,
        table: Table,
        first: UUID,
        second: UUID,
        *,
        different: list[str],
        settled: Collection[str] = (),
    ) -> None:
        earlier, later = self._known.rows[table.name, first], self._known.rows[table.name, second]
        reason = f"两台电脑登记了同一{'户' if table.name == 'household' else '人'}，并成一条"
        gained = self._gained(table, earlier, later=later, settled=settled)
        if gained:
            self._hand.update((table.name, first), gained, reason=reason)
        self._hand.update((table.name, second), {"merged_into": first.bytes}, reason=reason)
        for name in different:
            offered, writer = later.values[name], later.writer(name)
            self._hand.ask_about_field((table.name, first), earlier, name, offered=offered, beside=True, writer=writer)
        if table.name == "household":
            self._known.relief.aliases[second] = first
        moved = [
            (key, column)
            for key, column in self._referring[table.name, second.bytes]
            if self._known.rows[key].values.get(column) == second.bytes
        ]
        for key, column in moved:
            self._hand.update(key, {column: first.bytes}, reason=reason)
            self._note_reference(key, column, table.name, first.bytes)
        for key, _ in moved:
            child = synced_table(key[0])
            assert child is not None
            self._join(child, key)

    def _gained(self, table: Table, earlier: Row, *, later: Row, settled: Collection[str]) -> Mapping[str, Value]:
        """What the earlier row learns from the later one: what it lacks, and plain fields that are newer there and
        that no person settled."""
        references, kept = dict(references_of(table)), rule_of(table).sensitive.union(settled)
        return {
            name: value
            for name, value in later.values.items()
            if name not in _OWN_STATE
            and name not in references
            and value is not None
            and value != earlier.values.get(name)
            and (
                earlier.values.get(name) is None
                or (name not in kept and later.writer(name).clock > earlier.writer(name).clock)
            )
        }

    def _bears(self, table: Table, row_id: UUID, place: tuple[str, tuple[Value, ...]]) -> bool:
        row = self._known.rows.get((table.name, row_id))
        return row is not None and is_standing(row) and natural_key_of(table, row.values) == place

    def _arrived(self, table: Table, row_id: UUID) -> tuple[int, bytes]:
        return self._known.rows[table.name, row_id].inserted.number, row_id.bytes

    def _standing_id(self, table: str, value: Value) -> Value:
        if isinstance(value, bytes) and (row := self._known.rows.get((table, UUID(bytes=value)))) is not None:
            survivor = survivor_of(self._known, table, row)
            return survivor[0][1].bytes if survivor else value
        return value

    def _note_twin(self, table: Table, key: RowKey, row: Row) -> None:
        place = natural_key_of(table, row.values)
        if place is not None:
            group = self._known.twins.setdefault(place, [])
            if key[1] not in group:
                group.append(key[1])

    def _note_reference(self, key: RowKey, column: str, target: str, value: Value) -> None:
        if isinstance(value, bytes):
            self._referring[target, value][key, column] = None


def _excerpt(row_id: UUID, row: Row, names: list[str]) -> dict[str, Value]:
    return {"id": row_id.bytes, **{name: row.values[name] for name in names}}


def _id(value: Value) -> UUID:
    return UUID(bytes=value) if isinstance(value, bytes) else UUID(int=0)


def _depth(name: str) -> tuple[int, str]:
    """Tables that refer to others come after them."""
    return len(references_of(synced_table(name))), name
