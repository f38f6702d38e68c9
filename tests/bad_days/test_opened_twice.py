"""The same workspace opened twice, or held by another process: words, and nothing is harmed."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from desktop_app.bootstrap import open_with_key
from desktop_app.storage import engine as engine_module
from desktop_app.storage.workspace import Workspace
from tests.storage.test_keys_and_backup import add_household, heads, is_whole
from village_core.domain.errors import ProblemOutsideError


def test_two_programs_on_one_workspace_both_write_and_both_see_it(workspace: Workspace) -> None:
    second = open_with_key(workspace.folder, workspace.key, clock=workspace.clock)
    for number in range(10):
        add_household((workspace, second)[number % 2], f"第{number}户")
    assert sorted(filter(None, heads(workspace))) == [f"第{number}户" for number in range(10)]
    assert heads(second) == heads(workspace)
    second.close()
    assert is_whole(workspace)


def test_a_workspace_that_another_holds_is_said_and_nothing_is_lost(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_household(workspace, "先")
    monkeypatch.setattr(engine_module, "_BUSY_MILLISECONDS", 50)
    second = open_with_key(workspace.folder, workspace.key, clock=workspace.clock)
    with workspace.engine.execution_options(write=True).begin() as holder:
        holder.execute(text("UPDATE device_state SET value = value"))
        assert heads(second) == ["先"]
        with pytest.raises(ProblemOutsideError, match=r"被另一个程序占用.*另一个田埂窗口"):
            add_household(second, "后")
    add_household(second, "后")
    assert heads(second) == ["先", "后"]
    second.close()
    assert is_whole(workspace)
