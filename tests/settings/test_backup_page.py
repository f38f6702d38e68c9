"""设置 → 备份与恢复 in the real window, and the backups that go on by themselves."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.settings.backups import PAGE, list_backup_due
from desktop_app.settings.screens.backup_page import BackupPage
from desktop_app.settings.screens.backup_runner import BackupRunner
from desktop_app.settings.screens.login import Login
from desktop_app.settings.screens.restore_page import RestorePage
from desktop_app.shell.error_dialog import ErrorDialog
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.access_log import list_access
from desktop_app.storage.automatic_backup import back_up_daily
from desktop_app.storage.container import check_container
from desktop_app.storage.drill import LAST_DRILL
from desktop_app.storage.second_place import SECOND_PLACE, get_second_place
from desktop_app.storage.shelf import rules
from desktop_app.storage.workspace import Workspace
from desktop_app.widgets.question import Question
from desktop_app.window.backups import backup_deeds
from desktop_app.window.desk import Desk
from tests.settings.test_first_run import fill, login, make_desk, wait_for_window
from tests.storage.test_keys_and_backup import add_household, heads
from tests.workspaces import PASSPHRASE
from village_core.domain.clock import FixedClock

Settle = Callable[[], None]

__all__ = ["make_desk"]


def journal(workspace: Workspace) -> list[tuple[str, str]]:
    with workspace.reader() as reader:
        return [(entry.kind, entry.subject) for entry in list_access(reader.session)]


def page(window: MainWindow, settle: Settle) -> BackupPage:
    window.navigator.open(PAGE)
    settle()
    found = window.navigator.page
    assert isinstance(found, BackupPage)
    return found


def test_a_backup_is_written_in_the_background_and_can_be_read(
    window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    page(window, settle).write_backup(tmp_path / "备份.tgb")
    settle()
    check_container(tmp_path / "备份.tgb")
    assert window.frame.messages.words.text().startswith("已备份到 备份.tgb")


def test_a_backup_that_cannot_be_written_says_why(window: MainWindow, settle: Settle, tmp_path: Path) -> None:
    shown = page(window, settle)
    shown.write_backup(tmp_path / "没有的文件夹" / "备份.tgb")
    settle()
    dialog = window.findChild(ErrorDialog)
    assert dialog is not None
    assert "找不到" in dialog.trouble.what
    assert shown.file_button.isEnabled()
    dialog.close()


def test_a_second_place_is_chosen_and_gets_the_backup_at_once(
    window: MainWindow, settle: Settle, tmp_path: Path
) -> None:
    (tmp_path / "U盘").mkdir()
    back_up_daily(window.workspace)
    shown = page(window, settle)
    assert "还没有选" in shown.place_words.text()
    shown.take_place(tmp_path / "U盘")
    settle()
    place = get_second_place(window.workspace)
    assert place is not None
    assert "现在插着" in shown.place_words.text()
    assert len(list(Path(place.path).glob("auto-*.tgb"))) == 1
    Path(place.path).rename(tmp_path / "拔掉了")
    shown.load()
    settle()
    assert "现在没有插上" in shown.place_words.text()
    assert not shown.copy_button.isVisible()


def test_the_drill_is_a_button_and_its_result_stays_on_the_page(window: MainWindow, settle: Settle) -> None:
    add_household(window.workspace, "罗铉")
    back_up_daily(window.workspace)
    shown = page(window, settle)
    shown.drill_button.click()
    settle()
    assert "能恢复" in window.frame.messages.words.text()
    assert "1 户" in shown.drill_words.text()
    shown.verify_button.click()
    settle()
    assert "资料完好" in window.frame.messages.words.text()


def test_a_round_backs_up_copies_and_drills_when_each_is_due(
    window: MainWindow, settle: Settle, clock: FixedClock, tmp_path: Path
) -> None:
    runner = BackupRunner(window.context, backup_deeds(window.context))
    runner.run_now()
    settle()
    assert len(list((window.workspace.folder / "backups").glob("auto-*.tgb"))) == 1
    assert window.workspace.state(LAST_DRILL) is None
    clock.moment += timedelta(days=rules().drill_days)
    (tmp_path / "stick").mkdir()
    page(window, settle).take_place(tmp_path / "stick")
    settle()
    runner.run_now()
    settle()
    place = get_second_place(window.workspace)
    assert place is not None
    assert len(list(Path(place.path).glob("auto-*.tgb"))) == 2
    assert window.workspace.state(LAST_DRILL) is not None


def test_the_second_place_is_asked_for_gently_after_some_days(workspace: Workspace, clock: FixedClock) -> None:
    def due() -> list[str]:
        with workspace.reader() as reader:
            return [item.title for item in list_backup_due(reader)]

    back_up_daily(workspace)
    assert due() == []
    clock.moment += timedelta(days=rules().second_place_days)
    assert due() == ["给备份找第二个地方"]
    place = {"id": "1", "label": "黑U盘", "path": "/x", "inside": "x", "last_at": "2026-11-28T02:00:00.000Z"}
    workspace.set_state(SECOND_PLACE, json.dumps(place))
    assert due() == []
    clock.moment += timedelta(days=rules().second_place_days)
    assert due() == ["把备份用的“黑U盘”插上"]


def test_before_a_restore_what_would_be_lost_is_told_and_named(window: MainWindow, settle: Settle) -> None:
    add_household(window.workspace, "罗铉")
    backup = back_up_daily(window.workspace)
    assert backup is not None
    add_household(window.workspace, "王建平")
    page(window, settle).look_into(backup)
    settle()
    shown = window.navigator.page
    assert isinstance(shown, RestorePage)
    assert shown.preview is not None
    told = "".join(shown.preview.sentences)
    assert "里面有：1 户" in told
    assert "现在有：2 户" in told
    assert "11月22日：户 1" in told
    assert "有 1 条恢复后就没有了（没有登记到县里）：户 王建平" in told
    shown.restore_button.click()
    question = window.findChild(Question)
    assert question is not None
    assert question.safe_button.hasFocus() or question.focusWidget() is question.safe_button
    question.safe_button.click()


@pytest.mark.parametrize("damage", [False, True])
def test_a_restore_closes_the_window_and_asks_for_the_passphrase_again(
    make_desk: Callable[[Path], Desk], workspace: Workspace, qtbot: QtBot, damage: bool
) -> None:
    add_household(workspace, "罗铉")
    backup = back_up_daily(workspace)
    assert backup is not None
    add_household(workspace, "王建平")
    workspace.close()
    desk = make_desk(workspace.folder)
    fill(login(desk).sheet, passphrase=PASSPHRASE)
    login(desk).open_now()
    wait_for_window(desk, qtbot)
    if damage:
        backup.write_bytes(backup.read_bytes()[:-500])
    desk.restore(backup)
    entry = login(desk)
    assert isinstance(entry, Login)
    qtbot.waitUntil(entry.isEnabled, timeout=20_000)
    for dialog in entry.findChildren(ErrorDialog):
        assert "不完整" in dialog.trouble.what
        dialog.close()
    fill(entry.sheet, passphrase=PASSPHRASE)
    entry.open_now()
    wait_for_window(desk, qtbot)
    assert desk.window is not None
    assert heads(desk.window.workspace) == (["罗铉", "王建平"] if damage else ["罗铉"])
    assert (("restore", backup.name) in journal(desk.window.workspace)) is not damage
