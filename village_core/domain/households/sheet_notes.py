"""What is said of rows while a plan is made, under the headers as the sheet has them."""

from __future__ import annotations

from village_core.domain.households.fields import HOUSEHOLD_FIELD, PERSON_FIELD
from village_core.domain.households.sheet_values import RowNote, SheetValues
from village_core.domain.households.vocabulary import MatchedColumns


class SheetNotes:
    """Writes warnings and refusals into `SheetValues`; rows are positions there."""

    def __init__(self, values: SheetValues, columns: MatchedColumns) -> None:
        self._values = values
        self._columns = columns

    def person_header(self, name: str) -> str:
        column = self._columns.person.get(name)
        return column.header if column else PERSON_FIELD[name].label

    def household_header(self, name: str) -> str:
        column = self._columns.household.get(name)
        return column.header if column else HOUSEHOLD_FIELD[name].label

    def warn_person(self, row: int, name: str, reason: str) -> None:
        self.warn(row, self.person_header(name), reason)

    def warn_household(self, row: int, name: str, reason: str) -> None:
        self.warn(row, self.household_header(name), reason)

    def warn(self, row: int, column: str, reason: str) -> None:
        self._values.warnings[row].append(RowNote(self._values.numbers[row], column, reason))

    def reject_person(self, row: int, name: str, reason: str) -> None:
        self.reject(row, self.person_header(name), reason)

    def reject(self, row: int, column: str, reason: str) -> None:
        self._values.problems[row].append(RowNote(self._values.numbers[row], column, reason))

    def number(self, row: int) -> int:
        """The sheet's own number of a row."""
        return self._values.numbers[row]
