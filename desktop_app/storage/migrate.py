"""Bring a workspace's database to the shape this program knows: on a copy, which takes the place at the end.

The driver opens no transaction for DDL, and Alembic's batch mode drops triggers; so the old file stays untouched
until the copy is upgraded, has its triggers back and has passed its checks.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, MetaData, inspect, text

from desktop_app.storage.files import flush_folder
from desktop_app.storage.problems import explain_system, explained
from desktop_app.storage.room import require_room
from desktop_app.storage.shelf import BEFORE_UPGRADE, backup_name, list_backups, next_number, superfluous
from desktop_app.storage.workspace import BACKUP_FOLDER
from village_core.domain.clock import Clock, stamp
from village_core.domain.errors import ProblemOutsideError
from village_core.exchange import local_tables  # noqa: F401 - its tables belong to the schema
from village_core.exchange.change_log import SCHEMA_VERSION, local_metadata
from village_core.exchange.triggers import rebuild_triggers
from village_core.records import Record, synced_tables

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0002"
"""The newest revision. Known here so that opening a workspace need not load Alembic; a test compares."""


class NewerDatabaseError(ProblemOutsideError):
    """The workspace was written by a newer program."""


def all_metadata() -> list[MetaData]:
    """The synced tables and those of this laptop alone."""
    return [Record.metadata, local_metadata]


def current_revision(connection: Connection) -> str | None:
    """The revision of a database, or None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def create_schema(engine: Engine) -> None:
    """Build the tables and triggers of a new, empty database."""
    with explained(), engine.execution_options(write=True).begin() as connection:
        _upgrade(connection)


def needs_upgrade(engine: Engine) -> bool:
    """Whether the database is older than this program. Raises `NewerDatabaseError` when it is newer."""
    with explained(), engine.connect() as connection:
        revision = current_revision(connection)
    if revision == HEAD:
        return False
    if revision is not None and revision not in _known_revisions():
        raise NewerDatabaseError(
            "这份资料是更新版本的田埂写的，这个版本打不开。",
            safe="资料没有动过。",
            next_step="请先把田埂升级到新版本。",
        )
    return True


def upgrade_on_copy(path: Path, *, key: bytes, open_copy: Callable[[Path], Engine], clock: Clock) -> None:
    """Upgrade `path` on a copy and put it in place. What was there is in a backup first, like any other.

    `open_copy` opens an engine with the workspace's key. Any failure leaves the old file where it was.
    """
    copy = path.with_name(path.name + ".upgrade")
    copy.unlink(missing_ok=True)
    try:
        require_room(path.parent, 3 * path.stat().st_size, what="升级要用的两份拷贝")
        _require_alone(open_copy(path))
        backup = _back_up(path, key, open_copy(path), clock)
        _copy_database(open_copy(path), copy)
        engine = open_copy(copy)
        try:
            with explained(), engine.execution_options(write=True).begin() as connection:
                _upgrade(connection)
            with explained(), engine.execution_options(bare=True).connect() as connection:
                _check(connection)
                connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
        finally:
            engine.dispose()
        for leftover in ("-wal", "-shm"):
            path.with_name(path.name + leftover).unlink(missing_ok=True)
        copy.replace(path)
        flush_folder(path.parent)
        for old in superfluous(list_backups(backup.parent), newest=backup):
            if old.kind == BEFORE_UPGRADE:
                old.path.unlink()
    except OSError as error:
        raise explain_system(error) from error
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            copy.with_name(copy.name + end).unlink(missing_ok=True)


def _back_up(path: Path, key: bytes, engine: Engine, clock: Clock) -> Path:
    """The older program's database as it is, with the key file; photos stay where they are."""
    from desktop_app.storage.backup import BackupSource, write_from

    target = path.parent / BACKUP_FOLDER / backup_name(BEFORE_UPGRADE, clock.now())
    try:
        target.parent.mkdir(exist_ok=True)
        source = BackupSource(path.parent, key, engine, stamp(clock), next_number(target.parent), older=True)
        write_from(source, target, with_attachments=False)
    finally:
        engine.dispose()
    return target


def _require_alone(engine: Engine) -> None:
    """What another program still writes into the old file would be gone once the new one is in its place. Leaving
    the WAL needs the file for oneself, and puts into it what the last program left there."""
    try:
        with explained(), engine.execution_options(bare=True).connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 500")
            connection.exec_driver_sql("PRAGMA journal_mode = DELETE")
    finally:
        engine.dispose()


def _upgrade(connection: Connection) -> None:
    from alembic import command

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    rebuild_triggers(connection, synced_tables)
    connection.execute(text("INSERT OR IGNORE INTO change_context VALUES (1, 0, '', '', 0, 0, 0, 1)"))
    connection.execute(text("UPDATE change_context SET schema = :version"), {"version": SCHEMA_VERSION})


def _check(connection: Connection) -> None:
    result = connection.scalar(text("PRAGMA integrity_check"))
    broken = connection.execute(text("PRAGMA foreign_key_check")).first()
    if result != "ok" or broken is not None:
        raise ProblemOutsideError(
            "升级资料时检查没有通过。", safe="原来的资料没有动过。", next_step="请把备份交给乡镇的技术人员看一看。"
        )


def _copy_database(engine: Engine, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        with explained(), engine.execution_options(bare=True).connect() as connection:
            connection.exec_driver_sql("VACUUM INTO ?", (str(target),))
    finally:
        engine.dispose()


def alembic_config() -> Config:
    """Alembic's configuration; the scripts lie in the package `db_migrations`, also in the frozen build."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "db_migrations:desktop")
    config.set_main_option("path_separator", "os")
    return config


def _known_revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}


def write_revision(message: str, number: str) -> None:
    """Write the next migration by comparing records and history (a developer's tool)."""
    from alembic import command
    from sqlalchemy import create_engine

    with create_engine("sqlite://").begin() as connection:
        config = alembic_config()
        config.attributes |= {"connection": connection, "target_metadata": all_metadata()}
        if number != "0001":
            command.upgrade(config, "head")
        command.revision(config, message, autogenerate=True, rev_id=number)


if __name__ == "__main__":
    write_revision(sys.argv[2], sys.argv[1])
