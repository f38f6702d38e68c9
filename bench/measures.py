"""What a benchmark tells: figures with the floor measured in the same run, and the bar that each must pass."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Size:
    """How much a run measures. `SMALL` serves the tests, which look only that everything still runs."""

    households: int = 2_000
    persons: int = 7_000
    import_persons: int = 5_000
    postings: int = 100_000
    search_persons: int = 100_000
    captured_rows: int = 7_000
    changed_rows: int = 50
    rounds: int = 7
    backup_megabytes: int = 500


FULL = Size()
SMALL = Size(
    households=12,
    persons=40,
    import_persons=30,
    postings=200,
    search_persons=60,
    captured_rows=50,
    changed_rows=5,
    rounds=1,
    backup_megabytes=1,
)


@dataclass(frozen=True)
class Measure:
    """One figure. Where a `floor` is given, the bar is one on their ratio; otherwise on the figure itself."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    floor_name: str = ""
    bar: float | None = None

    @property
    def ratio(self) -> float | None:
        return self.value / self.floor if self.floor else None

    @property
    def passes(self) -> bool | None:
        """None when no bar was set."""
        if self.bar is None:
            return None
        return (self.value if self.ratio is None else self.ratio) <= self.bar

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def best_of(rounds: int, deed: Callable[[], object]) -> float:
    """The shortest of `rounds` runs, in seconds."""
    return min(timed(deed)() for _ in range(rounds))


def in_turns(
    rounds: int, *, pick: Callable[[list[float]], float] = min, **deeds: Callable[[], float]
) -> dict[str, float]:
    """The best of what each deed tells (seconds); they take turns, so that a noisy minute hits all of them, in a new
    order each round, since who comes next may wait for what the one before left to the disk.

    The best, because other load on the machine can only add to it; another `pick` where luck can take away, too.
    """
    told: dict[str, list[float]] = {name: [] for name in deeds}
    dice = random.Random(rounds)
    for _ in range(rounds):
        for name in dice.sample(list(deeds), len(deeds)):
            told[name].append(deeds[name]())
    return {name: pick(values) for name, values in told.items()}


def timed(deed: Callable[[], object]) -> Callable[[], float]:
    """`deed` as one that tells how many seconds it took."""

    def run() -> float:
        start = time.perf_counter()
        deed()
        return time.perf_counter() - start

    return run
