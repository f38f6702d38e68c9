"""The table in docs/sync_protocol.md names every scenario and every test file, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
ALL = range(1, 26)
WITH_REAL_PROCESSES = {1, 2, 4, 7, 11, 14, 16, 17, 18, 21, 23, 25}
_ROW = re.compile(r"\| (\d+) \|([^|]+)\|([^|]+)\|([^|]+)\|([^|]+)\|")


def rows() -> dict[int, tuple[str, str, str]]:
    """In one process, with real processes, the result: by number."""
    section = (ROOT / "docs/sync_protocol.md").read_text("utf-8").partition("## The 25 scenarios")[2]
    return {int(row[0]): (row[2], row[3], row[4]) for row in _ROW.findall(section)}


def test_every_scenario_has_its_row_and_its_file() -> None:
    assert sorted(rows()) == list(ALL)
    for number, (here, real, result) in rows().items():
        assert list(HERE.glob(f"test_{number:02}_*.py")), number
        assert here.strip(), number
        assert bool(real.strip()) is (number in WITH_REAL_PROCESSES), number
        assert result.strip(), number


def test_every_file_that_the_table_names_is_there_and_every_file_is_named() -> None:
    named = set(re.findall(r"`(?:tests/\w+/)?(test_\w+\.py)`", " ".join(" ".join(row) for row in rows().values())))
    files = {path.name for path in ROOT.glob("tests/*/test_*.py")}
    assert named <= files
    assert {path.name for path in HERE.glob("test_[0-9][0-9]_*.py")} <= named
