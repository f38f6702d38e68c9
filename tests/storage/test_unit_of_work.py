"""Every change is captured in its own transaction, whichever way it was written; facts stay as they are."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import pytest
import sqlcipher3.dbapi2
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from desktop_app.storage.change_log import find_broken_seal, find_gap, list_history
from desktop_app.storage.workspace import DATABASE_FILE, Workspace
from village_core.domain.ids import new_id
from village_core.exchange.change_log import change_log
from village_core.exchange.triggers import existing_triggers, rebuild_triggers, trigger_statements
from village_core.records import Merge, rule_of, synced_tables
from village_core.records.households import Household
from village_core.records.ledger import MonthLock, VoucherDraft


def add_household(workspace: Workspace, head: str = "罗铉") -> None:
    with workspace.unit_of_work(reason="新增一户") as uow:
        uow.session.add(Household(village=uow.village, id=new_id(), number="5323270001", head_name=head))
        uow.commit()


def test_a_change_and_its_log_entry_are_one_transaction(workspace: Workspace) -> None:
    row_id = new_id()
    with workspace.unit_of_work() as uow:
        uow.session.add(Household(village=uow.village, id=row_id, head_name="普建国"))
        uow.session.flush()
    with workspace.reader() as reader:
        assert reader.session.get(Household, (workspace.village, row_id)) is None
        assert list_history(reader.session, [row_id]) == []


def test_an_update_keeps_old_and_new_value_of_the_changed_fields_only(workspace: Workspace) -> None:
    with workspace.unit_of_work(reason="新增一户") as uow:
        row_id = new_id()
        uow.session.add(Household(village=uow.village, id=row_id, head_name="罗铉", phone="13800138000"))
        uow.commit()
    with workspace.unit_of_work(reason="换了号码") as uow:
        household = uow.session.get_one(Household, (uow.village, row_id))
        household.phone = "13900139000"
        uow.commit()
    with workspace.reader() as reader:
        newest, first = list_history(reader.session, [row_id])
    assert (newest.op, newest.old, newest.new) == ("U", {"phone": "13800138000"}, {"phone": "13900139000"})
    assert (newest.reason, newest.actor) == ("换了号码", workspace.actor.person_id)
    assert (first.op, first.new["head_name"]) == ("I", "罗铉")


def test_bulk_statements_are_captured_too(workspace: Workspace) -> None:
    ids = [new_id() for _ in range(3)]
    with workspace.unit_of_work() as uow:
        uow.session.execute(insert(Household), [{"village": uow.village, "id": row, "number": "1"} for row in ids])
        uow.session.execute(update(Household).values(group_name="大平地"))
        uow.commit()
    with workspace.reader() as reader:
        history = list_history(reader.session, ids)
    assert sorted(entry.op for entry in history) == ["I", "I", "I", "U", "U", "U"]


def test_an_update_that_changes_nothing_is_no_change(workspace: Workspace) -> None:
    add_household(workspace)
    with workspace.unit_of_work() as uow:
        uow.session.execute(update(Household).values(head_name="罗铉"))
        uow.commit()
    with workspace.reader() as reader:
        ids = reader.session.scalars(select(Household.id)).all()
        assert len(list_history(reader.session, ids)) == 1


def test_own_changes_are_numbered_densely_even_after_rollbacks(workspace: Workspace) -> None:
    for number in range(6):
        with workspace.unit_of_work() as uow:
            uow.session.add(Household(village=uow.village, id=new_id(), number=str(number)))
            uow.session.flush()
            if number % 2:
                uow.commit()
    with workspace.engine.connect() as connection:
        assert find_gap(connection) is None
        numbers = connection.scalars(select(change_log.c.device_seq).order_by(change_log.c.seq)).all()
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("statement", ["update", "delete"])
def test_a_fact_can_be_neither_changed_nor_deleted(workspace: Workspace, statement: str) -> None:
    with workspace.unit_of_work() as uow:
        uow.session.add(
            MonthLock(
                village=uow.village, id=new_id(), period="2026-10", locked_on=date(2026, 11, 1), locked_by="李琼仙"
            )
        )
        uow.commit()
    change = update(MonthLock).values(period="2026-11") if statement == "update" else delete(MonthLock)
    with pytest.raises(DBAPIError), workspace.unit_of_work() as uow:
        uow.session.execute(change)


def test_rows_are_never_deleted_but_drafts_are_and_leave_their_last_state_in_the_log(workspace: Workspace) -> None:
    add_household(workspace)
    with pytest.raises(DBAPIError), workspace.unit_of_work() as uow:
        uow.session.execute(delete(Household))
    row_id = new_id()
    with workspace.unit_of_work() as uow:
        uow.session.add(
            VoucherDraft(
                village=uow.village,
                id=row_id,
                draft_number="D0-1",
                voucher_date=date(2026, 11, 22),
                body="[]",
                made_by=uow.actor.person_id,
            )
        )
        uow.commit()
    with workspace.unit_of_work() as uow:
        uow.session.execute(delete(VoucherDraft))
        uow.commit()
    with workspace.reader() as reader:
        newest = list_history(reader.session, [row_id])[0]
    assert (newest.op, newest.old["draft_number"]) == ("D", "D0-1")


@pytest.mark.parametrize("log", ["change_log", "access_log", "log_seal"])
def test_the_logs_are_append_only(workspace: Workspace, log: str) -> None:
    add_household(workspace)
    workspace.log_access("export", "农户")
    workspace.seal_log()
    for statement in (f"DELETE FROM {log}", f"UPDATE {log} SET {'hash' if log == 'log_seal' else 'actor'} = 'x'"):
        with pytest.raises(DBAPIError), workspace.unit_of_work() as uow:
            uow.session.execute(text(statement))


def test_a_program_that_does_not_know_the_clock_cannot_change_a_synced_row(workspace: Workspace) -> None:
    add_household(workspace)
    stranger = sqlcipher3.dbapi2.connect(str(workspace.folder / DATABASE_FILE))
    stranger.execute(f"PRAGMA key = \"x'{workspace.key.hex()}'\"")
    with pytest.raises(sqlcipher3.dbapi2.OperationalError, match="tiangeng_clock"):
        stranger.execute("UPDATE household SET head_name = '别人'")
    stranger.close()


def test_the_file_shows_nothing_of_its_content(workspace: Workspace) -> None:
    add_household(workspace, "罗铉")
    workspace.attachments.put(b"\xff\xd8 picture of " + "罗铉".encode())
    workspace.seal_log()
    for path in workspace.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes() + path.name.encode()
            assert "罗铉".encode() not in content
            assert workspace.village.encode() not in content
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(workspace.folder / DATABASE_FILE).execute("SELECT * FROM household")


def test_tampering_with_the_log_is_found(workspace: Workspace) -> None:
    add_household(workspace)
    workspace.seal_log()
    add_household(workspace)
    workspace.seal_log()
    with workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(text("DROP TRIGGER tg_change_log_no_update"))
        connection.execute(
            text("UPDATE change_log SET new = replace(new, '罗铉', '罗某') WHERE table_name = 'household'")
        )
        rebuild_triggers(connection, synced_tables)
    with workspace.engine.connect() as connection:
        assert find_broken_seal(connection) is not None


def test_every_synced_table_has_its_triggers(workspace: Workspace) -> None:
    with workspace.engine.connect() as connection:
        present = existing_triggers(connection)
    assert present == trigger_statements(synced_tables)
    for table in synced_tables:
        assert {f"tg_{table.name}_insert", f"tg_{table.name}_update"} <= set(present)
        assert (f"tg_{table.name}_no_update" in present) == (rule_of(table).merge is Merge.FACT)


def test_every_key_holds_the_village() -> None:
    for table in synced_tables:
        assert [column.name for column in table.primary_key] == ["village", "id"]
        for constraint in table.foreign_key_constraints:
            assert constraint.column_keys[0] == "village"


def test_a_workspace_survives_being_copied_while_open(workspace: Workspace, tmp_path: Path) -> None:
    add_household(workspace)
    for name in (DATABASE_FILE, f"{DATABASE_FILE}-wal"):
        (tmp_path / name).write_bytes((workspace.folder / name).read_bytes())
    copy = sqlcipher3.dbapi2.connect(str(tmp_path / DATABASE_FILE))
    copy.execute(f"PRAGMA key = \"x'{workspace.key.hex()}'\"")
    assert copy.execute("SELECT head_name FROM household").fetchall() == [("罗铉",)]
    copy.close()
