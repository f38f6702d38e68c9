"""A line that dies and comes back while she edits: nobody presses anything, and laptop and county end equal."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest
from pytestqt.qtbot import QtBot

from desktop_app.storage.changes import Changes
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.sync import state
from desktop_app.sync.backoff import Backoff
from desktop_app.sync.screens import runner as runner_module
from desktop_app.sync.screens.reachability import Reachability
from desktop_app.sync.screens.runner import SyncRunner
from desktop_app.sync.screens.sync_page import SyncPage
from tests.counties import County
from tests.fault_proxy import BadLine, Faults, bad_line
from tests.laptops import Laptop, LaptopMaker
from tests.sync_e2e.test_sync_page import Desk
from tests.sync_e2e.window_desk import desk
from village_core.domain.ids import new_id
from village_core.records.households import Household

__all__ = ["desk"]


@pytest.fixture
def line(small_county_url: str) -> Iterator[BadLine]:
    with bad_line(small_county_url) as made:
        yield made


@pytest.fixture
def laptop(small_county: County, make_laptop: LaptopMaker, line: BadLine) -> Laptop:
    made = make_laptop(small_county)
    made.workspace.set_state(state.COUNTY_URL, line.url)
    return made


@pytest.fixture(autouse=True)
def impatient_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes on by itself begins at once; before the window is there, which reads these."""
    monkeypatch.setattr(runner_module, "_AFTER_START_MS", 10)
    monkeypatch.setattr(runner_module, "_AFTER_CHANGE_MS", 50)


def test_the_window_goes_on_by_itself_and_ends_with_equality(
    desk: Desk, laptop: Laptop, line: BadLine, qtbot: QtBot, small_county: County, make_laptop: LaptopMaker
) -> None:
    page = desk.open("sync")
    assert isinstance(page, SyncPage)
    runner = SyncRunner.of(desk.window.context)
    runner._backoff = Backoff(lambda low, high: high if low > 100 else 0.1)

    def see(words: str) -> None:
        qtbot.waitUntil(lambda: words in desk.words(), timeout=20_000)

    def edit(number: str) -> None:
        def deed(uow: UnitOfWork) -> Changes:
            uow.session.add(Household(village=uow.village, id=new_id(), number=number, head_name="李家"))
            return Changes.of("households")

        page.perform(deed, reason="新登记一户")

    runner.start_automatic()
    see("✓ 已核对一致 今天")

    line.proxy.refuse()
    edit("0001")
    see("还有 1 条没送到县里")
    see("连不上县里的服务器")
    see("不用守着")
    assert "✓ 已核对一致" not in desk.words()
    edit("0002")
    see("还有 2 条没送到县里")

    line.proxy.faults = Faults(cut_both=400, connections=3)
    line.proxy.listen()
    see("✓ 已核对一致 今天")
    see("✓ 都收到了")
    assert "没送到县里" not in desk.words()
    assert line.proxy.take().cuts == 3

    other = make_laptop(small_county)
    other.sync()
    assert {one.number for one in other.all(Household)} >= {"0001", "0002"}


def test_stopping_answers_at_once_also_while_it_waits_for_its_next_try(
    desk: Desk, laptop: Laptop, line: BadLine, qtbot: QtBot
) -> None:
    laptop.add_household(number="0001")
    page = desk.open("sync")
    assert isinstance(page, SyncPage)
    line.proxy.refuse()
    page.sync_button.click()
    qtbot.waitUntil(lambda: "这会儿连不上" in desk.words(), timeout=10_000)
    assert page.sync_button.text() == "停下"
    page.sync_button.click()
    assert "正在停下来" in desk.words()
    qtbot.waitUntil(lambda: "停下来了。送到的都算数，没送的下次接着送。" in desk.words(), timeout=2_000)
    assert page.sync_button.text() == "现在同步"


def test_it_does_not_begin_while_something_is_being_saved(desk: Desk, qtbot: QtBot) -> None:
    context = desk.window.context
    runner = SyncRunner.of(context)
    runner._reachability = Reachability(desk.window)
    saved, begun = Event(), []
    runner.started.connect(lambda: begun.append(True))
    context.tasks.run(lambda _: saved.wait(20), owner=desk.window, keep=True)
    runner._on_time()
    assert not begun
    assert runner.next_try_seconds is not None
    saved.set()
    desk.settle()
    runner._on_time()
    assert begun
    desk.settle()
