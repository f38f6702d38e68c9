"""The options of `tiangeng-county` count before the command as after it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from county_server.cli import DATABASE_VARIABLE, run
from tests.workspaces import VILLAGE


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_the_database_is_the_one_that_was_named(
    before: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(DATABASE_VARIABLE, str(tmp_path / "another.db"))
    named = ["--db", str(tmp_path / "named.db"), "--json"]
    command = ["village", "add", VILLAGE, "太平村"]
    assert run([*named, *command] if before else [*command, *named]) == 0
    assert json.loads(capsys.readouterr().out)["added"]
    assert [path.name for path in tmp_path.glob("*.db")] == ["named.db"]


def test_without_a_name_the_environment_says_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(DATABASE_VARIABLE, str(tmp_path / "another.db"))
    assert run(["village", "add", VILLAGE, "太平村"]) == 0
    assert "太平村" in capsys.readouterr().out
    assert [path.name for path in tmp_path.glob("*.db")] == ["another.db"]
