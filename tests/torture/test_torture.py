"""Twenty kills of every kind of work; `make torture` does a thousand of each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.torture.jobs import JOBS, Job

KILLS = 20

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 and fork are of Unix")


@pytest.fixture(scope="module")
def results() -> dict[str, dict[str, Any]]:
    """All jobs in one process of its own, since it forks."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.torture", str(KILLS), "--json"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode in (0, 1), done.stderr
    return {one["job"]: one for one in told}


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_what_was_acknowledged_is_there_after_a_kill(results: dict[str, dict[str, Any]], job: Job) -> None:
    result = results[job.name]
    assert result["losses"] == []
    assert result["kills"] == KILLS
