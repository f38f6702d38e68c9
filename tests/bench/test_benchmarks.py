"""The benchmarks still run, on tiny sizes; what they measure there says nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import NAMES
from bench.measures import Measure
from bench.table import show_table
from bench.villages import rows_of_village

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", NAMES)
def test_each_benchmark_runs_and_tells_its_figures(name: str) -> None:
    command = [sys.executable, "-m", "bench", name, "--small", "--alone"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert answer.returncode == 0, answer.stderr
    measures = [Measure(**json.loads(line)) for line in answer.stdout.splitlines()]
    assert measures
    assert all(measure.value >= 0 and measure.name for measure in measures)


def test_a_ratio_over_its_bar_is_said_to_be_over(capsys: pytest.CaptureFixture[str]) -> None:
    slow = Measure("start", 0.9, "s", floor=0.3, floor_name="empty window", bar=2.3)
    quick = Measure("start", 0.6, "s", floor=0.3, floor_name="empty window", bar=2.3)
    show_table([slow, quick])
    _, first, second = capsys.readouterr().out.splitlines()
    assert "3.00×" in first
    assert first.endswith("OVER")
    assert "2.00×" in second
    assert second.endswith("ok")


def test_a_figure_without_a_floor_is_held_against_the_bar_itself() -> None:
    assert Measure("nothing to do", 0.5, "kB", bar=0.6).passes
    assert not Measure("nothing to do", 0.7, "kB", bar=0.6).passes
    assert Measure("its file", 49.0, "kB").passes is None


def test_a_village_of_a_given_size_keeps_every_head() -> None:
    rows = rows_of_village(30, 80)
    assert len(rows) == 80
    assert sum(row["与户主关系"] == "户主" for row in rows) == 30
