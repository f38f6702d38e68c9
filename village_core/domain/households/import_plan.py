"""What importing a sheet of persons by household would do, decided without doing it.

The rules are those of the documented import: a bad row is left out alone, an empty cell leaves what is there,
counts are persons, a changed household column counts its first row as updated, a dry run gives the same figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from village_core.domain.households.grouping import Group, group_rows
from village_core.domain.households.household_plan import HouseholdPlanner
from village_core.domain.households.planned import ImportPlan
from village_core.domain.households.recognition import recognise_persons
from village_core.domain.households.sheet_notes import SheetNotes
from village_core.domain.households.sheet_values import Row, RowNote, SheetValues, read_values
from village_core.domain.households.snapshot import KnownHousehold, Snapshot, SnapshotIndex
from village_core.domain.households.vocabulary import MatchedColumns, Vocabulary, match_columns
from village_core.domain.ids import new_id


def plan_import(
    rows: Sequence[Row],
    columns: Mapping[str, int],
    *,
    header_row: int,
    snapshot: Snapshot,
    vocabulary: Vocabulary,
    today: date,
    repeated_headers: Sequence[str] = (),
    make_id: Callable[[], UUID] = new_id,
    step: Callable[[int, int], None] | None = None,
) -> ImportPlan:
    """Plan the import of the rows below `header_row`. `columns` are header keys with their positions.

    `step(done, total)` is called between households and may raise to stop: nothing has been done.
    """
    matched = match_columns(columns, vocabulary)
    values = read_values(rows, matched, vocabulary=vocabulary, today=today)
    index = SnapshotIndex(snapshot)
    known = recognise_persons(values, matched, index)
    groups = group_rows(values, matched, known)
    notes = SheetNotes(values, matched)
    planner = HouseholdPlanner(
        values, index, known=known, notes=notes, vocabulary=vocabulary, today=today, make_id=make_id
    )
    targets = _join_groups(groups, planner)
    for done, (group, household) in enumerate(targets, start=1):
        planner.plan(group, household)
        if step is not None and (done % 50 == 0 or done == len(targets)):
            step(done, len(targets))
    return ImportPlan(
        rows=len(values.numbers),
        households=tuple(planner.households),
        persons=tuple(sorted(planner.persons, key=lambda person: person.row)),
        rejected=_one_a_row(values),
        warnings=(*_header_warnings(matched, header_row, repeated_headers), *_row_warnings(values)),
    )


def _join_groups(groups: Sequence[Group], planner: HouseholdPlanner) -> list[tuple[Group, KnownHousehold | None]]:
    """Groups that turn out to be one known household become one."""
    joined: dict[UUID, Group] = {}
    targets: list[tuple[Group, KnownHousehold | None]] = []
    for group in groups:
        household = None if group.broken else planner.find_household(group)
        if household is None:
            targets.append((group, None))
        elif (earlier := joined.get(household.id)) is not None:
            earlier.rows = sorted([*earlier.rows, *group.rows])
            earlier.head_name = earlier.head_name or group.head_name
        else:
            joined[household.id] = group
            targets.append((group, household))
    return targets


def _one_a_row(values: SheetValues) -> tuple[RowNote, ...]:
    """One entry a rejected person; further mistakes of the row are told with the first."""
    rejected = []
    for index in sorted(values.problems):
        first, *others = values.problems[index]
        reason = "；".join([first.reason, *(f"{other.column}：{other.reason}" for other in others)])
        rejected.append(RowNote(first.row, first.column, reason))
    return tuple(rejected)


def _row_warnings(values: SheetValues) -> list[RowNote]:
    return [
        note for index in sorted(values.warnings) if index not in values.problems for note in values.warnings[index]
    ]


def _header_warnings(columns: MatchedColumns, header_row: int, repeated: Sequence[str]) -> list[RowNote]:
    notes = [RowNote(header_row, column.header, "不认识这一列，按原来的名字保留") for column in columns.unknown]
    notes += [
        RowNote(header_row, column.header, f"和“{other}”说的是同一件事，只收“{other}”那一列")
        for column, other in columns.doubled
    ]
    notes += [RowNote(header_row, header, "这个表头有两列，只收左边的一列") for header in repeated]
    return notes
