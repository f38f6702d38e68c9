"""Counties for tests: the same on SQLite and PostgreSQL, called directly or through real HTTP."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import uvicorn
from sqlalchemy import Engine, create_engine, text

from county_server.admin.service import add_village, issue_code
from county_server.app import create_app
from county_server.auth.patience import Patience
from county_server.engine import open_database
from county_server.migrate import open_migrated
from county_server.serving.bodies import BodyRoom
from county_server.serving.workers import http_settings
from county_server.sync.snapshots import FAR_BEHIND
from tests.postgres import running_postgres
from tests.workspaces import VILLAGE
from village_core.domain.clock import Clock, SystemClock

_numbers = count(1)
TEMPLATE = "tiangeng_template"


@dataclass
class County:
    """A migrated county with one village."""

    address: str
    engine: Engine
    clock: Clock

    def code(self, role: str = "文书", village: str = VILLAGE) -> str:
        """A fresh enrolment code."""
        return issue_code(self.engine, village, role=role, clock=self.clock)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server with a migrated template database."""
    with running_postgres() as server:
        open_migrated(f"{server}/{TEMPLATE}").dispose()
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("county") / "template.db"
    open_migrated(str(path)).dispose()
    return path


def new_sqlite(template: Path, folder: Path) -> str:
    """The path of a fresh migrated SQLite database."""
    path = folder / f"county{next(_numbers)}.db"
    shutil.copy(template, path)
    return str(path)


@contextmanager
def new_postgres(server: str) -> Iterator[str]:
    """The address of a fresh migrated PostgreSQL database, dropped at the end."""
    name = f"county{next(_numbers)}"
    admin = create_engine(f"{server}/postgres".replace("://", "+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    try:
        yield f"{server}/{name}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def county_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh migrated database; each test that asks for it runs on both."""
    if request.param == "sqlite":
        yield new_sqlite(request.getfixturevalue("sqlite_template"), tmp_path)
    else:
        with new_postgres(request.getfixturevalue("postgres")) as address:
            yield address


@pytest.fixture
def county(county_address: str) -> Iterator[County]:
    """A county on either database."""
    with opened_county(county_address) as made:
        yield made


@pytest.fixture
def small_county(tmp_path: Path, sqlite_template: Path) -> Iterator[County]:
    """A county on SQLite, where the database does not matter."""
    with opened_county(new_sqlite(sqlite_template, tmp_path)) as made:
        yield made


@contextmanager
def opened_county(address: str, clock: Clock | None = None) -> Iterator[County]:
    made = County(address, open_database(address), clock or SystemClock())
    add_village(made.engine, VILLAGE, "太平村", clock=made.clock)
    yield made
    made.engine.dispose()


@contextmanager
def serving(
    county: County,
    *,
    down_limit: int = 1_500_000,
    far: int = FAR_BEHIND,
    certificate: Path | None = None,
    patience: Patience | None = None,
    room: BodyRoom | None = None,
) -> Iterator[str]:
    """The address of the county's real HTTP server, in a thread of this process. `certificate`: a PEM file with its
    key beside it."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(50)
    app = create_app(county.engine, clock=county.clock, down_limit=down_limit, far=far, patience=patience, room=room)
    cert, key = (str(certificate), str(certificate.with_suffix(".key"))) if certificate else (None, None)
    server = uvicorn.Server(http_settings(app, cert=cert, key=key))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@pytest.fixture
def county_url(county: County) -> Iterator[str]:
    with serving(county) as url:
        yield url


@pytest.fixture
def small_county_url(small_county: County) -> Iterator[str]:
    with serving(small_county) as url:
        yield url
