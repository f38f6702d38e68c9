"""Scenario 25, PostgreSQL's disk more than 95 % full: a batch that does not fit is refused whole, nothing acknowledged
is lost, and the laptop goes on by itself once there is space."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from county_server.migrate import open_migrated
from county_server.tables import county_metadata
from desktop_app.sync import state
from desktop_app.sync.loop import exchange
from desktop_app.sync.outbox import count_waiting
from tests.counties import TEMPLATE
from tests.laptops import LaptopMaker
from tests.real_county import running_county
from tests.small_disk import needs_namespace
from tests.small_postgres import SmallPostgres, running_small_postgres

HOUSEHOLD = county_metadata.tables["household"].c
EDITS, BYTES = 60, 10_000
TRIES_ON_THE_FULL_DISK = 3


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallPostgres]:
    folder = tmp_path / "disk"
    folder.mkdir()
    with running_small_postgres(folder, megabytes=96) as server:
        open_migrated(f"{server.address}/{TEMPLATE}").dispose()
        yield server


@needs_namespace
def test_a_batch_that_does_not_fit_is_refused_whole_and_taken_once_there_is_space(
    disk: SmallPostgres, make_laptop: LaptopMaker
) -> None:
    with running_county(disk.address) as county:
        laptop = county.laptop(make_laptop)
        early = laptop.add_household(number="0")
        laptop.sync()
        assert disk.fill(left=1 << 20) >= 95
        made = [laptop.add_household(number=f"{n}", note=os.urandom(BYTES).hex()) for n in range(1, EDITS + 1)]
        waits: list[float] = []

        def at_the_county() -> set[UUID]:
            with county.engine.connect() as connection:
                return set(connection.scalars(select(HOUSEHOLD.id)))

        def waiting() -> int:
            with laptop.workspace.engine.connect() as connection:
                return count_waiting(connection, int(state.read_state(connection)[state.ACKED_SEQ]))

        def make_space(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == TRIES_ON_THE_FULL_DISK:
                assert waiting() > 0
                assert at_the_county() == {early, *made[: EDITS - waiting()]}, "what was acknowledged, and no more"
                disk.free()
                disk.go_on()

        report = exchange(laptop.workspace, total=None, pause=make_space)

        assert "No space left on device" in disk.log()
        assert len(waits) >= TRIES_ON_THE_FULL_DISK
        assert (report.equal, report.sent, waiting()) == (True, EDITS, 0)
        assert at_the_county() == {early, *made}
