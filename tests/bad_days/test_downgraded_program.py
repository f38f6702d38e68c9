"""Somebody starts the older program again on a workspace that the newer one has upgraded: the frozen one does it."""

from __future__ import annotations

from pathlib import Path

from desktop_app.bootstrap import open_workspace
from desktop_app.demo.people import make_village, write_sheet
from tests.older_client import Program
from tests.storage.test_keys_and_backup import add_household, heads
from tests.wholeness import is_whole
from tests.workspaces import PASSPHRASE, VILLAGE


def test_the_older_program_says_why_it_opens_nothing_and_touches_no_file(
    older_program: Program, tmp_path: Path
) -> None:
    folder, sheet = tmp_path / "village", tmp_path / "sheet.xlsx"
    older_program.say(folder, "init", "--village", VILLAGE, "--name", "太平村", "--person", "李琼仙")
    write_sheet(sheet, make_village(18, 3))
    upgraded = open_workspace(folder, PASSPHRASE)
    add_household(upgraded, "升级以后的")
    upgraded.close()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    told = older_program.refuse(folder, "import", "households", str(sheet))

    assert "更新版本的田埂写的" in told and "资料没有动过" in told and "升级到新版本" in told
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    again = open_workspace(folder, PASSPHRASE)
    assert heads(again) == ["升级以后的"]
    assert is_whole(again)
    again.close()
