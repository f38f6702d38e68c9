"""The county's database: PostgreSQL or a SQLite file, through one code."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from village_core.domain.errors import ProblemOutsideError, RefusedError

_BUSY_SECONDS = 30


def open_database(address: str) -> Engine:
    """An engine for `postgresql://…`, `sqlite:///file` or the path of a SQLite file. Creates a missing database."""
    url = _read_url(address)
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    engine = create_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True, hide_parameters=True)
    try:
        engine.connect().close()
    except OperationalError as error:
        engine.dispose()
        if f'database "{url.database}" does not exist' not in str(error.orig):
            raise _unreachable() from error
        _create_postgresql_database(url)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes: committed at the end, rolled back when anything goes wrong. The only commit."""
    with engine.execution_options(write=True).begin() as connection:
        yield connection


def _read_url(address: str) -> URL:
    if "://" not in address:
        return URL.create("sqlite", database=str(Path(address).absolute()))
    try:
        url = make_url(address)
    except ArgumentError as error:
        raise _bad_address(address) from error
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite":
        return url
    raise _bad_address(address)


def _open_sqlite(url: URL) -> Engine:
    if url.database and url.database != ":memory:":
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unreachable() from error
    engine = create_engine(
        url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = "IMMEDIATE" if connection.get_execution_options().get("write") else "DEFERRED"
        raw: Any = connection.connection.driver_connection
        try:
            raw.execute(f"BEGIN {mode}")
        except sqlite3.Error as error:
            raise DBAPIError.instance(f"BEGIN {mode}", None, error, sqlite3.Error) from error

    try:
        engine.connect().close()
    except OperationalError as error:
        engine.dispose()
        raise _unreachable() from error
    return engine


def _create_postgresql_database(url: URL) -> None:
    name = url.database or ""
    if not re.fullmatch(r"[A-Za-z0-9_\-]{1,63}", name):
        raise _bad_address(str(url))
    maintenance = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    try:
        with maintenance.connect() as connection:
            connection.execute(text(f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' TEMPLATE template0"))
    except OperationalError as error:
        raise _unreachable() from error
    finally:
        maintenance.dispose()


def _unreachable() -> ProblemOutsideError:
    return ProblemOutsideError(
        "连不上县里的数据库。", safe="没有改动任何资料。", next_step="请检查数据库是否在运行，以及 --db 的地址。"
    )


def _bad_address(address: str) -> RefusedError:
    return RefusedError(
        f"看不懂数据库地址“{address.split('@')[-1]}”。",
        next_step="请写 SQLite 文件的路径，或 postgresql://用户@主机/库名。",
    )
