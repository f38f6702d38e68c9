"""The page 用 U 盘带 in the real window: written, carried, read back; a full stick, a foreign file, no county."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from county_server.admin.service import revoke_device
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.main_window import MainWindow
from desktop_app.sync.screens.bundle_page import BundlePage
from desktop_app.sync.screens.sticks import Stick
from desktop_app.window import build_window
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from tests.sticks import answer, carry, round_trip
from village_core.records.households import Household

_SHOTS = "TIANGENG_SHOTS"


class Desk:
    """The window of one laptop on the page, with a folder in place of a stick."""

    def __init__(self, window: MainWindow, qtbot: QtBot, stick: Path) -> None:
        self.window = window
        self.stick = stick
        self._qtbot = qtbot
        self.plugged = False

    def open(self) -> BundlePage:
        self.window.navigator.open("sync_stick")
        page = self.window.navigator.page
        assert isinstance(page, BundlePage)
        page._list_sticks = self.list_sticks
        page.look_for_sticks()
        self.settle()
        return page

    def list_sticks(self) -> list[Stick]:
        return [Stick(self.stick, "U 盘 KINGSTON", 12 << 30)] if self.plugged else []

    def settle(self) -> None:
        for _ in range(3):
            QApplication.processEvents()
            self._qtbot.waitUntil(lambda: not self.window.tasks.busy, timeout=20_000)

    def words(self) -> str:
        shown: list[QLabel | QPushButton] = [*self.window.findChildren(QLabel), *self.window.findChildren(QPushButton)]
        return "\n".join(one.text() for one in shown if one.isVisible())

    def shoot(self, name: str) -> None:
        """Pictures to look at, where a folder for them is given."""
        folder = os.environ.get(_SHOTS)
        if folder:
            QApplication.processEvents()
            self.window.grab().save(f"{folder}/stick-{name}.png")


@pytest.fixture
def laptop(small_county: County, make_laptop: LaptopMaker) -> Laptop:
    return make_laptop(small_county)


@pytest.fixture
def desk(qtbot: QtBot, laptop: Laptop, appearance: Appearance, tmp_path: Path) -> Iterator[Desk]:
    if os.environ.get(_SHOTS):
        appearance.set_percent(int(os.environ.get("TIANGENG_PERCENT", "100")))
    window = build_window(laptop.workspace, appearance=appearance)
    window.resize(1366, 768)
    window.show()
    window.start()
    stick = tmp_path / "stick"
    stick.mkdir()
    made = Desk(window, qtbot, stick)
    made.settle()
    yield made
    window.close()
    window.deleteLater()


def test_a_clerk_writes_a_stick_prints_the_slip_and_reads_the_answer_back(
    desk: Desk, laptop: Laptop, small_county: County, make_laptop: LaptopMaker
) -> None:
    other = make_laptop(small_county)
    other.add_household(head_name="王家")
    other.sync()
    laptop.add_household(head_name="李家")
    page = desk.open()
    assert "还没有看到 U 盘" in desk.words()
    assert not page.write_button.isEnabled()
    desk.shoot("none")

    desk.plugged = True
    page.look_for_sticks()
    assert "U 盘 KINGSTON　还有 12.0 GB 空" in desk.words()
    assert "没送到县里，都会写上" in desk.words()
    assert "这里没有县里给这台电脑的回执" in desk.words()
    assert not page.read_button.isEnabled()
    desk.shoot("plugged")

    page.write_button.click()
    desk.settle()
    words = desk.words()
    assert "写好了，已读回核对" in words
    assert "可以拔下 U 盘了" in words
    assert "刚才已经写到 U 盘，等回执带回来" in words
    desk.shoot("written")
    page.print_button.click()
    desk.settle()
    assert "U 盘交接单" in desk.words()
    desk.shoot("slip")
    desk.window.navigator.back()

    [file] = desk.stick.glob("V*.vsb")
    [report] = carry(small_county, file)
    assert f"U 盘码 {report.name.code}" in words
    answer(small_county, laptop, desk.stick)
    page = desk.open()
    assert "这里有县里给这台电脑的回执，1 个文件" in desk.words()
    page.read_button.click()
    desk.settle()
    assert "与县里核对一致" in desk.words()
    assert {one.head_name for one in laptop.all(Household)} == {"李家", "王家"}
    desk.shoot("read")
    page.read_button.click()
    desk.settle()
    assert "没有新的内容" in desk.words()


def test_what_goes_wrong_is_said_on_the_page(desk: Desk, laptop: Laptop, small_county: County) -> None:
    sync_until_quiet(laptop)
    desk.plugged = True
    page = desk.open()
    assert "也可以空着送一趟" in desk.words()
    (desk.stick / f"R{laptop.workspace.village}-1-1-1.vsb").write_bytes(b"TIANGENG VSB\n\x01R")
    page.look_for_sticks()
    page.read_button.click()
    desk.settle()
    assert "不完整" in desk.words()
    desk.shoot("damaged")
    desk.stick.rename(desk.stick.with_name("pulled"))
    page.write_button.click()
    desk.settle()
    assert "U 盘拔掉了" in desk.words()
    assert "写了一半的不会被当成写好的" in desk.words()
    desk.shoot("pulled")


def test_a_laptop_that_the_county_stopped_is_told_so_where_it_stays_to_be_read(
    desk: Desk, laptop: Laptop, small_county: County
) -> None:
    sync_until_quiet(laptop)
    revoke_device(small_county.engine, int(laptop.workspace.state("device") or 0))
    desk.plugged = True
    page = desk.open()
    page.write_button.click()
    desk.settle()
    carry(small_county, *desk.stick.glob("V*.vsb"))
    answer(small_county, laptop, desk.stick)
    page.look_for_sticks()
    page.read_button.click()
    desk.settle()
    words = desk.words()
    assert "县里已经停用了这台电脑，送去的东西不会生效。" in words
    assert "● 县里已经停用了这台电脑，这里不能批救助，也不能记账。" in words
    assert "✕ 没有同步成" in words
    desk.shoot("stopped")


def test_the_page_of_past_exchanges_names_the_stick(desk: Desk, laptop: Laptop, tmp_path: Path) -> None:
    laptop.add_household(head_name="李家")
    round_trip(laptop, tmp_path / "other")
    desk.window.navigator.open("sync")
    desk.settle()
    assert "从 U 盘读回" in desk.words()
    assert "写到了 U 盘" in desk.words()


def test_without_a_county_the_page_says_what_is_missing(
    qtbot: QtBot, small_county: County, make_laptop: LaptopMaker, appearance: Appearance, tmp_path: Path
) -> None:
    alone = make_laptop(small_county, enrolled=False)
    window = build_window(alone.workspace, appearance=appearance)
    window.show()
    window.start()
    desk = Desk(window, qtbot, tmp_path)
    desk.settle()
    desk.plugged = True
    page = desk.open()
    assert "还没有登记到县里" in desk.words()
    assert not page.write_button.isEnabled()
    window.close()
    window.deleteLater()
