"""Brings the county's database to the shape this program knows, in one transaction."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import ProgrammingError

import db_migrations
from county_server.auth.identity import ensure_keys
from county_server.engine import open_database, writing
from county_server.guards import as_owner, install_guards
from county_server.sync.upgraded import carry_out_waiting
from county_server.tables import county_metadata
from village_core.domain.clock import SystemClock
from village_core.domain.errors import ProblemOutsideError

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0004"
"""The newest revision. Known here so that a command need not load Alembic; a test compares."""

_NOT_ALLOWED = "42501"
_MIGRATION_LOCK = 7_262_301


def open_migrated(address: str) -> Engine:
    """An engine on a database that is there and of the newest shape."""
    engine = open_database(address)
    try:
        with engine.connect() as connection:
            revision = _current_revision(connection)
        if revision != HEAD:
            _upgrade_as_owner(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _upgrade_as_owner(engine: Engine) -> None:
    try:
        upgrade(engine)
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", "") != _NOT_ALLOWED:
            raise
        raise ProblemOutsideError(
            "县里的数据库还没有升级到这个版本，这个数据库角色也不能升级它。",
            safe="没有改动任何资料。",
            next_step="请先用表的主人的地址运行 tiangeng-county migrate，再开服务。",
        ) from error


def upgrade(engine: Engine) -> None:
    """Upgrade to the newest revision; two processes that start together wait for each other."""
    from alembic import command
    from alembic.script import ScriptDirectory

    config = _config()
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
        revision = _current_revision(connection)
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if revision is not None and revision not in known:
            raise ProblemOutsideError(
                "县里的数据库是更新版本的程序建的，这个版本打不开。",
                safe="没有改动任何资料。",
                next_step="请先升级县里的程序。",
            )
        config.attributes["connection"] = connection
        as_owner(connection, "migrate")
        command.upgrade(config, "head")
        install_guards(connection)
        ensure_keys(connection, clock=SystemClock())
        carry_out_waiting(connection, clock=SystemClock())


def _current_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "db_migrations:server")
    config.set_main_option("path_separator", "os")
    return config


def write_revision(message: str, number: str) -> None:
    """Write a migration by comparing tables and the history before it (a developer's tool).

    It may be one in the middle: those behind it, written by hand, are not looked at.
    """
    from alembic import command

    config = _config()
    versions = Path(db_migrations.__path__[0]) / "server" / "versions"
    with TemporaryDirectory() as folder, writing(open_database("sqlite://")) as connection:
        for file in versions.glob("0*.py"):
            if file.name[:4] < number:
                shutil.copy(file, folder)
        config.set_main_option("version_locations", folder)
        config.attributes |= {"connection": connection, "target_metadata": county_metadata}
        if number != "0001":
            command.upgrade(config, "head")
        command.revision(config, message, autogenerate=True, rev_id=number, version_path=folder)
        for file in Path(folder).glob(f"{number}*.py"):
            shutil.copy(file, versions)


if __name__ == "__main__":
    write_revision(sys.argv[2], sys.argv[1])
