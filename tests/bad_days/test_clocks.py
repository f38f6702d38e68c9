"""A clock at 1970, in 2031, and one that jumps back: open, edit, exchange, lock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from desktop_app.bootstrap import open_with_key
from desktop_app.shell.lock import WindowLock
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.workspace import Workspace
from tests.counties import County
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.storage.test_keys_and_backup import add_household, heads, is_whole
from tests.workspaces import NOW
from village_core.domain.clock import FixedClock
from village_core.records.households import Household

WRONG = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2031, 5, 1, tzinfo=UTC))


@pytest.mark.parametrize("wrong", WRONG, ids=["1970", "2031"])
def test_opening_and_editing_go_on_and_the_whole_stays_in_order(
    workspace: Workspace, clock: FixedClock, wrong: datetime
) -> None:
    add_household(workspace, "早")
    for moment in (wrong, NOW):
        workspace.close()
        clock.moment = moment
        workspace = open_with_key(workspace.folder, workspace.key, clock=clock)
        add_household(workspace, f"{moment.year}")
    assert set(heads(workspace)) == {"早", f"{wrong.year}", f"{NOW.year}"}
    assert is_whole(workspace)
    workspace.close()


@pytest.mark.parametrize("wrong", WRONG, ids=["1970", "2031"])
def test_an_exchange_during_and_after_the_jump_ends_equal(
    small_county: County, make_laptop: LaptopMaker, wrong: datetime
) -> None:
    small_county.clock = FixedClock(NOW)
    clock = FixedClock(NOW)
    laptop, other = make_laptop(small_county, clock=clock), make_laptop(small_county)
    for number, moment in enumerate((NOW, wrong, NOW)):
        clock.moment = moment
        laptop.add_household(number=f"{number}", head_name="罗铉")
        sync_until_quiet(laptop, other)
    assert len(other.all(Household)) == 3


@pytest.mark.parametrize("wall", [-1_700_000_000.0, 0.0, 130_000_000.0], ids=["1970", "still", "2031"])
def test_the_idle_lock_comes_whatever_the_time_of_day_does(window: MainWindow, wall: float) -> None:
    now = [0.0, 1_790_000_000.0]
    lock = WindowLock(window, minutes=10, now=lambda: (now[0], now[1]))
    now[:] = [601.0, now[1] + wall]
    lock.look()
    assert lock.locked
    lock.open()
