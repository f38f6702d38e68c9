"""What can be done with households: import and export; saving, moving and closing live in `editing`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desktop_app.households.excel import REJECTED, write_household_sheet, write_rejected_rows
from desktop_app.households.importing import (
    ImportReport,
    Progress,
    paused_collector,
    plan_sheet,
    read_household_sheet,
    report_of,
    write_plan,
)
from desktop_app.households.queries import list_export_rows
from desktop_app.storage.access_log import EVERYBODY
from desktop_app.storage.watermark import watermark_of
from desktop_app.storage.workspace import Workspace
from village_core.domain.households.sheet_values import RowNote
from village_core.domain.staff.rights import Right


def import_households(
    workspace: Workspace, path: Path, *, dry_run: bool = False, progress: Progress | None = None
) -> ImportReport:
    """Import persons by household from an Excel file, all good rows in one transaction.

    A dry run gives the same figures and writes nothing. `progress(done, total)` may raise to stop: nothing is done.
    """
    workspace.require(Right.EDIT_HOUSEHOLDS)
    with paused_collector():
        return _import(workspace, path, dry_run=dry_run, progress=progress)


def _import(workspace: Workspace, path: Path, *, dry_run: bool, progress: Progress | None) -> ImportReport:
    sheet = read_household_sheet(path)
    if dry_run:
        with workspace.reader() as reader:
            return report_of(plan_sheet(reader, sheet, progress=progress))
    with workspace.unit_of_work(reason=f"从 Excel 导入：{path.name}") as uow:
        plan = plan_sheet(uow, sheet, progress=progress)
        write_plan(uow, plan, progress=progress)
        uow.commit()
        return report_of(plan)


def export_households(workspace: Workspace, path: Path, *, masked: bool = False, reason: str = "") -> int:
    """Write all open households with all their people and columns; noted in the access log with the reason.

    Returns the number of persons. The complete file can be imported again with everything unchanged; in a masked
    one numbers of papers, telephones and accounts are covered, and an import leaves those as they are.
    """
    workspace.require(Right.EXPORT, about=EVERYBODY)
    with workspace.reader() as reader:
        if not masked:
            reader.require(Right.REVEAL_NUMBERS, about=EVERYBODY)
        table = list_export_rows(reader, masked=masked)
        mark = watermark_of(workspace, reader)
    held = "号码已遮住" if masked else "完整号码"
    told = f"{len(table.rows)} 人，{held}，写到 {path.name}"
    workspace.log_access("export", "农户", told, about=EVERYBODY, reason=reason)
    write_household_sheet(path, table, mark=mark, note=f"{held}{'，' + reason if reason else ''}")
    return len(table.rows)


def export_rejected_rows(workspace: Workspace, path: Path, notes: Sequence[RowNote]) -> None:
    """Write what an import did not take, numbers covered; noted in the access log like every export."""
    workspace.require(Right.EXPORT)
    with workspace.reader() as reader:
        mark = watermark_of(workspace, reader)
    workspace.log_access("export", REJECTED, f"{len(notes)} 行，号码已遮住，写到 {path.name}", about=EVERYBODY)
    write_rejected_rows(path, notes, mark=mark)
