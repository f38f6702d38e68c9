"""Each state of the page 同步 in the real window: what its words are, and (with TIANGENG_SHOTS) how it looks."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtNetwork import QNetworkInformation
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import insert

from county_server.admin.service import revoke_device
from desktop_app.shell.appearance import Appearance
from desktop_app.storage.county_clock import SKEW_SECONDS
from desktop_app.sync import state, words
from desktop_app.sync.screens.reachability import Reachability
from desktop_app.sync.screens.runner import SyncRunner
from desktop_app.sync.screens.sync_page import SyncPage
from desktop_app.sync.standing import Doing
from desktop_app.sync.trouble import note_outcome
from desktop_app.sync.watch import Phase, Progress
from desktop_app.window import build_window
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker
from tests.photos import attach, noise
from tests.sync_e2e.test_sync_page import Desk
from village_core.domain.errors import ProblemOutsideError, UserError
from village_core.exchange.local_tables import deferred_operation, exchange_log
from village_core.records.households import Household

_SIZES = ((1366, 768, 100), (1366, 768, 150), (1024, 600, 100))


class StateDesk(Desk):
    """A desk whose page 同步 is open."""

    def __init__(self, laptop: Laptop, qtbot: QtBot, appearance: Appearance) -> None:
        super().__init__(build_window(laptop.workspace, appearance=appearance), qtbot)
        self._appearance = appearance
        self.laptop = laptop
        self.window.resize(1366, 768)
        self.window.show()
        self.window.start()
        self.settle()

    @property
    def sync(self) -> SyncPage:
        page = self.window.navigator.page
        assert isinstance(page, SyncPage)
        return page

    @property
    def runner(self) -> SyncRunner:
        return SyncRunner.of(self.window.context)

    def look(self, name: str) -> str:
        """The words of the page as it is opened now, and pictures of it where a folder for them is given."""
        self.open("sync")
        self.window.refresh_status()
        self.settle()
        self.shoot(name)
        return self.words()

    def shoot(self, name: str) -> None:
        if not (folder := os.environ.get("TIANGENG_SHOTS")):
            return
        for width, height, percent in _SIZES:
            self._appearance.set_percent(percent)
            self.window.resize(width, height)
            self.settle()
            QApplication.processEvents()
            self.window.grab().save(f"{folder}/sync-{name}-{width}-{percent}.png")
        self._appearance.set_percent(100)
        self.window.resize(1366, 768)
        self.settle()

    def grab(self, name: str) -> None:
        """As it is now, without opening the page anew."""
        if folder := os.environ.get("TIANGENG_SHOTS"):
            self.window.grab().save(f"{folder}/sync-{name}.png")

    def keep_outcome(self, error: UserError | None = None, *, repaired: str = "") -> None:
        with self.laptop.workspace.engine.execution_options(write=True).begin() as connection:
            note_outcome(connection, self.laptop.workspace.clock, error=error, repaired=repaired)

    def show_doing(self, doing: Doing) -> str:
        """The page as if the exchange were at this."""
        standing = self.sync.standing
        standing.show_doing(doing, self.sync.today())
        standing._write_line()
        QApplication.processEvents()
        return self.words()


OpenDesk = Callable[..., StateDesk]


@pytest.fixture
def open_desk(
    qtbot: QtBot, small_county: County, make_laptop: LaptopMaker, appearance: Appearance
) -> Iterator[OpenDesk]:
    made: list[StateDesk] = []

    def open_one(*, enrolled: bool = True) -> StateDesk:
        made.append(StateDesk(make_laptop(small_county, enrolled=enrolled), qtbot, appearance))
        return made[-1]

    yield open_one
    for desk in made:
        desk.window.close()
        desk.window.deleteLater()


@pytest.fixture
def desk(open_desk: OpenDesk) -> StateDesk:
    """Enrolled, one household, exchanged once: laptop and county are equal."""
    made = open_desk()
    made.laptop.add_household(number="0001", head_name="罗铉")
    made.laptop.sync()
    return made


def test_without_a_county_it_says_how_to_get_one(open_desk: OpenDesk) -> None:
    words = open_desk(enrolled=False).look("alone")
    assert "只在这台电脑上" in words
    assert "向县里要一个登记码" in words
    assert "已核对一致" not in words


def test_before_the_first_exchange_nothing_is_called_equal(open_desk: OpenDesk) -> None:
    desk = open_desk()
    desk.laptop.add_household(number="0001", head_name="罗铉")
    words = desk.look("never")
    assert "还差 3 条" in words
    assert "还没有核对过" in words
    assert "还没有同步过。" in words
    assert "✓ 今天" not in words
    assert not desk.sync.sheet_button.isEnabled()


def test_when_equal_all_three_marks_stand_and_the_bottom_line_says_the_same(desk: StateDesk) -> None:
    words = desk.look("equal")
    assert "✓ 都存好了" in words
    assert "✓ 都收到了" in words
    assert "✓ 今天" in words
    assert "✓ 县里都收到了" in words
    assert "✓ 已核对一致 今天" in words
    assert "都送到了，也都核对过。" in words


def test_what_is_in_no_backup_of_the_county_yet_is_told_beside_what_it_received(desk: StateDesk) -> None:
    acked = int(desk.laptop.workspace.state(state.ACKED_SEQ) or 0)
    assert "备份" not in desk.look("durable")
    desk.laptop.workspace.set_state(state.DURABLE_SEQ, str(acked - 1))
    assert f"已收到 {acked} 条，1 条还没进县里的备份" in desk.look("not-durable")


def test_what_waits_stands_by_kind_and_takes_equality_away(desk: StateDesk) -> None:
    laptop = desk.laptop
    for number in range(2, 5):
        laptop.add_person(laptop.add_household(number=f"000{number}", head_name="李家"), "李小妹")
    attach(laptop, noise(50_000, 1), medium=noise(9_000, 2), small=noise(3_000, 3))
    words = desk.look("waiting")
    assert "还差 7 条" in words
    assert "上次一致：今天" in words
    assert "户 3 条" in words
    assert "人 3 条" in words
    assert "小图 1 张、原图 1 张" in words
    assert "✓ 已核对一致" not in words
    assert "有 7 条等着送" in words


def test_while_it_runs_bytes_speed_and_time_left_are_told(desk: StateDesk) -> None:
    desk.laptop.add_household(number="0002")
    desk.look("waiting-one")
    moving = Progress(Phase.PUSHING, 120 << 10, 310 << 10, speed=7 << 10)
    words = desk.show_doing(Doing(running=True, progress=moving))
    assert "正在送到县里：已送 120 KB / 共 310 KB，这条线路大约 7 KB/秒，还要约 30 秒" in words
    assert "停下" in words
    assert desk.sync.standing.bar.isVisible()
    desk.grab("running")
    assert "3 秒后自己再试，不用守着" in desk.show_doing(Doing(running=True, progress=moving, waits=2.4))
    assert "正在停下来，送到的都算数" in desk.show_doing(Doing(running=True, stopping=True))
    assert not desk.sync.sync_button.isEnabled()
    assert "停下来了。送到的都算数" in desk.show_doing(Doing(stopped=True, next_try=250))
    assert desk.sync.sync_button.isEnabled()


def test_a_line_that_is_down_is_no_trouble_of_hers(desk: StateDesk) -> None:
    desk.laptop.add_household(number="0002")
    desk.keep_outcome(words.not_reached())
    assert "连不上县里的服务器，请过一会儿再点“现在同步”" in desk.look("down")
    assert "连不上县里的服务器，12 秒后自己再试，不用守着。" in desk.show_doing(Doing(next_try=11.6))
    desk.grab("down-retry")
    assert "现在没有网络。网来了自己接着同步" in desk.show_doing(Doing(next_try=11.6, offline=True))
    assert "没有同步成" not in desk.words()


def test_paused_stays_paused_and_says_so_wherever_sync_is_spoken_of(desk: StateDesk) -> None:
    desk.look("equal-again")
    desk.sync.pause_button.click()
    desk.settle()
    desk.laptop.add_household(number="0002")
    words = desk.look("paused")
    assert "自动同步停着。" in words
    assert "还有 1 条没送到县里（自动同步停着）" in words
    assert "恢复自动同步" in words
    assert desk.laptop.workspace.state(state.PAUSED) == "1"
    desk.sync.pause_button.click()
    desk.settle()
    assert "暂停自动同步" in desk.words()
    assert "停着" not in desk.words()


def test_held_questions_stand_first(
    desk: StateDesk, small_county: County, make_laptop: LaptopMaker
) -> None:  # fmt: skip
    household = desk.laptop.all(Household)[0].id
    other = make_laptop(small_county)
    other.sync()
    other.edit(Household, household, bank_account="6223000000002222")
    other.sync()
    desk.laptop.edit(Household, household, bank_account="6223000000001111")
    desk.laptop.sync()
    words = desk.look("held")
    assert "1 件两台电脑合不到一起，等您定" in words
    assert "去拿主意" in words
    desk.open("questions")
    desk.shoot("questions")


def test_what_waits_for_an_upgrade_is_told_and_no_equality_with_it(desk: StateDesk) -> None:
    with desk.laptop.workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(insert(deferred_operation).values(number=1, schema=9, content=b""))
    words = desk.look("deferred")
    assert "有 1 条要等升级后才能放进来：别的电脑的田埂比这台新" in words
    assert "✓ 已核对一致" not in words


def test_what_was_put_right_is_news_for_a_day(desk: StateDesk) -> None:
    desk.keep_outcome(repaired="有户 2 条和县里的不一样，已改成县里的，原来的值在各条的历史里。")
    assert "和县里核对时：有户 2 条和县里的不一样" in desk.look("healed")
    told = json.loads(desk.laptop.workspace.state("sync.healed") or "")
    told["at"] = (desk.laptop.workspace.clock.now() - timedelta(days=2)).isoformat()
    desk.laptop.workspace.set_state("sync.healed", json.dumps(told))
    assert "和县里核对时" not in desk.look("healed-before")


def test_a_restored_county_needs_nothing_of_her(desk: StateDesk) -> None:
    desk.laptop.workspace.set_state(state.LOST_UNTIL, "1")
    desk.laptop.workspace.set_state(state.EQUAL_NOW, "0")
    words = desk.look("restored")
    assert "县里的服务器从备份恢复过。" in words
    assert "照常同步就行" in words
    assert "✓ 已核对一致" not in words


def test_a_revoked_laptop_is_told_what_to_do_on_the_page_and_at_the_bottom(
    desk: StateDesk, small_county: County, small_county_url: str
) -> None:
    desk.laptop.workspace.set_state(state.COUNTY_URL, small_county_url)
    device = int(desk.laptop.workspace.state(state.DEVICE) or 0)
    revoke_device(small_county.engine, device, clock=small_county.clock)
    desk.look("before-revoked")
    desk.sync.sync_button.click()
    desk.settle()
    words = desk.look("revoked")
    assert "没有同步成，原因写在下面。" in words
    assert "县里已经停用了这台电脑，送去的东西不会生效。这台电脑上的资料都在，没有改动。请与县里的管理员联系。" in words
    assert "✕ 没有同步成" in words
    assert "✓ 已核对一致" not in words
    assert "✓ 今天" not in words


@pytest.mark.parametrize(
    ("name", "error", "told"),
    [
        ("certificate", words.wrong_certificate(), "请向县里要最新的证书文件"),
        ("behind", words.county_behind(), "请告诉县里的管理员，先不要重装或删除这里的资料"),
        (
            "disk",
            ProblemOutsideError(
                "磁盘满了，没有存下。", safe="原来的资料都在。", next_step="请清出一些空间，再试一次。"
            ),
            "请清出一些空间",
        ),
    ],
)
def test_what_a_person_has_to_do_stands_in_three_parts(desk: StateDesk, name: str, error: UserError, told: str) -> None:
    desk.keep_outcome(error)
    words = desk.look(name)
    assert str(error) in words
    assert told in words


def test_a_clock_that_is_wrong_by_days_is_told(desk: StateDesk) -> None:
    desk.laptop.workspace.set_state(SKEW_SECONDS, str(-3 * 86_400))
    words = desk.look("clock")
    assert "这台电脑的时间比县里慢了约 3 天。" in words
    assert "请对一下电脑的日期和时间" in words


def test_a_long_history_shows_the_last_and_the_rest_when_asked(desk: StateDesk) -> None:
    now = desk.laptop.workspace.clock.now()
    rows = [
        {
            "at": (now - timedelta(hours=7 * back)).isoformat(),
            "outcome": "cut" if back % 3 == 0 else "done",
            "sent": back,
            "received": 2 * back,
            "bytes_up": 900 * back,
            "bytes_down": 1200 * back,
            "equal": True,
            "message": "和县里的连接断了。" if back % 3 == 0 else "",
        }
        for back in range(30, 0, -1)
    ]
    with desk.laptop.workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(insert(exchange_log), rows)
    words = desk.look("history")
    assert "送出 1 条，收到 2 条；与县里核对一致。" in words
    assert "送出 7 条" not in words
    desk.sync.history_card.more_button.click()
    QApplication.processEvents()
    assert "送出 7 条，收到 14 条" in desk.words()


def test_the_keyboard_goes_from_the_button_down_the_page(desk: StateDesk) -> None:
    desk.look("focus")
    desk.window.activateWindow()
    page = desk.sync
    page.sync_button.setFocus()
    reached: list[QWidget | None] = []
    for _ in range(8):
        reached.append(desk.window.focusWidget())
        QTest.keyClick(desk.window, Qt.Key.Key_Tab)
    wanted = [
        page.sync_button,
        page.pause_button,
        page.question_button,
        page.waiting_card.wait,
        page.stick_button,
        page.sheet_button,
    ]
    assert [one for one in reached if one in wanted] == wanted


def test_the_network_coming_back_is_reason_enough_to_try_at_once(desk: StateDesk) -> None:
    reach = QNetworkInformation.Reachability
    network = Reachability(desk.window)
    network.note(reach.Disconnected)
    desk.runner.watch_network(network)
    desk.runner.start_automatic()
    assert desk.runner.doing.offline
    assert (desk.runner.next_try_seconds or 0) > 10
    network.note(reach.Local)
    assert not desk.runner.doing.offline
    assert (desk.runner.next_try_seconds or 99) < 2


@pytest.mark.parametrize(("width", "height", "percent"), _SIZES)
def test_the_marks_the_button_and_the_line_stand_in_sight_at_every_size(
    desk: StateDesk, appearance: Appearance, width: int, height: int, percent: int
) -> None:
    desk.laptop.workspace.set_state(SKEW_SECONDS, str(-3 * 86_400))
    desk.keep_outcome(words.county_behind())
    appearance.set_percent(percent)
    desk.window.resize(width, height)
    desk.settle()
    desk.open("sync")
    desk.settle()
    view = desk.sync._column.viewport()
    assert view.height() >= desk.sync.standing.line.mapTo(view, desk.sync.standing.line.rect().bottomLeft()).y()
    assert desk.window.width() == width
    for label in desk.sync.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap() and label.text():
            assert label.width() >= label.sizeHint().width() - 1, label.text()
