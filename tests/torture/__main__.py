"""`python -m tests.torture KILLS [JOB …]`: kills every job so many times, with `--each-step` once at every step it has;
ends with 1 when anything was lost."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.torture.jobs import JOBS
from tests.torture.killing import Torturer
from tests.torture.preparing import prepare

_MEMORY = Path("/dev/shm")
"""A disk in memory: kill -9 leaves there what it leaves on any disk."""


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int)
    parser.add_argument("jobs", nargs="*", help="all, when none is named")
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--each-step", action="store_true", help="whatever KILLS says")
    parser.add_argument("--json", action="store_true", help="one result a line")
    wanted = parser.parse_args()
    jobs = [job for job in JOBS if not wanted.jobs or job.name in wanted.jobs]
    lost = 0
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as made:
        torturer = Torturer(Path(made), prepare(Path(made)))
        if not wanted.json:
            _say(f"{'job':22} {'kills':>6} {'promises':>9} {'lost':>5} {'seconds':>8}")
        for job in jobs:
            start = time.perf_counter()
            if wanted.each_step:
                result = torturer.kill_at_each_step(job)
            else:
                result = torturer.torture(job, kills=wanted.kills, seed=wanted.seed)
            lost += len(result.losses)
            if wanted.json:
                _say(json.dumps(asdict(result), ensure_ascii=False))
                continue
            seconds = time.perf_counter() - start
            _say(f"{result.job:22} {result.kills:6} {result.promises:9} {len(result.losses):5} {seconds:8.1f}")
            for loss in result.losses:
                _say(f"    {loss}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
