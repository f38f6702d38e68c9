"""What was there before an upgrade is a backup like any other: proved, listed, verified, shown and put back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from desktop_app.bootstrap import open_with_key
from desktop_app.cli import run
from desktop_app.settings.backups import get_backup_view
from desktop_app.storage.key_file import copy_of, unlock_key
from desktop_app.storage.restore import restore_backup
from desktop_app.storage.workspace import KEY_FILE, Workspace
from desktop_app.sync.proof import verify_all
from tests.older_client import Program
from tests.storage.test_keys_and_backup import add_household, flip
from tests.workspaces import PASSPHRASE
from village_core.records.households import Household
from village_core.records.ledger import Voucher


@pytest.fixture
def upgraded(older_workspace: tuple[Path, bytes], tmp_path: Path) -> Workspace:
    """Opened by this program for the first time, and then worked with."""
    template, key = older_workspace
    folder = Path(shutil.copytree(template, tmp_path / "workspace"))
    workspace = open_with_key(folder, key)
    add_household(workspace, "升级以后来的")
    return workspace


def before_upgrade(workspace: Workspace) -> Path:
    (backup,) = get_backup_view(workspace).backups
    assert backup.words_on(workspace.clock.now().date()).endswith("升级以前")
    return backup.path


def counts(workspace: Workspace) -> tuple[int | None, int | None]:
    with workspace.reader() as reader:
        return tuple(reader.session.scalar(select(func.count()).select_from(one)) for one in (Household, Voucher))


def test_after_an_upgrade_one_can_go_back_to_what_was_there_before(
    upgraded: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def command(*words: str, data: Path = upgraded.folder) -> Any:
        capsys.readouterr()
        assert run(["--data", str(data), *words, "--json"]) == 0, capsys.readouterr().err
        return json.loads(capsys.readouterr().out)

    monkeypatch.setenv("TIANGENG_PASSPHRASE", PASSPHRASE)
    backup = before_upgrade(upgraded)
    assert counts(upgraded) == (1, 2)
    upgraded.close()
    preview = command("restore", str(backup), "--preview")
    assert (preview["holds"]["households"], preview["losses"]["unsent_names"]) == (0, ["户 升级以后来的"])
    command("restore", str(backup))
    command("restore", str(backup), data=tmp_path / "empty")
    for folder in (upgraded.folder, tmp_path / "empty"):
        again = open_with_key(folder, upgraded.key)
        assert counts(again) == (0, 2)
        assert again.state("restored") == "1"
        assert verify_all(again).problems == []
        again.close()


def test_the_older_program_itself_takes_it_into_an_empty_folder(
    upgraded: Workspace, older_program: Program, tmp_path: Path
) -> None:
    """What that program could not open any more after the upgrade."""
    backup = before_upgrade(upgraded)
    upgraded.close()
    older_program(tmp_path / "older", "restore", str(backup))
    report = older_program(tmp_path / "older", "verify")
    assert report["problems"] == []
    assert report["digests"]["voucher"] != report["digests"]["household"], "there are vouchers and no households"


def test_verify_names_it_when_it_is_damaged(upgraded: Workspace) -> None:
    backup = before_upgrade(upgraded)
    assert verify_all(upgraded).ok
    flip(backup, backup.stat().st_size // 2)
    assert verify_all(upgraded).problems == [f"自动备份 {backup.name} 有损坏。"]
    upgraded.close()


def test_a_damaged_key_file_does_not_get_into_it(older_workspace: tuple[Path, bytes], tmp_path: Path) -> None:
    """Opening goes by the copy then, and mends the file only behind the upgrade."""
    template, key = older_workspace
    folder = Path(shutil.copytree(template, tmp_path / "workspace"))
    shutil.copyfile(folder / KEY_FILE, copy_of(folder / KEY_FILE))
    (folder / KEY_FILE).write_bytes(b"{}")
    workspace = open_with_key(folder, key)
    restore_backup(before_upgrade(workspace), tmp_path / "new", passphrase=PASSPHRASE)
    workspace.close()
    assert unlock_key(tmp_path / "new" / KEY_FILE, PASSPHRASE) == key
