"""Restoring: who may open what comes back, what a restore may not take back, and what is said before it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from desktop_app.bootstrap import has_workspace, open_with_key, open_workspace, recover_workspace
from desktop_app.staff.keys import make_recovery_key
from desktop_app.storage.automatic_backup import back_up_daily
from desktop_app.storage.backup import DamagedBackupError, write_backup
from desktop_app.storage.duties import REVOKED
from desktop_app.storage.entry import NotAdmittedError
from desktop_app.storage.key_file import WrongPassphraseError, change_passphrase, copy_of
from desktop_app.storage.restore import restore_backup
from desktop_app.storage.restore_preview import preview_restore
from desktop_app.storage.workspace import DATABASE_FILE, KEY_FILE, Workspace
from tests.storage.test_keys_and_backup import add_household, heads
from tests.workspaces import PASSPHRASE
from village_core.domain.errors import ProblemOutsideError

NEW = "后来换的一句口令"


def test_elsewhere_a_backup_opens_with_the_passphrase_and_the_recovery_key_of_its_time(
    workspace: Workspace, tmp_path: Path
) -> None:
    add_household(workspace, "罗铉")
    sealed = make_recovery_key(workspace)
    write_backup(workspace, tmp_path / "a.tgb")
    change_passphrase(workspace.folder / KEY_FILE, PASSPHRASE, new=NEW)
    make_recovery_key(workspace)
    with pytest.raises(WrongPassphraseError):
        restore_backup(tmp_path / "a.tgb", tmp_path / "new", passphrase=NEW)
    assert not has_workspace(tmp_path / "new")
    restore_backup(tmp_path / "a.tgb", tmp_path / "new", passphrase=PASSPHRASE)
    restore_backup(tmp_path / "a.tgb", tmp_path / "sealed", passphrase=sealed)
    for again in (
        open_workspace(tmp_path / "new", PASSPHRASE),
        recover_workspace(tmp_path / "sealed", sealed, passphrase=NEW),
    ):
        assert heads(again) == ["罗铉"]
        again.close()


def test_over_the_same_workspace_the_key_file_of_today_stays(workspace: Workspace, tmp_path: Path) -> None:
    write_backup(workspace, tmp_path / "a.tgb")
    change_passphrase(workspace.folder / KEY_FILE, PASSPHRASE, new=NEW)
    workspace.close()
    with pytest.raises(WrongPassphraseError):
        restore_backup(tmp_path / "a.tgb", workspace.folder, passphrase=PASSPHRASE)
    restore_backup(tmp_path / "a.tgb", workspace.folder, passphrase=NEW)
    with pytest.raises(WrongPassphraseError):
        open_workspace(workspace.folder, PASSPHRASE)
    open_workspace(workspace.folder, NEW).close()


@pytest.mark.parametrize("lost", [False, True])
def test_a_lost_or_damaged_key_file_comes_back_from_the_backup(
    workspace: Workspace, tmp_path: Path, lost: bool
) -> None:
    add_household(workspace, "罗铉")
    write_backup(workspace, tmp_path / "a.tgb")
    workspace.close()
    path = workspace.folder / KEY_FILE
    for place in (path, copy_of(path)):
        place.write_bytes(b"{}")
        if lost:
            place.unlink()
    result = restore_backup(tmp_path / "a.tgb", workspace.folder, passphrase=PASSPHRASE)
    assert result.before, "what was there could still be read with the key that came back"
    before = workspace.folder / "backups" / result.before
    restore_backup(before, tmp_path / "before", passphrase=PASSPHRASE)
    again = open_workspace(workspace.folder, PASSPHRASE)
    assert heads(again) == ["罗铉"]
    again.close()


def test_a_restore_does_not_undo_that_the_county_stopped_this_laptop(workspace: Workspace, tmp_path: Path) -> None:
    write_backup(workspace, tmp_path / "a.tgb")
    workspace.set_state(REVOKED, "2026-11-22T02:00:00+00:00")
    workspace.close()
    restore_backup(tmp_path / "a.tgb", workspace.folder, passphrase=PASSPHRASE)
    with pytest.raises(NotAdmittedError, match="停用了这台电脑"):
        open_workspace(workspace.folder, PASSPHRASE)


def test_what_was_there_is_in_a_backup_of_its_own(workspace: Workspace, tmp_path: Path) -> None:
    add_household(workspace, "旧")
    write_backup(workspace, tmp_path / "a.tgb")
    add_household(workspace, "新")
    workspace.close()
    result = restore_backup(tmp_path / "a.tgb", workspace.folder, passphrase=PASSPHRASE)
    restore_backup(workspace.folder / "backups" / result.before, workspace.folder, passphrase=PASSPHRASE)
    again = open_workspace(workspace.folder, PASSPHRASE)
    assert heads(again) == ["旧", "新"]
    again.close()


def test_a_broken_workspace_is_restored_over_and_left_aside(workspace: Workspace, tmp_path: Path) -> None:
    add_household(workspace, "罗铉")
    write_backup(workspace, tmp_path / "a.tgb")
    workspace.close()
    (workspace.folder / DATABASE_FILE).write_bytes(b"\0" * 8192)
    preview = preview_restore(tmp_path / "a.tgb", workspace.folder, passphrase=PASSPHRASE)
    assert preview.damaged_now
    assert "现在的资料有损坏" in "".join(preview.sentences)
    assert restore_backup(tmp_path / "a.tgb", workspace.folder, passphrase=PASSPHRASE).before == ""
    assert (workspace.folder / ".replaced" / DATABASE_FILE).read_bytes() == b"\0" * 8192
    again = open_workspace(workspace.folder, PASSPHRASE)
    assert heads(again) == ["罗铉"]
    again.close()


def test_nothing_is_restored_under_an_open_window(workspace: Workspace, tmp_path: Path) -> None:
    add_household(workspace, "罗铉")
    write_backup(workspace, tmp_path / "a.tgb")
    with workspace.reader(), pytest.raises(ProblemOutsideError, match="别的田埂窗口里开着"):
        restore_backup(tmp_path / "a.tgb", workspace.folder, key=workspace.key)
    assert heads(workspace) == ["罗铉"]
    assert not (workspace.folder / ".restoring").exists()


def test_two_backups_cannot_be_mixed_into_a_third(workspace: Workspace, tmp_path: Path) -> None:
    workspace.attachments.put(b"photo")
    write_backup(workspace, tmp_path / "a.tgb")
    with zipfile.ZipFile(tmp_path / "a.tgb") as container:
        manifest = json.loads(container.read("manifest.json"))
        entries = {name: container.read(name) for name in manifest["files"]}
    left_out = next(name for name in entries if name.startswith("attachments/"))
    del manifest["files"][left_out]
    with zipfile.ZipFile(tmp_path / "b.tgb", "w") as container:
        for name in manifest["files"]:
            container.writestr(name, entries[name])
        container.writestr("manifest.json", json.dumps(manifest))
    with pytest.raises(DamagedBackupError):
        restore_backup(tmp_path / "b.tgb", tmp_path / "new", passphrase=PASSPHRASE)


def test_a_packed_entry_is_refused_before_it_is_unpacked(workspace: Workspace, tmp_path: Path) -> None:
    write_backup(workspace, tmp_path / "a.tgb")
    with zipfile.ZipFile(tmp_path / "a.tgb") as container, zipfile.ZipFile(tmp_path / "b.tgb", "w") as bomb:
        for name in container.namelist():
            bomb.writestr(name, container.read(name), zipfile.ZIP_DEFLATED)
        bomb.writestr("attachments/00/" + "0" * 38, b"\0" * (1 << 24), zipfile.ZIP_DEFLATED)
    with pytest.raises(DamagedBackupError):
        restore_backup(tmp_path / "b.tgb", tmp_path / "new", passphrase=PASSPHRASE)


def test_a_restored_backup_opens_as_every_day(workspace: Workspace, tmp_path: Path) -> None:
    backup = back_up_daily(workspace)
    assert backup is not None
    restore_backup(backup, tmp_path / "new", key=workspace.key)
    again = open_with_key(tmp_path / "new", workspace.key)
    assert again.state("restored") == "1"
    again.close()
