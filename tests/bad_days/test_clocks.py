"""A clock at 1970, in 2031, and one that jumps back: open, edit, exchange, back up, lock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from desktop_app.bootstrap import open_with_key, open_workspace
from desktop_app.settings.backups import is_drill_due, list_backup_due
from desktop_app.shell.lock import WindowLock
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.automatic_backup import back_up_daily
from desktop_app.storage.drill import LAST_DRILL, newest_backup
from desktop_app.storage.restore import restore_backup
from desktop_app.storage.second_place import choose_second_place, copy_to_second_place, get_second_place
from desktop_app.storage.shelf import number_of, rules
from desktop_app.storage.workspace import Workspace
from tests.counties import County
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.storage.test_keys_and_backup import add_household, heads
from tests.wholeness import is_whole
from tests.workspaces import NOW, PASSPHRASE
from village_core.domain.clock import FixedClock, stamp_of
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


def work_a_day(workspace: Workspace, head: str) -> Path:
    """Something is written, backed up and copied to the second place; what lies there now."""
    add_household(workspace, head)
    back_up_daily(workspace)
    place = get_second_place(workspace)
    assert place is not None
    assert copy_to_second_place(workspace, place, Path(place.path)) is not None, head
    copied = get_second_place(workspace)
    assert copied is not None
    assert copy_to_second_place(workspace, copied, Path(copied.path)) is None, "once is enough"
    return Path(copied.path) / copied.last_name


def reminders(workspace: Workspace) -> list[str]:
    with workspace.reader() as reader:
        return [item.detail for item in list_backup_due(reader)]


@pytest.mark.parametrize("wrong", WRONG, ids=["1970", "2031"])
def test_each_days_backup_reaches_the_second_place_before_during_and_after_the_wrong_day(
    workspace: Workspace, clock: FixedClock, tmp_path: Path, wrong: datetime
) -> None:
    choose_second_place(workspace, tmp_path)
    days = [NOW, wrong, *(NOW + timedelta(days=number) for number in (1, 2))]
    copied = []
    for moment in days:
        clock.moment = moment
        copied.append(work_a_day(workspace, f"{moment:%Y-%m-%d}"))
        assert newest_backup(workspace).name == copied[-1].name, "the drill tries the one that was written last"
        assert reminders(workspace) == []
    assert len(set(copied)) == 4
    assert all(one.exists() for one in copied)
    restore_backup(copied[-1], tmp_path / "new", passphrase=PASSPHRASE)
    again = open_workspace(tmp_path / "new", PASSPHRASE)
    assert len(heads(again)) == 4
    again.close()


def test_a_clock_that_starts_on_the_same_day_over_and_over_stops_no_backup(
    workspace: Workspace, clock: FixedClock, tmp_path: Path
) -> None:
    choose_second_place(workspace, tmp_path)
    copied = [work_a_day(workspace, "第一天")]
    clock.moment += timedelta(days=3)
    copied.append(work_a_day(workspace, "日期往后跳了三天"))
    clock.moment = NOW
    copied.append(work_a_day(workspace, "又回到第一天"))
    clock.moment = NOW - timedelta(minutes=5)
    copied.append(work_a_day(workspace, "又是第一天"))
    assert back_up_daily(workspace) is None
    assert copied[0] == copied[2] == copied[3]
    assert number_of(copied[3]) == 4


@pytest.mark.parametrize("wrong", WRONG, ids=["1970", "2031"])
def test_after_the_wrong_day_nothing_that_is_due_keeps_silent(
    workspace: Workspace, clock: FixedClock, tmp_path: Path, wrong: datetime
) -> None:
    clock.moment = wrong
    choose_second_place(workspace, tmp_path)
    work_a_day(workspace, "那一天")
    workspace.set_state(LAST_DRILL, stamp_of(wrong))
    assert not is_drill_due(workspace)
    clock.moment = NOW
    back_up_daily(workspace)
    assert is_drill_due(workspace)
    assert len(reminders(workspace)) == 1
    assert "-" not in reminders(workspace)[0]
    work_a_day(workspace, "插上了")
    assert reminders(workspace) == []
    clock.moment = NOW + timedelta(days=rules().second_place_days)
    assert f"{rules().second_place_days} 天没有拷备份了" in reminders(workspace)[0]


def test_a_village_that_lost_its_laptop_counts_on_from_what_lies_on_the_stick(
    workspace: Workspace, clock: FixedClock, tmp_path: Path
) -> None:
    """The new laptop is restored from an old backup: its own come after all that are on the stick."""
    choose_second_place(workspace, tmp_path)
    old = work_a_day(workspace, "一")
    for _ in range(3):
        clock.moment += timedelta(days=1)
        newest = work_a_day(workspace, f"{clock.moment}")
    restore_backup(old, tmp_path / "new", passphrase=PASSPHRASE)
    again = open_workspace(tmp_path / "new", PASSPHRASE, clock=clock)
    for _ in range(2):
        clock.moment += timedelta(days=1)
        choose_second_place(again, old.parent)
        last = work_a_day(again, f"{clock.moment}")
    assert number_of(last) > number_of(newest)
    again.close()
