"""Which rows of a sheet live together: by household number, by the head's name, or by standing below each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from village_core.domain.households.fields import HEAD, FieldValue
from village_core.domain.households.sheet_values import RowNote, SheetValues
from village_core.domain.households.snapshot import HOUSEHOLD_PLACE, PERSON_PLACE, KnownPerson
from village_core.domain.households.vocabulary import MatchedColumns

_NUMBER, _HEAD_NAME, _GROUP_NAME = (HOUSEHOLD_PLACE[name] for name in ("number", "head_name", "group_name"))
_RELATION = PERSON_PLACE["relation"]


@dataclass
class Group:
    """The rows of one household, as positions in `SheetValues`. `broken` says why nobody knows whose they are."""

    rows: list[int] = field(default_factory=list)
    number: FieldValue = None
    head_name: FieldValue = None
    broken: RowNote | None = None
    has_head_row: bool = False
    household_id: UUID | None = None
    """Set where the sheet does not say who lives together but the workspace does."""


def group_rows(values: SheetValues, columns: MatchedColumns, known: Mapping[int, KnownPerson]) -> list[Group]:
    """All rows in groups, in the order of the sheet. `known` are the persons that rows were recognised as."""
    if not columns.groups_persons:
        return _groups_by_known_household(values, known)
    return _Grouping(values, columns, known).run()


def _groups_by_known_household(values: SheetValues, known: Mapping[int, KnownPerson]) -> list[Group]:
    """A list of persons only, e.g. of phone numbers: each belongs where the workspace has him."""
    groups: dict[UUID | int, Group] = {}
    for index, number in enumerate(values.numbers):
        person = known.get(index)
        if person is not None:
            groups.setdefault(person.household_id, Group(household_id=person.household_id)).rows.append(index)
        else:
            reason = "看不出是哪一户的人：表里没有户编号、户主姓名，也没有与户主关系"
            groups[index] = Group([index], broken=RowNote(number, "户编号", reason))
    return list(groups.values())


class _Grouping:
    def __init__(self, values: SheetValues, columns: MatchedColumns, known: Mapping[int, KnownPerson]) -> None:
        self._values = values
        self._columns = columns
        self._known = known
        self._groups: list[Group] = []
        self._by_number: dict[FieldValue, Group] = {}
        self._by_head: dict[tuple[FieldValue, FieldValue], Group] = {}
        self._by_household: dict[UUID, Group] = {}
        self._current: Group | None = None
        self._numbered_throughout = self._is_numbered_throughout()

    def run(self) -> list[Group]:
        for index in range(len(self._values.numbers)):
            group = self._group_of(index)
            group.rows.append(index)
            if self._values.persons[index][_RELATION] == HEAD:
                group.has_head_row = True
            group.head_name = group.head_name or self._values.households[index][_HEAD_NAME]
            self._current = group
        return self._groups

    def _group_of(self, index: int) -> Group:
        household = self._values.households[index]
        if broken := self._broken_number(index):
            return self._new(Group(broken=broken))
        if number := household[_NUMBER]:
            if (group := self._by_number.get(number)) is None:
                group = self._by_number[number] = self._new(Group(number=number))
            return group
        if self._numbered_throughout:
            return self._unnumbered_among_numbered(index)
        return self._by_standing(index)

    def _by_standing(self, index: int) -> Group:
        """Rows below the first one of a household leave its columns empty, or repeat its head's name."""
        relation, current = self._values.persons[index][_RELATION], self._current
        if self._values.households[index][_HEAD_NAME]:
            return self._by_head_name(index)
        if current is None or (relation == HEAD and current.has_head_row):
            return self._new(Group())
        return current

    def _by_head_name(self, index: int) -> Group:
        household, current = self._values.households[index], self._current
        head_name = household[_HEAD_NAME]
        is_head = self._values.persons[index][_RELATION] == HEAD
        if current is not None and current.head_name == head_name and not (is_head and current.has_head_row):
            return current
        key = (head_name, household[_GROUP_NAME])
        group = self._by_head.get(key)
        if group is None or (is_head and group.has_head_row):
            group = self._by_head[key] = self._new(Group(head_name=head_name))
        return group

    def _unnumbered_among_numbered(self, index: int) -> Group:
        """Here the number was forgotten: better the household that the workspace has than the row above."""
        person = self._known.get(index)
        if person is not None:
            if (group := self._by_household.get(person.household_id)) is None:
                group = self._by_household[person.household_id] = self._new(Group(household_id=person.household_id))
            return group
        if self._values.households[index][_HEAD_NAME]:
            return self._by_head_name(index)
        column = self._columns.household["number"].header
        if self._values.persons[index][_RELATION] == HEAD or self._current is None:
            self._warn(index, column, "没有户编号，按没有编号的新户收")
            return self._new(Group())
        above = self._values.numbers[self._current.rows[-1]]
        self._warn(index, column, f"没有户编号，按第 {above} 行的那一户收，请核对")
        return self._current

    def _is_numbered_throughout(self) -> bool:
        """Whether the sheet repeats the number on each row, so that an empty one is a gap and not a layout."""
        previous: FieldValue = None
        for household in self._values.households:
            number = household[_NUMBER]
            if number is not None and number == previous:
                return True
            previous = number
        return False

    def _broken_number(self, index: int) -> RowNote | None:
        column = self._columns.household.get("number")
        if column is None:
            return None
        for note in self._values.problems.get(index, ()):
            if note.column == column.header:
                return note
        return None

    def _warn(self, index: int, column: str, reason: str) -> None:
        self._values.warnings[index].append(RowNote(self._values.numbers[index], column, reason))

    def _new(self, group: Group) -> Group:
        self._groups.append(group)
        return group
