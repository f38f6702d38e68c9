"""A county as it really runs, for tests: `county_server serve` as a process of its own, PostgreSQL behind it, a line
before it that can be made bad.

laptop = real_county.laptop(make_laptop)
real_county.line.faults = Faults(cut_both=60_000)
laptop.sync()
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from county_server.engine import open_database
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state
from desktop_app.sync.enrolment import join_county
from desktop_app.sync.loop import ExchangeReport, exchange
from tests.counties import County, new_postgres, opened_county
from tests.fault_proxy import FaultProxy
from tests.laptops import Laptop, LaptopMaker
from tests.workspaces import PASSPHRASE
from village_core.domain.clock import Clock

ROOT = Path(__file__).resolve().parents[1]


class RealLaptop(Laptop):
    """Exchanges as the window does, over real HTTP; between two tries it does not wait."""

    def __init__(self, workspace: Workspace, county: RealCounty) -> None:
        super().__init__(workspace, county)
        self.real_county = county

    def sync(self) -> ExchangeReport:
        return exchange(self.workspace, total=None, pause=self.between_tries)

    def between_tries(self, _seconds: float) -> None:
        """A test may look here what is to be seen after a cut."""

    def turn_to(self, url: str) -> None:
        self.workspace.set_state(state.COUNTY_URL, url)


class RealCounty(County):
    """`serve()` and `stop()` the server, `tell()` the operator's commands. `engine` looks into its database."""

    line: FaultProxy
    server: subprocess.Popen[str] | None = None
    port: int = 0

    def laptop(self, make_laptop: LaptopMaker, role: str = "文书", *, clock: Clock | None = None) -> RealLaptop:
        """A laptop that enrolled over the line."""
        workspace = make_laptop(self, enrolled=False, clock=clock).workspace
        join_county(workspace, url=self.url, code=self.code(role))
        return RealLaptop(workspace, self)

    @property
    def url(self) -> str:
        """Through the line that can be bad."""
        return f"http://127.0.0.1:{self.line.port}"

    def serve(self, *, workers: int = 1) -> None:
        """Start the server; the port stays the same from one start to the next."""
        command = [*_county_command(self.address), "serve", "--listen", f"127.0.0.1:{self.port}"]
        self.server = subprocess.Popen(
            [*command, "--workers", str(workers)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.server.stdout is not None
        self.port = int(self.server.stdout.readline().rpartition(":")[2])

    def stop(self, *, kill: bool = False) -> None:
        """An orderly end, or the power cut."""
        if self.server is None:
            return
        self.server.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        self.line.cut_all()
        self.server.wait(20)
        assert self.server.stdout is not None
        self.server.stdout.close()
        self.server = None

    def tell(self, *arguments: str) -> Any:
        """What the operator's command tells as JSON; its exit status does not matter."""
        done = subprocess.run(
            [*_county_command(self.address), *arguments, "--json"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def copy_database(self, source: str, target: str) -> None:
        """Make the database `target` a copy of `source`, instead of what it held. Nobody may use either."""
        self.engine.dispose()
        maintenance = open_database(self.address.rpartition("/")[0] + "/postgres")
        with maintenance.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {target}"))
            connection.execute(text(f"CREATE DATABASE {target} TEMPLATE {source}"))
        maintenance.dispose()

    @property
    def database(self) -> str:
        return self.address.rpartition("/")[2]


def _county_command(address: str) -> list[str]:
    return [sys.executable, "-m", "county_server", "--db", address]


def tell_laptop(folder: Path, *arguments: str) -> Any:
    """What a command of the laptop, as a process of its own, tells as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "desktop_app", "--data", str(folder), *arguments, "--json"],
        cwd=ROOT,
        env=os.environ | {"TIANGENG_PASSPHRASE": PASSPHRASE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@contextmanager
def running_county(postgres: str, *, workers: int = 1) -> Iterator[RealCounty]:
    with new_postgres(postgres) as address, opened_county(address) as made:
        county = RealCounty(made.address, made.engine, made.clock)
        county.serve(workers=workers)
        county.line = FaultProxy(("127.0.0.1", county.port))
        try:
            yield county
        finally:
            county.stop()
            county.line.close()


@pytest.fixture
def real_county(postgres: str) -> Iterator[RealCounty]:
    """A county with a fresh database and one worker, enrolled laptops none."""
    with running_county(postgres) as county:
        yield county
