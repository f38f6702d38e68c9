"""A laptop that the county stopped, or does not know any more, is enrolled anew in the window and keeps all it has."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from sqlalchemy import delete, func, select

from county_server.admin.service import revoke_device
from county_server.tables import device
from desktop_app.settings.screens.login import Login
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.lock_cover import LockCover
from desktop_app.storage.access_log import list_access
from desktop_app.storage.entry import note_revoked
from desktop_app.sync import state
from desktop_app.sync.enrolment import join_county
from desktop_app.sync.loop import exchange
from desktop_app.sync.screens.join_page import JoinPage
from desktop_app.sync.screens.sync_page import SyncPage
from desktop_app.window.desk import Desk as Entrance
from desktop_app.window.keyboard import Keyboard
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker
from tests.sync_e2e.test_sync_page import Desk
from tests.workspaces import PASSPHRASE
from village_core.domain.errors import RefusedError
from village_core.records.households import Household


@pytest.fixture
def laptop(small_county: County, small_county_url: str, make_laptop: LaptopMaker) -> Laptop:
    """Enrolled over HTTP, with one household at the county and one that waits."""
    made = make_laptop(small_county, enrolled=False)
    join_county(made.workspace, url=small_county_url, code=small_county.code("报账员"))
    made.add_household(number="0001", head_name="罗铉")
    exchange(made.workspace)
    made.add_household(number="0002", head_name="没送到的")
    return made


def households(county: County) -> int:
    with county.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Household)) or 0


def test_from_the_cover_with_a_new_code_and_her_own_passphrase_after_it(
    desk: Desk, laptop: Laptop, small_county: County
) -> None:
    keyboard = Keyboard(desk.window)
    page = desk.open("sync")
    assert isinstance(page, SyncPage)
    revoke_device(small_county.engine, laptop.workspace.actor.device)
    page.sync_button.click()
    desk.settle()
    cover = keyboard.lock.cover
    assert isinstance(cover, LockCover)
    assert "县里停用了这台电脑" in cover.trouble.message.text()
    assert "重新登记" in cover.trouble.message.text()

    cover.open_button.click()
    assert cover.enrolment.isVisible()
    assert cover.enrolment.sheet.values()["url"] == laptop.workspace.state(state.COUNTY_URL)
    cover.enrolment.sheet.set_values({"code": "2222-2222-2222", "passphrase": PASSPHRASE})
    cover.open_button.click()
    desk.settle()
    assert "登记码不对" in cover.trouble.message.text()
    assert cover.enrolment.sheet.values()["code"] == "2222-2222-2222", "what was typed stays"
    assert cover.enrolment.passphrase == "", "but not who it was"
    cover.back_button.click()
    assert "县里停用了这台电脑" in cover.trouble.message.text()

    cover.open_button.click()
    cover.enrolment.sheet.set_values({"code": small_county.code("报账员"), "passphrase": PASSPHRASE})
    cover.open_button.click()
    desk.settle()
    assert keyboard.lock.locked, "who enrolled it may have been another than who goes on"
    cover.sheet.set_values({"secret": PASSPHRASE})
    cover.open_button.click()
    desk.settle()
    assert keyboard.lock.cover is None
    exchange(laptop.workspace)
    assert households(small_county) == 2
    with laptop.workspace.reader() as reader:
        kinds = [entry.kind for entry in list_access(reader.session)]
    assert kinds.index("admitted") < kinds.index("enrolled") < kinds.index("revoked"), "the newest first"


def test_from_the_window_before_the_window(
    qtbot: QtBot, laptop: Laptop, small_county: County, appearance: Appearance
) -> None:
    del appearance
    revoke_device(small_county.engine, laptop.workspace.actor.device)
    note_revoked(laptop.workspace)
    url = laptop.workspace.state(state.COUNTY_URL)
    laptop.workspace.close()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    entrance = Entrance(app, laptop.workspace.folder)
    entrance.start()
    login = entrance.entry
    assert isinstance(login, Login)
    qtbot.waitExposed(login)
    login.sheet.set_values({"passphrase": PASSPHRASE})
    login.open_now()
    qtbot.waitUntil(lambda: login.enrolment.isVisible(), timeout=20_000)
    assert any("一条也没有删" in label.text() for label in login.findChildren(QLabel) if label.isVisible())
    assert login.enrolment.sheet.values()["url"] == url
    login.enrolment.sheet.set_values({"code": small_county.code("报账员")})
    login.open_now()
    qtbot.waitUntil(lambda: entrance.window is not None and not entrance.window.tasks.busy, timeout=20_000)
    assert entrance.window is not None
    exchange(entrance.window.workspace)
    entrance.window.close()
    entrance.close()
    assert households(small_county) == 2


def test_from_the_page_when_the_county_does_not_know_it_any_more(
    desk: Desk, laptop: Laptop, small_county: County
) -> None:
    page = desk.open("sync")
    assert isinstance(page, SyncPage)
    assert page.enrol_link.isVisible() and not page.enrol_button.isVisible()
    with small_county.engine.begin() as connection:
        connection.execute(delete(device).where(device.c.number == laptop.workspace.actor.device))
    page.sync_button.click()
    desk.settle()
    assert page.enrol_button.isVisible()
    assert "县里不认识这台电脑" in desk.words()
    page.enrol_button.click()
    desk.settle()
    form = desk.page
    assert isinstance(form, JoinPage)
    assert form.title == "重新登记"
    form.sheet.set_values({"code": small_county.code("报账员"), "passphrase": "不是这一句口令"})
    form.join_button.click()
    desk.settle()
    assert "口令不对" in desk.words() and form.enrolment.passphrase == ""
    form.sheet.set_values({"passphrase": PASSPHRASE})
    form.join_button.click()
    desk.settle()
    assert isinstance(desk.page, SyncPage)
    assert not page.enrol_button.isVisible()
    assert households(small_county) == 2


def test_the_certificate_that_served_is_kept_for_the_same_address(
    laptop: Laptop, small_county: County, small_county_url: str, tmp_path: Path
) -> None:
    laptop.workspace.set_state(state.COUNTY_CA, "-----BEGIN CERTIFICATE-----")
    laptop.workspace.set_state(state.COUNTY_URL, "http://127.0.0.1:1")
    join_county(laptop.workspace, url=small_county_url, code=small_county.code(), again=True)
    assert laptop.workspace.state(state.COUNTY_CA) == "", "another address has a certificate of its own"
    laptop.workspace.set_state(state.COUNTY_CA, "")
    with pytest.raises(RefusedError, match="早已登记"):
        join_county(laptop.workspace, url=small_county_url, code=small_county.code())
