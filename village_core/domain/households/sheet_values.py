"""The texts of a sheet become values, column by column: equal texts of a column are read once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, cast

from village_core.domain.households.cells import NOT_TAKEN, CellReading, Reading, cell_reader, is_blank, is_covered
from village_core.domain.households.fields import HOUSEHOLD_FIELDS, PERSON_FIELDS, Field, FieldValue, Kind
from village_core.domain.households.id_numbers import RESIDENT_CARD, IdNumber, read_id_number
from village_core.domain.households.snapshot import PERSON_PLACE
from village_core.domain.households.vocabulary import HOUSEHOLD, PERSON, MatchedColumns, SheetColumn, Vocabulary

_BIRTH, _SEX = PERSON_PLACE["birth_date"], PERSON_PLACE["sex"]
_ID_KIND, _ID_NUMBER = PERSON_PLACE["id_kind"], PERSON_PLACE["id_number"]
LONGEST_KEPT_NAME = 80
"""Characters of a header that are kept with a value that has no field of its own."""

_REJECTING = frozenset(((PERSON, "id_number"), (PERSON, "birth_date"), (PERSON, "name"), (HOUSEHOLD, "number")))
"""A wrong value in these leaves the row out; in any other field only the cell."""


class Row(Protocol):
    """One row of a sheet that is not blank."""

    @property
    def number(self) -> int: ...

    @property
    def texts(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class RowNote:
    """Something to say of one cell: the sheet's own row number, the header as it stands there, a sentence."""

    row: int
    column: str
    reason: str


@dataclass
class SheetValues:
    """The sheet read: lists by position of the row. `problems` leave a row out."""

    numbers: list[int] = field(default_factory=list)
    households: list[tuple[FieldValue, ...]] = field(default_factory=list)
    persons: list[tuple[FieldValue, ...]] = field(default_factory=list)
    household_extras: list[dict[str, str]] = field(default_factory=list)
    person_extras: list[dict[str, str]] = field(default_factory=list)
    problems: dict[int, list[RowNote]] = field(default_factory=lambda: defaultdict(list))
    warnings: dict[int, list[RowNote]] = field(default_factory=lambda: defaultdict(list))


def read_values(rows: Sequence[Row], columns: MatchedColumns, *, vocabulary: Vocabulary, today: date) -> SheetValues:
    """Read all rows. Rows that hold nothing but ignored columns are passed over."""
    reading = _Reading(rows, columns, vocabulary, today)
    return reading.run()


