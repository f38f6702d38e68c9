"""The simulated village: laptops with real encrypted workspaces in memory-backed folders, and a real county."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import Table, func, insert, select

from county_server.admin.service import add_village
from county_server.engine import open_database, writing
from county_server.guards import as_owner
from county_server.migrate import open_migrated
from county_server.sync.snapshots import FAR_BEHIND
from county_server.tables import county_metadata, device
from desktop_app.bootstrap import create_workspace, open_with_key
from desktop_app.storage.key_file import unlock_key
from desktop_app.sync import delivery, loop, state
from tests.counties import County
from tests.laptops import PEOPLE, Laptop, join
from tests.relief.village import furnish
from tests.sim.chance import Entropy, WorldClock, WorldTime, reproducible_ids
from tests.sim.line import SimLine
from tests.sim.power import Fuse
from tests.workspaces import NOW, PASSPHRASE, VILLAGE
from village_core.domain.clock import FixedClock
from village_core.exchange.pieces import AT_ONCE

MOST_LAPTOPS = 4
_KEPT_REQUESTS = 12


class SimCounty(County):
    """A county that can crash. It keeps nothing outside its database, so that restarting is opening it again."""

    def __init__(self, address: str, clock: WorldClock) -> None:
        super().__init__(address, open_database(address), clock)
        self.fuse = Fuse()
        self.fuse.watch(self.engine)
        self.requests: deque[bytes] = deque(maxlen=_KEPT_REQUESTS)
        self.touched = True
        self.restored = False
        self.restores = 0
        self.forgotten: list[Any] = []
        """Of each operation that left the log its row there."""
        self.far = FAR_BEHIND

    def remember(self, body: bytes) -> None:
        self.requests.append(body)

    def restart(self) -> None:
        self.engine.dispose()
        self.engine = open_database(self.address)
        self.fuse = Fuse()
        self.fuse.watch(self.engine)


class SimLaptop(Laptop):
    """A laptop that can lose its power. `number` tells it from its clones."""

    county: SimCounty
    line: SimLine

    def __init__(self, number: int, folder: Path, key: bytes, *, county: SimCounty, clock: WorldClock) -> None:
        self.number = number
        self.folder = folder
        self.key = key
        self.clock = clock
        self.fuse = Fuse()
        self.down_limit = (1_500, 8_000, 1_500_000)[number % 3]
        self.backups: list[Path] = []
        self.revoked = False
        self.fresh_disk = True
        self.disk = 0
        """Counts the disks that this machine had."""
        self.forms: list[Any] = []
        self.questions: list[Any] = []
        self.shown: dict[int, dict[str, Any]] = {}
        """By its own number of an operation: what the form showed that was saved with it."""
        self.older = False
        """Whether its program is one schema older than the county's."""
        super().__init__(open_with_key(folder, key, clock=clock), county)
        self.fuse.watch(self.workspace.engine)
        self.line = SimLine(county, down_limit=self.down_limit)

    @property
    def name(self) -> str:
        return f"laptop {self.number}"

    def reboot(self) -> None:
        """The power is back, or another program was installed: everything that was in memory is gone."""
        self.workspace.engine.dispose()
        self.workspace = open_with_key(self.folder, self.key, clock=self.clock)
        self.fuse = Fuse()
        self.fuse.watch(self.workspace.engine)
        self.line = SimLine(self.county, down_limit=self.down_limit)

    def upgrade(self) -> None:
        """The newer program is installed, where the older one is not at work."""
        self.workspace.seal_log()
        self.older = False
        self.reboot()

    def ids(self, table: Table) -> list[UUID]:
        """The rows of a table here, always in the same order."""
        with self.workspace.engine.connect() as connection:
            return list(connection.scalars(select(table.c.id).order_by(table.c.id)))

    def count(self, table: Table) -> int:
        with self.workspace.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(table)) or 0

    def copy_to(self, folder: Path) -> None:
        """The disk as it is now."""
        self.workspace.engine.dispose()
        shutil.copytree(self.folder, folder)


@dataclass(frozen=True)
class Setting:
    """What a story begins with. `far`: from how many numbers on a snapshot is offered; `at_once`: what is larger
    travels in pieces. Small ones bring into a short story what takes thousands of changes in life. `rest_every`: after
    so many steps all exchange until it is quiet."""

    laptops: int
    far: int = FAR_BEHIND
    at_once: int = AT_ONCE
    rest_every: int = 400
    older: frozenset[int] = frozenset()
    """Laptops that begin with an older program."""


@dataclass(frozen=True)
class Template:
    """An enrolled village on disk, made once a process and copied for each run."""

    folder: Path
    keys: tuple[bytes, ...]


