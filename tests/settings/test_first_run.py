"""From nothing, from a backup or from a passphrase to the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop_app.settings.screens.first_run import FirstRun
from desktop_app.settings.screens.login import Login
from desktop_app.storage.access_log import list_access
from desktop_app.storage.backup import write_backup
from desktop_app.storage.workspace import Workspace
from desktop_app.widgets.form import FormSheet
from desktop_app.window.desk import Desk
from tests.workspaces import PASSPHRASE, VILLAGE

NEW_PASSPHRASE = "油菜花开的时候回家"


@pytest.fixture
def make_desk(qtbot: QtBot, appearance: object) -> Iterator[Callable[[Path], Desk]]:
    desks: list[Desk] = []

    def make(folder: Path) -> Desk:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        desk = Desk(app, folder)
        desks.append(desk)
        desk.start()
        return desk

    yield make
    for desk in desks:
        if desk.window is not None:
            desk.window.close()
            desk.window.deleteLater()
        if desk.entry is not None:
            desk.entry.close()
            desk.entry.deleteLater()
        desk.close()


def first_run(desk: Desk) -> FirstRun:
    assert isinstance(desk.entry, FirstRun)
    return desk.entry


def login(desk: Desk) -> Login:
    assert isinstance(desk.entry, Login)
    return desk.entry


def fill(sheet: FormSheet, **texts: str) -> None:
    for name, text in texts.items():
        sheet.editor(name).set_typed(text)
        sheet.editor(name).changed.emit()


def through_two_pages(pages: FirstRun) -> None:
    fill(pages.village.sheet, village=VILLAGE, name="太平村")
    pages.go_on()
    fill(pages.person.sheet, person="李琼仙", passphrase=NEW_PASSPHRASE, again=NEW_PASSPHRASE)
    pages.go_on()


def wait_for_window(desk: Desk, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: desk.window is not None, timeout=20_000)
    window = desk.window
    assert window is not None
    qtbot.waitUntil(lambda: not window.tasks.busy)


def test_three_pages_make_an_encrypted_workspace_and_open_the_window(
    make_desk: Callable[[Path], Desk], tmp_path: Path, qtbot: QtBot
) -> None:
    desk = make_desk(tmp_path / "new")
    pages = first_run(desk)
    through_two_pages(pages)
    assert pages.step == 2
    pages.go_on()
    wait_for_window(desk, qtbot)
    assert desk.window is not None
    assert desk.window.header.village.text() == "· 太平村"
    assert desk.window.header.person.text() == "李琼仙 · 报账员"
    assert VILLAGE.encode() not in (tmp_path / "new" / "village.db").read_bytes()


def test_a_short_code_and_a_short_passphrase_are_stopped_at_their_fields(
    make_desk: Callable[[Path], Desk], tmp_path: Path
) -> None:
    pages = first_run(make_desk(tmp_path / "new"))
    fill(pages.village.sheet, village="5323271012", name="太平村")
    pages.go_on()
    assert pages.step == 0
    assert "现在是 10 位" in pages.village.sheet.fields["village"].mistake
    fill(pages.village.sheet, village=VILLAGE)
    pages.go_on()
    fill(pages.person.sheet, person="李琼仙", passphrase="春天来了", again="春天来了")
    assert "还差 4 个字" in pages.person.passphrase.note.text()
    pages.go_on()
    assert "至少要 8 个字" in pages.person.passphrase.mistake
    fill(pages.person.sheet, passphrase=NEW_PASSPHRASE)
    pages.go_on()
    assert "不一样" in pages.person.sheet.fields["again"].mistake
    assert not (tmp_path / "new").exists()


def test_a_county_needs_an_address_and_a_code(make_desk: Callable[[Path], Desk], tmp_path: Path) -> None:
    pages = first_run(make_desk(tmp_path / "new"))
    through_two_pages(pages)
    pages.county.sheet.editor("with_county").set_value(True)
    pages.county.sheet.editor("with_county").changed.emit()
    fill(pages.county.sheet, url="county.example.cn")
    pages.go_on()
    assert "https://" in pages.county.sheet.fields["url"].mistake
    assert pages.county.sheet.fields["code"].mistake == "请填登记码。"
    pages.go_back()
    assert pages.step == 1
    assert pages.person.sheet.values()["person"] == "李琼仙"


def test_a_folder_that_cannot_be_made_says_so_and_keeps_what_was_typed(
    make_desk: Callable[[Path], Desk], tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    desk = make_desk(tmp_path / "file" / "new")
    pages = first_run(desk)
    through_two_pages(pages)
    pages.go_on()
    qtbot.waitUntil(lambda: not desk.tasks.busy, timeout=20_000)
    assert pages.trouble.message.text()
    assert desk.window is None
    assert pages.new_village().name == "太平村"


def test_a_wrong_passphrase_says_so_and_the_right_one_opens(
    make_desk: Callable[[Path], Desk], workspace: Workspace, qtbot: QtBot
) -> None:
    workspace.close()
    desk = make_desk(workspace.folder)
    page = login(desk)
    fill(page.sheet, passphrase="不是这一句啊啊")
    qtbot.keyClick(page.sheet.editor("passphrase").input_widget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.trouble.isVisible(), timeout=20_000)
    assert page.trouble.message.text().startswith("口令不对。资料没有动过。")
    assert page.sheet.typed()["passphrase"] == "不是这一句啊啊"
    fill(page.sheet, passphrase=PASSPHRASE)
    page.open_now()
    wait_for_window(desk, qtbot)


def test_a_backup_is_restored_on_a_new_laptop(
    make_desk: Callable[[Path], Desk], workspace: Workspace, tmp_path: Path, qtbot: QtBot
) -> None:
    write_backup(workspace, tmp_path / "村.tgb")
    desk = make_desk(tmp_path / "new")
    pages = first_run(desk)
    pages.restore_button.click()
    pages.go_on()
    assert pages.restore.missing.isVisible()
    pages.restore.drop.take([tmp_path / "村.tgb"])
    fill(pages.restore.sheet, passphrase="不是这一句啊啊")
    pages.go_on()
    qtbot.waitUntil(lambda: pages.trouble.isVisible(), timeout=20_000)
    assert "口令不对" in pages.trouble.message.text()
    fill(pages.restore.sheet, passphrase=PASSPHRASE)
    pages.go_on()
    wait_for_window(desk, qtbot)
    assert desk.window is not None
    assert desk.window.workspace.village == VILLAGE
    with desk.window.workspace.reader() as reader:
        entry = list_access(reader.session)[0]
    assert (entry.kind, entry.subject, entry.actor_name) == ("restore", "村.tgb", desk.window.workspace.actor.name)


def test_a_file_that_is_no_backup_is_refused(make_desk: Callable[[Path], Desk], tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "假.tgb").write_bytes(b"not a backup")
    desk = make_desk(tmp_path / "new")
    pages = first_run(desk)
    pages.restore_button.click()
    pages.restore.drop.take([tmp_path / "假.tgb"])
    fill(pages.restore.sheet, passphrase=PASSPHRASE)
    pages.go_on()
    qtbot.waitUntil(lambda: pages.trouble.isVisible(), timeout=20_000)
    assert desk.window is None


def test_the_day_s_backup_is_made_without_being_asked_and_told_in_the_status_bar(
    make_desk: Callable[[Path], Desk], workspace: Workspace, qtbot: QtBot
) -> None:
    workspace.close()
    desk = make_desk(workspace.folder)
    fill(login(desk).sheet, passphrase=PASSPHRASE)
    login(desk).open_now()
    wait_for_window(desk, qtbot)
    desk.back_up()
    window = desk.window
    assert window is not None
    qtbot.waitUntil(lambda: "自动备份 今天" in "".join(link.text() for link in window.status.findChildren(QPushButton)))
    assert len(list((workspace.folder / "backups").glob("auto-*.tgb"))) == 1


def test_a_county_that_is_absent_leaves_nothing_behind_and_what_was_typed(
    make_desk: Callable[[Path], Desk], tmp_path: Path, qtbot: QtBot
) -> None:
    pages = first_run(make_desk(tmp_path / "new"))
    through_two_pages(pages)
    pages.county.sheet.editor("with_county").set_value(True)
    pages.county.sheet.editor("with_county").changed.emit()
    fill(pages.county.sheet, url="https://127.0.0.1:9", code="ABCD-EFGH-JKLM")
    pages.go_on()
    qtbot.waitUntil(lambda: bool(pages.trouble.message.text()), timeout=20_000)
    assert "村里的资料还没有建，您填的都还在。" in pages.trouble.message.text()
    assert pages.county.sheet.values()["code"] == "ABCD-EFGH-JKLM"
    assert not (tmp_path / "new" / "village.db").exists()
