"""What an import would do, row by row, for the person who decides on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from desktop_app.households.importing import (
    ImportReport,
    Progress,
    paused_collector,
    plan_sheet,
    read_household_sheet,
    report_of,
)
from desktop_app.storage.workspace import Workspace
from village_core.domain.households.fields import HOUSEHOLD_FIELD, PERSON_FIELD, Field
from village_core.domain.households.history import shown_value
from village_core.domain.households.planned import ImportPlan, Outcome, PlannedHousehold, PlannedPerson
from village_core.domain.masking import cover_unread
from village_core.domain.staff.rights import Right


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One row of the sheet. `kind` is rejected, warning, created, updated or unchanged."""

    kind: str
    row: int
    name: str
    column: str
    words: str

    @property
    def covered(self) -> PreviewLine:
        """As it is shown until somebody asks: a cell that was not understood may hold any number in any column."""
        return replace(
            self, name=cover_unread(self.name), column=cover_unread(self.column), words=cover_unread(self.words)
        )


@dataclass(frozen=True)
class ImportPreview:
    """The figures, and a line for each row and each note."""

    report: ImportReport
    lines: tuple[PreviewLine, ...]


def preview_households(workspace: Workspace, path: Path, *, progress: Progress | None = None) -> ImportPreview:
    """As a dry run, with words for each row. Writes nothing."""
    workspace.require(Right.EDIT_HOUSEHOLDS)
    with paused_collector():
        sheet = read_household_sheet(path)
        with workspace.reader() as reader:
            plan = plan_sheet(reader, sheet, progress=progress)
        name_column = sheet.find_column(("姓名", "家庭成员姓名", "成员姓名", "名字"))
        names = {} if name_column is None else {row.number: row.texts[name_column] for row in sheet.rows}
        return ImportPreview(report_of(plan), tuple(_lines(plan, names)))


def _lines(plan: ImportPlan, names: dict[int, str]) -> list[PreviewLine]:
    lines = [
        PreviewLine("rejected", note.row, names.get(note.row, ""), note.column, note.reason) for note in plan.rejected
    ]
    lines += [
        PreviewLine("warning", note.row, names.get(note.row, ""), note.column, note.reason) for note in plan.warnings
    ]
    households = {household.row: household for household in plan.households}
    lines += [_person_line(person, households.get(person.row)) for person in plan.persons]
    return lines


def _person_line(person: PlannedPerson, household: PlannedHousehold | None) -> PreviewLine:
    if person.outcome is Outcome.UNCHANGED:
        return PreviewLine("unchanged", person.row, person.name, "", "和现在的一样")
    if person.outcome is Outcome.CREATED:
        words = "新登记这户和这个人" if household is not None and household.is_new else "新登记这个人"
        return PreviewLine("created", person.row, person.name, "", words)
    changes = [
        *_changes(PERSON_FIELD, person.old, person.values),
        *(_changes(HOUSEHOLD_FIELD, household.old, household.values) if household is not None else []),
    ]
    kept = [*person.extras, *(household.extras if household is not None else ())]
    told = [sentence for _, sentence in changes] + [f"“{name}”记下来" for name in kept]
    if person.moved_from is not None:
        told.append("移到这一户")
    columns = "、".join([*(label for label, _ in changes), *kept])
    return PreviewLine("updated", person.row, person.name, columns, "；".join(told))


def _changes(fields: dict[str, Field], old: Any, new: Any) -> list[tuple[str, str]]:
    told = []
    for name, value in new.items():
        field = fields[name]
        before, after = shown_value(field, _plain(old.get(name))), shown_value(field, _plain(value))
        told.append((field.label, f"{field.label}从{before}改成{after}" if before else f"{field.label}填上{after}"))
    return told


def _plain(value: Any) -> Any:
    """As the change log holds it."""
    return value.isoformat() if hasattr(value, "isoformat") else value
