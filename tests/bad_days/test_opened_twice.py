"""The same workspace opened by two programs, or held by another one: words, and nothing is harmed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop_app.storage import engine as engine_module
from desktop_app.storage.workspace import Workspace
from tests.bad_days.another_program import TIMES
from tests.storage.test_keys_and_backup import add_household, heads
from tests.wholeness import is_whole
from tests.workspaces import MakeWorkspace
from village_core.domain.errors import ProblemOutsideError


@contextmanager
def another_program(workspace: Workspace, deed: str) -> Iterator[subprocess.Popen[str]]:
    """Started and ready; it goes on when it is told a line, and is through at the end of the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bad_days.another_program", str(workspace.folder), workspace.key.hex(), deed],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()
        assert process.wait(60) == 0


def go_on(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def test_three_programs_write_at_the_same_time_and_all_of_it_is_there(workspace: Workspace) -> None:
    with another_program(workspace, "甲") as first, another_program(workspace, "乙") as second:
        go_on(first)
        go_on(second)
        for number in range(TIMES):
            add_household(workspace, f"丙{number}")
    names = sorted(filter(None, heads(workspace)))
    assert names == sorted(f"{whose}{number}" for whose in "甲乙丙" for number in range(TIMES))
    assert is_whole(workspace)


def test_a_workspace_that_another_process_holds_is_said_and_nothing_is_lost(
    make_workspace: MakeWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_BUSY_MILLISECONDS", 50)
    workspace = make_workspace()
    add_household(workspace, "先")
    with another_program(workspace, "hold") as holder:
        assert heads(workspace) == ["先"]
        with pytest.raises(ProblemOutsideError, match=r"被另一个程序占用.*另一个田埂窗口"):
            add_household(workspace, "后")
        go_on(holder)
    add_household(workspace, "后")
    assert heads(workspace) == ["先", "后"]
    assert is_whole(workspace)
