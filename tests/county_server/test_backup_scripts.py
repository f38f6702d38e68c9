"""The scripts of `docs/deployment.md` on a real PostgreSQL: a dump without photos, photos beside it, and both back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, make_url, select, text

from county_server.engine import open_database
from county_server.proof.replay import replay_village
from county_server.sync.durable import last_backup
from county_server.sync.epochs import note_restored
from county_server.tables import blob
from tests.counties import County, new_postgres, opened_county
from tests.laptops import Laptop, LaptopMaker
from tests.photos import attach, is_signed_for, noise
from tests.postgres import find_binaries
from tests.workspaces import VILLAGE
from village_core.domain.clock import SystemClock
from village_core.records.households import Household

SCRIPTS = Path(__file__).parents[2] / "build_spec" / "county"


@dataclass
class Machine:
    """The county's own machine: its server, its folder of backups."""

    server: str
    folder: Path
    county: County
    tools: Path

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        url = make_url(self.server)
        environment = {
            **os.environ,
            "PATH": f"{self.tools}:{Path(sys.executable).parent}:{find_binaries()}:/usr/bin:/bin",
            "PGHOST": str(url.host),
            "PGPORT": str(url.port),
            "PGUSER": str(url.username),
        }
        return subprocess.run(
            ["bash", str(SCRIPTS / script), *arguments], env=environment, capture_output=True, text=True, check=False
        )

    def back_up(self) -> subprocess.CompletedProcess[str]:
        return self.run("backup.sh", str(make_url(self.county.address).database), str(self.folder))

    def stop_the_clock(self) -> None:
        clock = self.tools / "date"
        clock.write_text('#!/bin/sh\nexec /usr/bin/date -d "2026-11-23 02:30:00" "$@"\n', encoding="utf-8")
        clock.chmod(0o755)

    def restore(self, name: str, *, photos: Path) -> County:
        """The newest dump in a database of its own, which the operator says to be restored."""
        admin = create_engine(f"{self.server}/postgres".replace("://", "+psycopg://"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        admin.dispose()
        done = self.run("restore.sh", str(max(self.folder.glob("*.dump"))), str(photos), name)
        assert done.returncode == 0, done.stderr
        address = f"{self.server}/{name}"
        restored = County(address, open_database(address), SystemClock())
        assert replay_village(restored.engine, VILLAGE).ok
        note_restored(restored.engine, clock=restored.clock)
        return restored


@pytest.fixture
def machine(postgres: str, tmp_path: Path) -> Iterator[Machine]:
    folder = tmp_path / "backup"
    folder.mkdir()
    tools = tmp_path / "tools"
    tools.mkdir()
    with new_postgres(postgres) as address, opened_county(address) as county:
        yield Machine(postgres, folder, county, tools)


def photos_at(county: County) -> int:
    with county.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(blob)) or 0


def turn_to(laptop: Laptop, county: County) -> None:
    laptop.line._county = laptop.county = county


def test_records_and_photos_come_back_and_without_photos_laptops_send_them_again(
    machine: Machine, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop, other = make_laptop(machine.county), make_laptop(machine.county)
    household = laptop.add_household(number="0001", head_name="罗铉")
    kept = [attach(laptop, noise(20_000, seed)) for seed in range(2)]
    laptop.sync()
    assert machine.back_up().returncode == 0
    size = max(path.stat().st_size for path in machine.folder.glob("photos-*.copy"))
    kept.append(attach(laptop, noise(20_000, 2)))
    laptop.sync()
    assert machine.back_up().returncode == 0
    with machine.county.engine.connect() as connection:
        assert last_backup(connection)
    dumps = sorted(machine.folder.glob("*.dump"))
    assert len(dumps) == 2
    assert noise(20_000)[:64] not in dumps[-1].read_bytes()
    assert size > 40_000

    whole = machine.restore("whole_again", photos=machine.folder)
    assert photos_at(whole) == 3
    bare = machine.restore("bare_again", photos=tmp_path)
    assert photos_at(bare) == 0
    turn_to(laptop, bare)
    laptop.sync()
    assert laptop.sync().equal
    assert photos_at(bare) == 3
    assert all(is_signed_for(laptop, photo.original) for photo in kept)

    turn_to(other, whole)
    assert other.sync().equal
    assert [row.id for row in other.all(Household)] == [household]
    assert all(other.workspace.attachments.has(photo.original) for photo in kept)
    for county in (whole, bare):
        county.engine.dispose()


def test_a_backup_is_never_written_over_an_earlier_one(machine: Machine, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(machine.county)
    attach(laptop, noise(20_000, 0))
    laptop.sync()
    machine.stop_the_clock()
    assert machine.back_up().returncode == 0
    kept = {path: path.read_bytes() for path in machine.folder.iterdir()}
    attach(laptop, noise(20_000, 1))
    laptop.sync()
    again = machine.back_up()
    assert again.returncode != 0
    assert "已经有了" in again.stderr
    assert {path: path.read_bytes() for path in machine.folder.iterdir()} == kept