@cache
def template() -> Template:
    folder = Path(tempfile.mkdtemp(prefix="tiangeng-sim-", dir=_memory_disk()))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    time = WorldTime(NOW)
    entropy = Entropy(time)
    with reproducible_ids(entropy):
        open_migrated(str(folder / "county.db")).dispose()
        county = SimCounty(str(folder / "county.db"), WorldClock(time))
        add_village(county.engine, VILLAGE, "太平村", clock=county.clock)
        keys: list[bytes] = []
        for number in range(MOST_LAPTOPS):
            place = folder / f"laptop{number}"
            person = PEOPLE[number] if number < len(PEOPLE) else "何绍明"
            create_workspace(
                place, village=VILLAGE, name="太平村", person=person, passphrase=PASSPHRASE, clock=FixedClock(NOW)
            ).close()
            keys.append(unlock_key(place / "key.json", PASSPHRASE))
            laptop = SimLaptop(number, place, keys[-1], county=county, clock=WorldClock(time))
            if number == 0:
                furnish(laptop.workspace)
            if number < 2:
                laptop.add_household(number="0001", head_name="甲", phone=str(number))
            join(laptop, "报账员" if number == 0 else "文书")
            laptop.workspace.close()
        county.engine.dispose()
    return Template(folder, tuple(keys))


def _memory_disk() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@dataclass
class World:
    """Everything of one run."""

    folder: Path
    time: WorldTime
    entropy: Entropy
    county: SimCounty
    laptops: list[SimLaptop]
    setting: Setting
    copied_untold: set[int] = field(default_factory=set)
    """Devices of which a disk was copied before the county knew any end of its journal: such copies have no place in
    common that the county could know them by."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What actions remember from one to the next, e.g. which rows were made to be nonsense."""

    @property
    def living(self) -> list[SimLaptop]:
        return [laptop for laptop in self.laptops if not laptop.revoked]

    def note_who_is_out(self) -> None:
        """After something came back from a copy: whom the county does not know, or stopped, is out until it is enrolled
        again. Who was stopped stays so, also where the county has forgotten it."""
        column = device.c
        with self.county.engine.connect() as connection:
            known = connection.execute(select(column.number, column.public_key).where(column.revoked.is_(False)))
            keys: dict[int, bytes] = dict(known.all())
        for laptop in self.laptops:
            link = state.find_link(laptop.workspace)
            laptop.revoked |= link is None or keys.get(link.device) != bytes(link.key.verify_key)

    def new_folder(self, name: str) -> Path:
        self.facts["folders"] = self.facts.get("folders", 0) + 1
        return self.folder / f"{name}-{self.facts['folders']}"

    def add(self, folder: Path, like: SimLaptop) -> SimLaptop:
        """A further machine with the disk in `folder`."""
        clock = WorldClock(self.time)
        laptop = SimLaptop(len(self.laptops), folder, like.key, county=self.county, clock=clock)
        laptop.older = like.older
        self.laptops.append(laptop)
        return laptop


@contextmanager
def new_world(setting: Setting, *, county_address: str | None = None) -> Iterator[World]:
    """A fresh copy of the enrolled village with the first machines switched on."""
    made = template()
    folder = Path(tempfile.mkdtemp(prefix="tiangeng-sim-", dir=_memory_disk()))
    time = WorldTime(NOW)
    entropy = Entropy(time)
    world: World | None = None
    try:
        with reproducible_ids(entropy), _in_pieces_above(setting.at_once):
            if county_address is None:
                county_address = str(folder / "county.db")
                shutil.copy(made.folder / "county.db", county_address)
            else:
                _fill(county_address, made.folder / "county.db")
            county = SimCounty(county_address, WorldClock(time))
            county.far = setting.far
            world = World(folder, time, entropy, county, [], setting)
            for number in range(setting.laptops):
                place = folder / f"laptop{number}"
                shutil.copytree(made.folder / f"laptop{number}", place)
                world.laptops.append(SimLaptop(number, place, made.keys[number], county=county, clock=WorldClock(time)))
                world.laptops[-1].older = number in setting.older
            yield world
    finally:
        if world is not None:
            for laptop in world.laptops:
                laptop.workspace.engine.dispose()
            world.county.engine.dispose()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _in_pieces_above(size: int) -> Iterator[None]:
    with patch.object(delivery, "AT_ONCE", size), patch.object(loop, "AT_ONCE", size):
        yield


def _fill(address: str, source: Path) -> None:
    """The enrolled village in another database."""
    old, new = open_database(str(source)), open_database(address)
    with old.connect() as reading, writing(new) as connection:
        as_owner(connection, "restore")
        for table in reversed(county_metadata.sorted_tables):
            connection.execute(table.delete())
        for table in county_metadata.sorted_tables:
            rows = [dict(row) for row in reading.execute(select(table)).mappings()]
            if rows:
                connection.execute(insert(table), rows)
    old.dispose()
    new.dispose()


def draw(rng: Random, items: list[Any]) -> Any:
    """One of the items, or None when there is none."""
    return rng.choice(items) if items else None
