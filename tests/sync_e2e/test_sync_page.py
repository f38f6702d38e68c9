"""The page 同步 and the form that enrols, in the real window against a real county."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.shell.appearance import Appearance
from desktop_app.shell.main_window import MainWindow
from desktop_app.sync.enrolment import join_county
from desktop_app.sync.loop import exchange
from desktop_app.sync.screens.join_page import JoinPage
from desktop_app.sync.screens.sync_page import SyncPage
from desktop_app.sync.state import COUNTY_URL
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker
from village_core.records.households import Household


class Desk:
    """The window of one laptop, and a way to wait until it has settled."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window = window
        self._qtbot = qtbot

    def settle(self) -> None:
        for _ in range(3):
            QApplication.processEvents()
            self._qtbot.waitUntil(lambda: not self.window.tasks.busy, timeout=20_000)

    def open(self, key: str) -> QWidget:
        self.window.navigator.open(key)
        self.settle()
        return self.page

    @property
    def page(self) -> QWidget:
        page = self.window.navigator.page
        assert page is not None
        return page

    def words(self) -> str:
        shown: list[QLabel | QPushButton] = [*self.window.findChildren(QLabel), *self.window.findChildren(QPushButton)]
        return "\n".join(one.text() for one in shown if one.isVisible())


@pytest.fixture
def laptop(small_county: County, make_laptop: LaptopMaker) -> Laptop:
    return make_laptop(small_county, enrolled=False)


def test_a_clerk_enrols_from_the_window_and_the_first_exchange_follows(
    desk: Desk, laptop: Laptop, small_county: County, small_county_url: str
) -> None:
    laptop.add_household(number="0001", head_name="罗铉")
    page = desk.open("sync")
    assert isinstance(page, SyncPage)
    assert "还没有登记到县里" in desk.words()
    page.join_button.click()
    desk.settle()
    form = desk.page
    assert isinstance(form, JoinPage)

    form.sheet.set_values({"url": small_county_url, "code": "2222-2222-2222"})
    form.join_button.click()
    desk.settle()
    assert "登记码不对" in desk.words()
    form.sheet.set_values({"url": small_county_url, "code": small_county.code("报账员")})
    form.join_button.click()
    desk.settle()

    assert isinstance(desk.page, SyncPage)
    words = desk.words()
    assert "县里都收到了" in words
    assert "✓ 已核对一致 今天" in words
    assert "记账权：在这台电脑，可以记正式凭证、付款" in words
    assert "救助审批权：在这台电脑" in words


def test_what_waits_and_what_is_held_stands_in_plain_words(
    desk: Desk, laptop: Laptop, small_county: County, small_county_url: str, make_laptop: LaptopMaker
) -> None:
    join_county(laptop.workspace, url=small_county_url, code=small_county.code("报账员"))
    household = laptop.add_household(number="0001", head_name="罗铉")
    exchange(laptop.workspace)
    other = make_laptop(small_county)
    other.sync()
    other.edit(Household, household, bank_account="6223000000002222")
    other.sync()
    laptop.edit(Household, household, bank_account="6223000000001111")

    page = desk.open("sync")
    assert isinstance(page, SyncPage)
    assert "还差 1 条" in desk.words()
    assert "● 记的：户 1 条" in desk.words()
    page.sync_button.click()
    desk.settle()

    words = desk.words()
    assert "县里都收到了" in words
    assert "有 1 件要您拿主意" in words
    page.question_button.click()
    desk.settle()

    words = desk.words()
    assert "“罗铉”的银行账号，两台电脑改得不一样" in words
    assert "**** **** 2222" in words
    assert "**** **** 1111" in words


def test_an_address_that_is_none_is_told_on_the_page_without_a_dialog_and_nothing_is_lost(
    desk: Desk, laptop: Laptop, small_county: County, small_county_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    join_county(laptop.workspace, url=small_county_url, code=small_county.code())
    laptop.workspace.set_state(COUNTY_URL, "ftp://nowhere")
    page = desk.open("sync")
    assert isinstance(page, SyncPage)
    told: list[Exception] = []
    monkeypatch.setattr(MainWindow, "fail", lambda _self, error: told.append(error))

    page.sync_button.click()
    desk.settle()

    assert not told
    assert "网址" in desk.words()
    assert "这台电脑上的资料都在" in desk.words()
    assert page.sync_button.isEnabled()


def test_the_automatic_exchange_can_be_switched_off(desk: Desk, laptop: Laptop, small_county: County,
                                                    small_county_url: str) -> None:  # fmt: skip
    join_county(laptop.workspace, url=small_county_url, code=small_county.code())
    page = desk.open("sync")
    assert isinstance(page, SyncPage)
    page.pause_button.click()
    desk.settle()
    assert laptop.workspace.state("sync.paused") == "1"

    page.runner._on_time()
    desk.settle()
    assert laptop.workspace.state("sync.last_equal_at") is None


@pytest.mark.parametrize("percent", [100, 150])
def test_nothing_is_cut_at_any_size_of_type(
    desk: Desk, laptop: Laptop, small_county: County, small_county_url: str, appearance: Appearance, percent: int,
    tmp_path: Path,
) -> None:  # fmt: skip
    join_county(laptop.workspace, url=small_county_url, code=small_county.code())
    appearance.set_percent(percent)
    desk.settle()
    desk.open("sync")
    for label in desk.page.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap() and label.text():
            assert label.width() >= label.sizeHint().width() - 1, label.text()
