"""Time and chance of a simulated world: both follow from the seed, also where the programs ask for new ids."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from random import Random
from unittest.mock import patch

from tests.workspaces import NOW
from village_core.domain import ids


class WorldTime:
    """The true time of the world, moved on by the simulator only."""

    def __init__(self, moment: datetime = NOW) -> None:
        self.moment = moment

    def pass_by(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class WorldClock:
    """The clock of one machine: true time, and by how much it is wrong."""

    def __init__(self, time: WorldTime) -> None:
        self._time = time
        self.wrong_by = timedelta()

    def now(self) -> datetime:
        return self._time.moment + self.wrong_by


class Entropy:
    """Stands in for `os` and `time` where ids are made, so that the same seed makes the same ids."""

    def __init__(self, time: WorldTime) -> None:
        self._time = time
        self.rng = Random(0)

    def urandom(self, count: int) -> bytes:
        return self.rng.randbytes(count)

    def time_ns(self) -> int:
        return int(self._time.moment.timestamp() * 1_000_000_000)


@contextmanager
def reproducible_ids(entropy: Entropy) -> Iterator[None]:
    with patch.object(ids, "os", entropy), patch.object(ids, "time", entropy):
        yield