class _Reading:
    def __init__(self, rows: Sequence[Row], columns: MatchedColumns, vocabulary: Vocabulary, today: date) -> None:
        self._columns = columns
        self._vocabulary = vocabulary
        self._today = today
        width = max((len(row.texts) for row in rows), default=0)
        texts = [
            row.texts if len(row.texts) == width else [*row.texts, *[""] * (width - len(row.texts))] for row in rows
        ]
        self._grid: list[tuple[str, ...]] = list(zip(*texts, strict=True))
        self._count = len(rows)
        self._papers: dict[int, IdNumber] = {}
        self.values = SheetValues(numbers=[row.number for row in rows])

    def run(self) -> SheetValues:
        values = self.values
        if not self._count:
            return values
        values.households = self._read_fields(HOUSEHOLD, HOUSEHOLD_FIELDS, self._columns.household)
        values.persons = self._read_fields(PERSON, PERSON_FIELDS, self._columns.person)
        values.household_extras = self._read_extras(self._columns.household_extras)
        values.person_extras = self._read_extras((*self._columns.person_extras, *self._columns.unknown))
        return self._without_blank_rows()

    def _read_fields(
        self, scope: str, fields: Sequence[Field], columns: Mapping[str, SheetColumn]
    ) -> list[tuple[FieldValue, ...]]:
        nothing: list[FieldValue] = [None] * self._count
        read: list[list[FieldValue]] = []
        for each in fields:
            column = columns.get(each.name)
            if column is None:
                read.append(nothing)
            elif each.kind is Kind.ID_NUMBER:
                read.append(self._read_id_numbers(column, kinds=read[_ID_KIND]))
            else:
                code_list = self._vocabulary.code_lists.get(f"{scope}.{each.name}")
                rejects = (scope, each.name) in _REJECTING
                read.append(self._read_column(column, cell_reader(each, code_list), rejects=rejects))
        if scope == PERSON and "id_number" in columns:
            self._fill_from_id_numbers(read)
        return list(zip(*read, strict=True))

    def _read_column(self, column: SheetColumn, read: Callable[[str], Reading], *, rejects: bool) -> list[FieldValue]:
        texts = self._grid[column.position]
        first = texts[0]
        if first == texts[-1] and texts.count(first) == len(texts):
            reading = read(first)
            if not isinstance(reading, CellReading):
                return [reading] * len(texts)
        distinct = set(texts)
        if len(distinct) > len(texts) // 2:
            readings = [read(text) for text in texts]
            if CellReading not in set(map(type, readings)):
                return cast("list[FieldValue]", readings)
        known = {text: read(text) for text in distinct}
        if CellReading not in set(map(type, known.values())):
            return cast("list[FieldValue]", list(map(known.__getitem__, texts)))
        values: list[FieldValue] = []
        for index, text in enumerate(texts):
            reading = known[text]
            if isinstance(reading, CellReading):
                self._tell(index, column, reading, rejects=rejects)
                values.append(reading.value)
            else:
                values.append(reading)
        return values

    def _read_id_numbers(self, column: SheetColumn, *, kinds: list[FieldValue]) -> list[FieldValue]:
        numbers: list[FieldValue] = []
        today, papers = self._today, self._papers
        for index, (text, kind) in enumerate(zip(self._grid[column.position], kinds, strict=True)):
            if is_blank(text, Kind.ID_NUMBER):
                numbers.append(None)
                continue
            papers[index] = paper = read_id_number(text, kind=str(kind) if kind else RESIDENT_CARD, today=today)
            if paper.problem:
                self._reject(index, column, paper.problem)
                numbers.append(None)
                continue
            if paper.warning:
                self._warn(index, column, paper.warning)
            numbers.append(paper.number)
        return numbers

    def _fill_from_id_numbers(self, read: list[list[FieldValue]]) -> None:
        """The number knows kind, birth and sex; where the sheet says otherwise the number stands and it is told."""
        for place in (_ID_KIND, _BIRTH, _SEX):
            read[place] = list(read[place])
        kinds, births, sexes, numbers = read[_ID_KIND], read[_BIRTH], read[_SEX], read[_ID_NUMBER]
        for index, paper in self._papers.items():
            if numbers[index] is None:
                continue
            if kinds[index] is None:
                kinds[index] = RESIDENT_CARD
            if paper.birth is None:
                continue
            if births[index] != paper.birth:
                if births[index] is not None:
                    self._warn_person(index, "birth_date", f"和身份证号里的 {paper.birth:%Y%m%d} 不一样，按身份证号记")
                births[index] = paper.birth
            if sexes[index] != paper.sex:
                if sexes[index] is not None:
                    self._warn_person(index, "sex", f"和身份证号对不上，按身份证号记成{paper.sex}")
                sexes[index] = paper.sex

    def _read_extras(self, columns: Sequence[SheetColumn]) -> list[dict[str, str]]:
        if not columns:
            return [{}] * self._count
        extras: list[dict[str, str]] = [{} for _ in range(self._count)]
        for column in columns:
            name = column.header[:LONGEST_KEPT_NAME]
            for index, text in enumerate(self._grid[column.position]):
                if text and not is_covered(text):
                    extras[index][name] = text
        return extras

    def _without_blank_rows(self) -> SheetValues:
        values = self.values
        blank_household, blank_person = (None,) * len(HOUSEHOLD_FIELDS), (None,) * len(PERSON_FIELDS)
        kept = [
            index
            for index in range(self._count)
            if values.persons[index] != blank_person
            or values.households[index] != blank_household
            or values.person_extras[index]
            or values.household_extras[index]
            or index in values.problems
        ]
        if len(kept) == self._count:
            return values
        place = {index: position for position, index in enumerate(kept)}
        smaller = SheetValues(
            numbers=[values.numbers[index] for index in kept],
            households=[values.households[index] for index in kept],
            persons=[values.persons[index] for index in kept],
            household_extras=[values.household_extras[index] for index in kept],
            person_extras=[values.person_extras[index] for index in kept],
        )
        smaller.problems.update({place[index]: notes for index, notes in values.problems.items()})
        smaller.warnings.update({place[index]: notes for index, notes in values.warnings.items() if index in place})
        return smaller

    def _tell(self, index: int, column: SheetColumn, reading: CellReading, *, rejects: bool) -> None:
        if not reading.problem:
            self._warn(index, column, reading.warning)
        elif rejects:
            self._reject(index, column, reading.problem)
        else:
            self._warn(index, column, f"{reading.problem}；{NOT_TAKEN}")

    def _reject(self, index: int, column: SheetColumn, reason: str) -> None:
        self.values.problems[index].append(RowNote(self.values.numbers[index], column.header, reason))

    def _warn(self, index: int, column: SheetColumn, reason: str) -> None:
        self.values.warnings[index].append(RowNote(self.values.numbers[index], column.header, reason))

    def _warn_person(self, index: int, name: str, reason: str) -> None:
        self._warn(index, self._columns.person[name], reason)
