"""The window before the window: the passphrase, one's own instead of one for one use, the recovery key, the wait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from county_server.admin.service import revoke_device
from desktop_app.settings.screens.login import Login
from desktop_app.shell.appearance import Appearance
from desktop_app.staff.keys import make_one_time_passphrase, make_recovery_key
from desktop_app.storage.access_log import list_access
from desktop_app.storage.entry import note_revoked
from desktop_app.storage.entry_guard import EntryGuard
from desktop_app.sync.enrolment import join_county
from desktop_app.window.desk import Desk
from tests.counties import County
from tests.keys.conftest import Village
from tests.workspaces import PASSPHRASE

NEW = "新想的一句好记的话"


@pytest.fixture
def desk(qtbot: QtBot, village: Village, appearance: Appearance) -> Iterator[Desk]:
    del appearance
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    made = Desk(app, village.workspace.folder)
    made.start()
    qtbot.waitExposed(login_of(made))
    yield made
    if made.window is not None:
        made.window.close()
    elif made.entry is not None:
        made.entry.close()
    made.close()


def login_of(desk: Desk) -> Login:
    assert isinstance(desk.entry, Login)
    return desk.entry


def try_now(desk: Desk, qtbot: QtBot) -> None:
    login_of(desk).open_now()
    qtbot.waitUntil(lambda: not desk.tasks.busy, timeout=20_000)


def name(desk: Desk, qtbot: QtBot) -> str:
    assert desk.window is not None
    window = desk.window
    qtbot.waitUntil(lambda: not window.tasks.busy, timeout=20_000)
    return window.workspace.actor.name


def test_a_passphrase_for_one_use_asks_for_her_own_and_then_opens(desk: Desk, village: Village, qtbot: QtBot) -> None:
    one_time = make_one_time_passphrase(village.workspace, village.second)
    login = login_of(desk)
    login.sheet.set_values({"passphrase": one_time})
    try_now(desk, qtbot)
    assert login.own.isVisible()
    login.own.set_values({"new": NEW, "again": "不一样的一句话呀"})
    login.open_now()
    assert "不一样" in login.own.fields["again"].mistake
    login.own.set_values({"new": NEW, "again": NEW})
    try_now(desk, qtbot)
    assert name(desk, qtbot) == "普建国"


def test_a_passphrase_from_a_file_or_the_environment_is_a_login_like_any_other(
    village: Village, appearance: Appearance, qtbot: QtBot
) -> None:
    del appearance
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    made = Desk(app, village.workspace.folder)
    made.start(PASSPHRASE)
    assert name(made, qtbot) == "李琼仙"
    with village.workspace.reader() as reader:
        entry = list_access(reader.session)[0]
    assert (entry.kind, entry.actor_name) == ("login", "李琼仙")
    assert made.window is not None
    made.window.close()
    made.close()


def test_a_passphrase_for_one_use_is_changed_behind_enrolling_a_stopped_laptop_anew(
    desk: Desk, village: Village, small_county: County, small_county_url: str, qtbot: QtBot
) -> None:
    join_county(village.workspace, url=small_county_url, code=small_county.code("报账员"))
    one_time = make_one_time_passphrase(village.workspace, village.second)
    revoke_device(small_county.engine, village.workspace.actor.device)
    note_revoked(village.workspace)
    login = login_of(desk)
    login.sheet.set_values({"passphrase": one_time})
    try_now(desk, qtbot)
    login.own.set_values({"new": NEW, "again": NEW})
    try_now(desk, qtbot)
    assert login.enrolment.isVisible()
    login.enrolment.sheet.set_values({"code": small_county.code("报账员")})
    try_now(desk, qtbot)
    assert desk.window is None and login.own.isVisible(), "enrolled, but not with somebody else's sentence"
    login.own.set_values({"new": NEW, "again": NEW})
    try_now(desk, qtbot)
    assert name(desk, qtbot) == "普建国"


def test_the_recovery_key_sets_a_new_passphrase(desk: Desk, village: Village, qtbot: QtBot) -> None:
    key = make_recovery_key(village.workspace)
    login = login_of(desk)
    login.forgotten_button.click()
    assert login.recovery.isVisible()
    login.recovery.set_values({"key": "Z" + key[1:] if key[0] != "Z" else "Y" + key[1:], "new": NEW, "again": NEW})
    try_now(desk, qtbot)
    assert "第 1 组填错了" in login.trouble.message.text()
    login.recovery.set_values({"key": key, "user": "普建国", "new": NEW, "again": NEW})
    try_now(desk, qtbot)
    assert name(desk, qtbot) == "普建国"


def test_after_five_wrong_tries_the_field_is_shut_and_the_recovery_key_is_not(desk: Desk, qtbot: QtBot) -> None:
    login = login_of(desk)
    for _ in range(4):
        EntryGuard(desk.folder).note_wrong()
    login.sheet.set_values({"passphrase": "没有这句口令呀呀"})
    try_now(desk, qtbot)
    assert "还要等 1 分钟" in login.trouble.message.text()
    assert not login.open_button.isEnabled()
    login.forgotten_button.click()
    assert login.open_button.isEnabled()
    login.back_button.click()
    assert not login.open_button.isEnabled()


def test_the_right_passphrase_opens_in_the_name_of_its_person(desk: Desk, qtbot: QtBot) -> None:
    login_of(desk).sheet.set_values({"passphrase": PASSPHRASE})
    try_now(desk, qtbot)
    assert name(desk, qtbot) == "李琼仙"
    assert desk.window is not None
    assert desk.window.windowTitle() == "田埂"
