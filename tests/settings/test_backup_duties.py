"""Who may look into a backup, restore it or try it, and whose names he reads there: in the window and by command."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from desktop_app.cli import run
from desktop_app.settings.screens.backup_page import BackupPage
from desktop_app.settings.screens.restore_page import RestorePage
from desktop_app.shell.error_dialog import ErrorDialog
from desktop_app.shell.main_window import MainWindow
from desktop_app.staff.keys import add_person, make_recovery_key
from desktop_app.storage.access_log import list_access
from desktop_app.storage.automatic_backup import back_up_daily
from desktop_app.storage.backup import write_backup
from desktop_app.storage.workspace import BACKUP_FOLDER, Workspace
from tests.keys.conftest import SECOND, cheap
from tests.settings.test_backup_page import page
from tests.staff.acting import add, sit_down
from tests.storage.test_keys_and_backup import add_household, flip
from tests.workspaces import PASSPHRASE

Settle = Callable[[], None]
THIRD = "后山的核桃熟了没有"

__all__ = ["cheap"]


@pytest.fixture
def backup(workspace: Workspace) -> Path:
    """Made before 欧阳春桃 came."""
    add_household(workspace, "罗铉")
    made = back_up_daily(workspace)
    assert made is not None
    add_household(workspace, "欧阳春桃")
    return made


@pytest.fixture
def command(
    cheap: None, workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Run a command as whoever's passphrase this is."""
    add_person(workspace, add(workspace, "张管", "管理员"), passphrase=SECOND)
    add_person(workspace, add(workspace, "小周", "只读"), passphrase=THIRD)

    def tell(passphrase: str, *words: str, status: int = 0, plain: bool = False) -> Any:
        monkeypatch.setenv("TIANGENG_PASSPHRASE", passphrase)
        capsys.readouterr()
        found = run(["--data", str(workspace.folder), *words, *(() if plain else ("--json",))])
        captured = capsys.readouterr()
        assert found == status, captured.err
        return captured.out if plain else json.loads(captured.out)

    return tell


def newest(workspace: Workspace) -> tuple[str, str, str]:
    with workspace.reader() as reader:
        entry = next(one for one in list_access(reader.session) if one.kind != "login")
    return entry.kind, entry.actor_name, entry.subject


def test_an_administrator_learns_how_many_rows_a_restore_would_lose_and_no_name(
    command: Callable[..., Any], workspace: Workspace, backup: Path
) -> None:
    told = command(SECOND, "restore", str(backup), "--preview")
    assert (told["losses"]["unsent"], told["losses"]["unsent_names"]) == (1, [])
    assert newest(workspace) == ("preview", "张管", backup.name)
    words = command(SECOND, "restore", str(backup), "--preview", plain=True)
    assert "有 1 条恢复后就没有了（没有登记到县里）。" in words
    assert "欧阳春桃" not in words

    told = command(PASSPHRASE, "restore", str(backup), "--preview")
    assert told["losses"]["unsent_names"] == ["户 欧阳春桃"], "who may see households, too"


def test_who_may_not_restore_does_not_look_into_a_backup_either(
    command: Callable[..., Any], workspace: Workspace, backup: Path
) -> None:
    refused = command(THIRD, "restore", str(backup), "--preview", status=1)
    assert "恢复备份" in refused["error"]
    assert newest(workspace)[:2] == ("refusal", "小周")


def test_the_recovery_key_alone_names_nobody(command: Callable[..., Any], workspace: Workspace, backup: Path) -> None:
    told = command(make_recovery_key(workspace), "restore", str(backup), "--preview")
    assert (told["losses"]["unsent"], told["losses"]["unsent_names"]) == (1, [])


def test_the_drill_as_a_command_says_whether_the_backup_could_be_restored(
    command: Callable[..., Any], workspace: Workspace, backup: Path
) -> None:
    assert command(PASSPHRASE, "backup", "drill", plain=True).startswith("试过了，2026年11月22日")
    assert newest(workspace) == ("drill", "李琼仙", backup.name)
    report = command(SECOND, "backup", "drill", str(backup))
    assert (report["ok"], report["holds"]["households"], report["problems"]) == (True, 1, [])

    sha256 = workspace.attachments.put(b"photo")
    named = workspace.folder / BACKUP_FOLDER / "named.tgb"
    write_backup(workspace, named, with_attachments=False)
    assert command(SECOND, "backup", "drill", str(named))["contents"] == 1
    workspace.attachments.path_of(sha256).unlink()
    report = command(SECOND, "backup", "drill", str(named), status=1)
    assert (report["ok"], report["problems"]) == (False, ["备份要用的照片文件，有 1 个找不到或有损坏。"])
    flip(named, named.stat().st_size // 2)
    assert "不完整" in command(SECOND, "backup", "drill", str(named), status=1)["error"]


def test_who_may_not_back_up_does_not_try_a_backup(
    command: Callable[..., Any], workspace: Workspace, backup: Path
) -> None:
    refused = command(THIRD, "backup", "drill", status=1)
    assert "备份" in refused["error"]
    assert newest(workspace)[:2] == ("refusal", "小周")


def page_before(person: UUID, window: MainWindow, settle: Settle) -> BackupPage:
    """The page of backups with this person before it."""
    sit_down(window.workspace, person)
    window.change_person(window.workspace)
    settle()
    return page(window, settle)


def look_into(window: MainWindow, settle: Settle, backup: Path, person: UUID) -> RestorePage:
    page_before(person, window, settle).look_into(backup)
    settle()
    shown = window.navigator.page
    assert isinstance(shown, RestorePage)
    return shown


def test_in_the_window_an_administrator_reads_counts_and_no_names_and_it_is_on_record(
    window: MainWindow, settle: Settle, backup: Path
) -> None:
    for number in range(20):
        add_household(window.workspace, f"第{number}户")
    shown = look_into(window, settle, backup, add(window.workspace, "张管", "管理员"))
    assert shown.preview is not None
    told = "".join(shown.preview.sentences)
    assert "有 22 条恢复后就没有了（没有登记到县里）。" in told
    assert "要看是哪些，请由能看农户的人来看" in told
    assert "欧阳春桃" not in told
    assert not shown.names_card.isVisible()
    assert shown.restore_button.isEnabled()
    assert newest(window.workspace) == ("preview", "张管", backup.name)


def test_in_the_window_who_may_not_restore_is_refused_before_anything_is_read(
    window: MainWindow, settle: Settle, backup: Path
) -> None:
    shown = look_into(window, settle, backup, add(window.workspace, "小周", "只读"))
    dialog = window.findChild(ErrorDialog)
    assert dialog is not None
    assert "恢复备份" in dialog.trouble.what
    dialog.close()
    assert shown.preview is None
    assert not shown.restore_button.isEnabled()


def test_in_the_window_the_drill_the_copy_and_the_place_are_for_who_may_back_up(
    window: MainWindow, settle: Settle, backup: Path
) -> None:
    shown = page_before(add(window.workspace, "小周", "只读"), window, settle)
    for deed in (shown.try_restore, shown.copy_now, shown.forget_place):
        deed()
        settle()
        dialog = window.findChild(ErrorDialog)
        assert dialog is not None, deed
        assert "备份" in dialog.trouble.what
        dialog.close()
        dialog.deleteLater()
        settle()
