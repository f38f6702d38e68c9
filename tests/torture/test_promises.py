"""The judges of the tortured jobs: what was promised and is not there, is there by half or was altered, is found."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select, text

from desktop_app.demo.people import make_village, write_sheet
from desktop_app.storage.backup import write_backup
from desktop_app.storage.workspace import Workspace
from tests.damage import change_row
from tests.ledger.sheets import BOOKS
from tests.ledger.sheets import write_sheet as write_vouchers
from tests.storage.test_keys_and_backup import add_household
from tests.torture.jobs import ImportSheet, ImportVouchers, WriteBackup
from tests.wholeness import find_problems
from tests.workspaces import MakeWorkspace
from village_core.exchange.triggers import existing_triggers, rebuild_triggers
from village_core.records import synced_tables
from village_core.records.households import Household, Person
from village_core.records.ledger import Posting


def test_a_backup_that_was_promised_and_is_still_the_old_one_is_lost(workspace: Workspace, tmp_path: Path) -> None:
    job, told = WriteBackup(), list[str]()
    place, note = tmp_path / WriteBackup.FILE, tmp_path / WriteBackup.OLD
    first = write_backup(workspace, place).sha256
    old, content = first, place.read_bytes()
    note.write_text(old)
    assert job.lost(workspace, tmp_path, []) is None
    job.run(workspace, tmp_path, told.append)
    newest = place.read_bytes()
    assert job.lost(workspace, tmp_path, told) is None
    note.write_text(old)
    assert job.lost(workspace, tmp_path, told[:1]) is None, "the second was written and not yet told"
    note.write_text(old)
    place.write_bytes(content)
    for promised in (told[:1], told):
        assert job.lost(workspace, tmp_path, promised) is not None
    place.write_bytes(newest)
    assert job.lost(workspace, tmp_path, [*reversed(told)]) is not None


def test_a_sheet_that_came_in_by_half_or_with_another_value_is_lost(
    make_workspace: MakeWorkspace, tmp_path: Path
) -> None:
    write_sheet(tmp_path / ImportSheet.FILE, make_village(11, 3))
    write_vouchers(tmp_path / ImportVouchers.FILE, BOOKS)
    workspace, tried = make_workspace(), make_workspace("tried")
    for job, table, change in (
        (ImportSheet(), Person, {"note": "x"}),
        (ImportVouchers(), Posting, {"debit_fen": 1}),
    ):
        job.expect(tried, tmp_path)
        assert job.lost(workspace, tmp_path, []) is None
        assert job.lost(workspace, tmp_path, ["imported"]) is not None
        job.run(workspace, tmp_path, lambda _: None)
        assert job.lost(workspace, tmp_path, ["imported"]) is None
        alter_one(workspace, table, **change)
        for told in ([], ["imported"]):
            assert job.lost(workspace, tmp_path, told) is not None, job.name


def test_a_row_that_was_altered_behind_the_log_is_found_by_its_digest(workspace: Workspace) -> None:
    add_household(workspace, "罗铉")
    assert find_problems(workspace) == []
    alter_one(workspace, Household, head_name="别人")
    (problem,) = find_problems(workspace)
    assert "核对数" in problem


def alter_one(workspace: Workspace, table: type[Household | Person | Posting], **values: object) -> None:
    """Past the triggers, which stand again afterwards."""
    with workspace.engine.execution_options(write=True).begin() as connection:
        row_id = connection.scalars(select(table.id)).first()
        assert row_id is not None
        for name in existing_triggers(connection):
            connection.execute(text(f'DROP TRIGGER "{name}"'))
        change_row(connection, table.__tablename__, row_id, **values)
        rebuild_triggers(connection, synced_tables)
