"""Who heads a household after an import: one person at most, and never by a guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from village_core.domain.households.fields import HEAD, FieldValue
from village_core.domain.households.grouping import Group
from village_core.domain.households.sheet_notes import SheetNotes
from village_core.domain.households.sheet_values import SheetValues
from village_core.domain.households.snapshot import PERSON_PLACE, KnownPerson

_NAME, _RELATION = PERSON_PLACE["name"], PERSON_PLACE["relation"]

Relations = dict[int, FieldValue]
"""与户主关系 as it will be recorded, by row."""


class HeadOfHousehold:
    """Settles the head among the rows of one household and its known members."""

    def __init__(
        self,
        group: Group,
        rows: Sequence[int],
        *,
        values: SheetValues,
        known: Mapping[int, KnownPerson],
        absent: Sequence[KnownPerson],
        notes: SheetNotes,
    ) -> None:
        """`absent` are the open members of whom the sheet says nothing."""
        self._group = group
        self._rows = rows
        self._values = values
        self._known = known
        self._notes = notes
        self.standing = self._find_standing(absent)
        """The head whom the sheet leaves in place: not in it, or in it without a relation."""
        self.relations = self._settle()

    def name(self) -> FieldValue:
        """The head's name after the import, None when there is no head."""
        row = self.row()
        if row is not None:
            return self._values.persons[row][_NAME] or self._known[row].name
        return self.standing.name if self.standing is not None else None

    def row(self) -> int | None:
        """The row of the head, when the sheet has one."""
        return next((row for row in self._rows if self._relation_after(row) == HEAD), None)

    def warn_if_missing(self) -> None:
        """A household without a head goes in all the same."""
        if self.name() is not None:
            return
        for row in self._group.rows:
            if row in self._values.problems and self._values.persons[row][_RELATION] == HEAD:
                reason = f"第 {self._notes.number(row)} 行是户主，没有收进来，这户还没有户主"
                self._notes.warn_person(self._rows[0], "relation", reason)
                return
        self._notes.warn_person(self._rows[0], "relation", "这户还没有户主")

    def _find_standing(self, absent: Sequence[KnownPerson]) -> KnownPerson | None:
        for member in absent:
            if member.is_head:
                return member
        for row in self._rows:
            known = self._known.get(row)
            if known is not None and known.is_head and self._values.persons[row][_RELATION] is None:
                return known
        return None

    def _settle(self) -> Relations:
        relations = {row: self._values.persons[row][_RELATION] for row in self._rows}
        claimants = [row for row in self._rows if relations[row] == HEAD]
        if not claimants:
            self._take_from_name(relations)
            return relations
        for row in claimants if self.standing is not None else claimants[1:]:
            if self.standing is not None:
                reason = (
                    f"这户已有户主{self.standing.name}，表里没有改他的关系；这一行的“户主”没有记，换户主请到户页里办"
                )
            else:
                reason = f"这户有两个户主，按第 {self._notes.number(claimants[0])} 行的；这一行的“户主”没有记"
            self._notes.warn_person(row, "relation", reason)
            relations[row] = None
        return relations

    def _take_from_name(self, relations: Relations) -> None:
        """A sheet with 户主姓名 and no relation tells the head all the same."""
        if self._group.head_name is None or self.standing is not None:
            return
        for row in self._rows:
            if relations[row] is None and self._values.persons[row][_NAME] == self._group.head_name:
                known = self._known.get(row)
                if known is None or known.values[_RELATION] is None:
                    relations[row] = HEAD
                return

    def _relation_after(self, row: int) -> FieldValue:
        if self.relations[row] is not None:
            return self.relations[row]
        known = self._known.get(row)
        return known.values[_RELATION] if known is not None else None
