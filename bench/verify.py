"""Verifying a large village whose digests are kept, as after an exchange: every page, row, chain and digest."""

from __future__ import annotations

import time
from pathlib import Path

from bench.measures import Measure, Size
from bench.villages import VILLAGE, empty_village, rows_of_persons, write_persons
from desktop_app.storage.workspace import Workspace
from desktop_app.sync.proof import refresh_digests, verify_all


def measure(size: Size, work: Path) -> list[Measure]:
    """The best of two, with what it tells of its progress."""
    workspace = empty_village(work / "village")
    write_persons(workspace, rows_of_persons(size.search_persons))
    workspace.seal_log()
    with workspace.engine.execution_options(write=True).begin() as connection:
        refresh_digests(connection, VILLAGE)
    seconds, worked = min(_verify(workspace) for _ in range(min(2, size.rounds)))
    workspace.close()
    return [
        Measure(f"verify of {size.search_persons:,} persons", seconds, "s", bar=10),
        Measure("  its work (CPU)", worked, "s"),
    ]


def _verify(workspace: Workspace) -> tuple[float, float]:
    """Seconds, and seconds of work."""
    steps: list[int] = []
    start, begun = time.perf_counter(), time.process_time()
    report = verify_all(workspace, progress=lambda done, _total: steps.append(done))
    seconds, worked = time.perf_counter() - start, time.process_time() - begun
    assert report.ok, report.problems
    assert steps == sorted(steps)
    return seconds, worked
