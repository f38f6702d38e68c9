"""What the words of a sheet mean: header synonyms, code lists, relations. Data, handed in from `resources/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from village_core.domain.households.cells import CodeList
from village_core.domain.households.fields import HOUSEHOLD_FIELD, PERSON_FIELD

HOUSEHOLD = "household"
PERSON = "person"
IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class ColumnMeaning:
    """What a header stands for. `field` is empty for a column that is kept by its name."""

    scope: str
    field: str = ""


@dataclass(frozen=True, slots=True)
class Relation:
    """与户主关系: generations above the head (-1 for a child), sex when the word tells it, kin by blood or not."""

    label: str
    code: str = ""
    generation: int | None = None
    sex: str = ""
    by_blood: bool = False


@dataclass(frozen=True)
class Vocabulary:
    """`columns` by header key; `code_lists` by `household.kind`, `person.sex` …; `relations` by label."""

    columns: Mapping[str, ColumnMeaning]
    code_lists: Mapping[str, CodeList] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of the sheet that is used: where it stands and what its header says there."""

    position: int
    header: str


@dataclass(frozen=True)
class MatchedColumns:
    """The sheet's columns by what they mean. `unknown` headers are kept by name and reported."""

    household: Mapping[str, SheetColumn]
    person: Mapping[str, SheetColumn]
    household_extras: tuple[SheetColumn, ...]
    person_extras: tuple[SheetColumn, ...]
    unknown: tuple[SheetColumn, ...]
    doubled: tuple[tuple[SheetColumn, str], ...]
    """Columns whose field another column has already, with that column's header."""

    @property
    def groups_persons(self) -> bool:
        """Whether the sheet tells which persons live together."""
        return bool({"number", "head_name"} & set(self.household)) or "relation" in self.person


def match_columns(columns: Mapping[str, int], vocabulary: Vocabulary) -> MatchedColumns:
    """Sort the sheet's headers (by key, with their positions) into fields, kept columns and unknown ones."""
    used: dict[str, dict[str, SheetColumn]] = {HOUSEHOLD: {}, PERSON: {}}
    extras: dict[str, list[SheetColumn]] = {HOUSEHOLD: [], PERSON: []}
    unknown, doubled = [], []
    for header, position in sorted(columns.items(), key=lambda item: item[1]):
        column = SheetColumn(position, header)
        meaning = vocabulary.columns.get(header)
        if meaning is None:
            unknown.append(column)
        elif meaning.scope == IGNORED:
            continue
        elif not meaning.field:
            extras[meaning.scope].append(column)
        elif (taken := used[meaning.scope].get(meaning.field)) is None:
            used[meaning.scope][meaning.field] = column
        elif _label(meaning) == header:
            # The official name wins over a synonym that happens to stand further left.
            used[meaning.scope][meaning.field] = column
            doubled.append((taken, header))
        else:
            doubled.append((column, taken.header))
    return MatchedColumns(
        used[HOUSEHOLD],
        used[PERSON],
        tuple(extras[HOUSEHOLD]),
        tuple(extras[PERSON]),
        tuple(unknown),
        tuple(doubled),
    )


def _label(meaning: ColumnMeaning) -> str:
    fields = HOUSEHOLD_FIELD if meaning.scope == HOUSEHOLD else PERSON_FIELD
    return fields[meaning.field].label
