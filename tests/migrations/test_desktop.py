"""The laptop's migrations, on encrypted files: head equals the records, up and down, and failures leave the old."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from desktop_app.bootstrap import open_with_key
from desktop_app.storage.change_log import find_broken_seal, list_history
from desktop_app.storage.container import check_container, opened_container, unpack
from desktop_app.storage.engine import HybridClock, open_engine
from desktop_app.storage.migrate import HEAD, alembic_config, all_metadata, create_schema, current_revision
from desktop_app.storage.shelf import BEFORE_UPGRADE, list_backups
from desktop_app.storage.workspace import BACKUP_FOLDER, DATABASE_FILE
from tests.workspaces import MakeWorkspace
from village_core.domain.clock import SystemClock
from village_core.domain.ids import new_id
from village_core.exchange.triggers import existing_triggers, trigger_statements
from village_core.records import synced_tables
from village_core.records.households import Household

KEY = bytes(range(32))


@pytest.fixture
def empty_engine(tmp_path: Path) -> Engine:
    return open_engine(tmp_path / "empty.db", KEY, clock=HybridClock(SystemClock()))


def test_head_is_what_alembic_says() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


def test_a_new_database_equals_the_records(empty_engine: Engine) -> None:
    create_schema(empty_engine)
    with empty_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, all_metadata()) == []
        assert existing_triggers(connection) == trigger_statements(synced_tables)
    empty_engine.dispose()


def test_each_migration_goes_up_and_down_and_up_again(empty_engine: Engine) -> None:
    config = alembic_config()
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()][::-1]
    for revision in revisions:
        for target in (revision, "-1", revision):
            with empty_engine.execution_options(write=True).begin() as connection:
                config.attributes["connection"] = connection
                move = command.downgrade if target == "-1" else command.upgrade
                move(config, target)
    empty_engine.dispose()


def test_migrations_import_nothing_of_the_program() -> None:
    folder = Path(__file__).parents[2] / "db_migrations"
    for path in folder.rglob("versions/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] in {"alembic", "sqlalchemy", "__future__"}
            if isinstance(node, ast.Import):
                assert all(name.name.split(".")[0] in {"alembic", "sqlalchemy"} for name in node.names)


def test_a_failed_upgrade_leaves_the_old_file_and_a_backup(
    make_workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = make_workspace()
    with workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0000')"))
    workspace.engine.dispose()
    monkeypatch.setattr("desktop_app.storage.migrate._known_revisions", lambda: {"0000", HEAD})
    with pytest.raises(Exception, match="0000"):
        open_with_key(workspace.folder, workspace.key)
    engine = open_engine(workspace.folder / DATABASE_FILE, workspace.key, clock=HybridClock(SystemClock()))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "0000"
    engine.dispose()
    (backup,) = list_backups(workspace.folder / BACKUP_FOLDER)
    assert backup.kind == BEFORE_UPGRADE
    check_container(backup.path)
    assert not list(workspace.folder.glob("*.upgrade*"))


def test_the_pure_domain_imports_only_the_standard_library() -> None:
    folder = Path(__file__).parents[2] / "village_core" / "domain"
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [name.name for name in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] in sys.stdlib_module_names or name.startswith("village_core.domain"), path


NEXT = f"{int(HEAD) + 1:04d}"
NEXT_REVISION = f'''
"""A later shape, as a test needs one."""

import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{HEAD}"


def upgrade() -> None:
    with op.batch_alter_table("household", recreate="always") as batch:
        batch.add_column(sa.Column("remark_of_later", sa.String(20)))


def downgrade() -> None:
    with op.batch_alter_table("household") as batch:
        batch.drop_column("remark_of_later")
'''


def test_an_older_workspace_is_upgraded_on_a_copy_with_its_rows_its_log_and_its_triggers(
    make_workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    workspace = make_workspace()
    row_id = new_id()
    with workspace.unit_of_work() as uow:
        uow.session.add(Household(village=uow.village, id=row_id, head_name="罗铉"))
        uow.commit()
    workspace.close()
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / f"{NEXT}_later.py").write_text(NEXT_REVISION, encoding="utf-8")
    plain = alembic_config

    def with_later() -> Config:
        config = plain()
        own = Path(__file__).parents[2] / "db_migrations" / "desktop" / "versions"
        config.set_main_option("version_locations", f"{own}{os.pathsep}{tmp_path / 'later'}")
        return config

    monkeypatch.setattr("desktop_app.storage.migrate.alembic_config", with_later)
    monkeypatch.setattr("desktop_app.storage.migrate.HEAD", NEXT)
    upgraded = open_with_key(workspace.folder, workspace.key)
    with upgraded.engine.connect() as connection:
        assert existing_triggers(connection) == trigger_statements(synced_tables)
        assert connection.scalar(text("SELECT count(remark_of_later) FROM household")) == 0
        assert find_broken_seal(connection) is None
    with upgraded.unit_of_work() as uow:
        uow.session.get_one(Household, (uow.village, row_id)).head_name = "罗铉强"
        uow.commit()
    with upgraded.reader() as reader:
        assert [entry.op for entry in list_history(reader.session, [row_id])] == ["U", "I"]
    upgraded.close()
    (backup,) = (workspace.folder / BACKUP_FOLDER).glob("before-upgrade-*.tgb")
    with opened_container(backup) as container:
        unpack(container, DATABASE_FILE, tmp_path / "old.db", expected=check_container(backup).files[DATABASE_FILE])
    old = open_engine(tmp_path / "old.db", workspace.key, clock=HybridClock(SystemClock()))
    with old.connect() as connection:
        assert current_revision(connection) == HEAD
        assert connection.scalar(text("SELECT head_name FROM household")) == "罗铉"
    old.dispose()
