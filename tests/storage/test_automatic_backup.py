"""Backups that nobody asked for: daily and before imports, as many as the rules keep, never onto a full disk."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.storage import room
from desktop_app.storage.automatic_backup import LAST_BACKUP, LAST_PROBLEM, back_up_before_import, back_up_daily
from desktop_app.storage.backup import write_backup
from desktop_app.storage.container import check_container
from desktop_app.storage.room import NoRoomError
from desktop_app.storage.shelf import DAILY, KnownBackup, daily_name, list_backups, rules, superfluous
from desktop_app.storage.workspace import BACKUP_FOLDER, Workspace
from tests.storage.test_keys_and_backup import add_household
from village_core.domain.clock import CHINA, FixedClock
from village_core.domain.errors import ProblemOutsideError


def daily(day: date, number: int = 0) -> KnownBackup:
    at = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=CHINA)
    return KnownBackup(Path(daily_name(day)), DAILY, at, 1, number)


def test_one_backup_a_day_is_written_and_read_back(workspace: Workspace, clock: FixedClock) -> None:
    for _ in range(3):
        path = back_up_daily(workspace)
        assert path is not None
        check_container(path)
        assert back_up_daily(workspace) is None
        clock.moment += timedelta(days=1)
    names = [one.path.name for one in list_backups(workspace.folder / BACKUP_FOLDER)]
    assert names == ["auto-2026-11-24.tgb", "auto-2026-11-23.tgb", "auto-2026-11-22.tgb"]
    assert workspace.state(LAST_BACKUP) is not None


@given(st.lists(st.dates(date(2024, 1, 1), date(2026, 12, 31)), min_size=1, max_size=60, unique=True))
def test_seven_days_four_weeks_and_twelve_months_are_kept(days: list[date]) -> None:
    backups = [daily(day) for day in days]
    newest = max(backups, key=lambda one: one.at)
    gone = superfluous(backups, newest=newest.path)
    kept = [one for one in backups if one not in gone]
    assert set(sorted(days)[-rules().daily :]) <= {one.at.date() for one in kept}
    for most, period in (
        (rules().weekly, lambda one: one.at.isocalendar()[:2]),
        (rules().monthly, lambda one: (one.at.year, one.at.month)),
    ):
        assert set(sorted({period(one) for one in backups})[-most:]) <= {period(one) for one in kept}
    assert len(kept) <= rules().daily + rules().weekly + rules().monthly


@given(st.lists(st.dates(date(2020, 1, 1), date(2031, 12, 31)), min_size=1, max_size=40, unique=True), st.data())
def test_the_one_just_written_stays_whatever_the_clock_said(days: list[date], data: st.DataObject) -> None:
    backups = [daily(day) for day in days]
    newest = data.draw(st.sampled_from(backups))
    assert newest not in superfluous(backups, newest=newest.path)


@given(
    st.lists(st.dates(date(2024, 1, 1), date(2026, 12, 31)), min_size=1, max_size=40, unique=True),
    st.lists(st.dates(date(2027, 1, 1), date(2099, 12, 31)), min_size=1, max_size=5, unique=True),
    st.data(),
)
def test_days_that_no_clock_should_have_said_push_out_no_real_one(
    days: list[date], wrong: list[date], data: st.DataObject
) -> None:
    real = [daily(day, 10 * number) for number, day in enumerate(sorted(days), start=1)]
    between = [daily(day, data.draw(st.integers(0, 10 * len(days) - 1))) for day in wrong]
    newest = real[-1].path
    gone = superfluous([*real, *between], newest=newest)
    assert set(superfluous(real, newest=newest)) >= {one for one in gone if one in real}


def test_a_backup_of_2031_is_not_taken_for_the_newest_and_goes_with_its_year() -> None:
    wrong = daily(date(2031, 5, 1), 2)
    kept = [daily(date(2026, 1, 1), 1), wrong]
    for number in range(3, 500):
        written = daily(date(2026, 1, 1) + timedelta(days=number), number)
        kept.append(written)
        gone = superfluous(kept, newest=written.path)
        kept = [one for one in kept if one not in gone]
        if number < 10:
            assert wrong in kept
    assert wrong not in kept
    assert len(kept) <= rules().daily + rules().weekly + rules().monthly


def test_while_the_clock_stands_in_1970_no_real_backup_goes() -> None:
    kept = [daily(date(2026, 1, 1) + timedelta(days=number), number) for number in range(1, 20)]
    real = list(kept)
    for number in range(20, 60):
        written = daily(date(1970, 1, 1) + timedelta(days=number % 3), number)
        kept = [one for one in kept if one.path != written.path] + [written]
        gone = superfluous(kept, newest=written.path)
        kept = [one for one in kept if one not in gone]
    assert set(real) <= set(kept)


def test_an_import_is_preceded_by_a_backup_unless_the_last_one_holds_everything(
    workspace: Workspace, clock: FixedClock
) -> None:
    assert back_up_daily(workspace) is not None
    assert back_up_before_import(workspace) is None
    for number in range(rules().before_import + 2):
        add_household(workspace, f"第{number}户")
        clock.moment += timedelta(minutes=1)
        assert back_up_before_import(workspace) is not None
    kinds = [one.kind for one in list_backups(workspace.folder / BACKUP_FOLDER)]
    assert kinds.count("before-import") == rules().before_import
    assert kinds.count("auto") == 1


def test_without_room_nothing_is_deleted_and_the_words_say_how_much_to_clear(
    workspace: Workspace, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = back_up_daily(workspace)
    assert first is not None
    before = first.read_bytes()
    clock.moment += timedelta(days=40)
    monkeypatch.setattr(room, "free_space", lambda _: 10 << 20)
    with pytest.raises(NoRoomError, match="磁盘满了") as caught:
        back_up_daily(workspace)
    assert "以前的备份一份也没有动" in caught.value.safe
    assert "请再清出 4" in caught.value.next_step, "the reserve for daily work is counted"
    assert first.read_bytes() == before
    assert [path.name for path in first.parent.iterdir()] == [first.name]
    assert "磁盘满了" in (workspace.state(LAST_PROBLEM) or "")
    monkeypatch.undo()
    assert back_up_daily(workspace) is not None
    assert workspace.state(LAST_PROBLEM) == ""


@pytest.mark.parametrize("year", [1970, 2031])
def test_a_wrong_clock_costs_no_backup(workspace: Workspace, clock: FixedClock, year: int) -> None:
    assert back_up_daily(workspace) is not None
    clock.moment = datetime(year, 1, 1, tzinfo=UTC)
    wrong = back_up_daily(workspace)
    clock.moment = datetime(2026, 11, 23, tzinfo=UTC)
    right = back_up_daily(workspace)
    assert wrong is not None
    assert wrong.exists()
    assert right is not None
    assert right.exists()


def test_a_second_backup_at_the_same_time_is_told_to_wait(workspace: Workspace, tmp_path: Path) -> None:
    def meanwhile(_done: int, _total: int) -> None:
        with pytest.raises(ProblemOutsideError, match="正在进行"):
            write_backup(workspace, tmp_path / "b.tgb")

    write_backup(workspace, tmp_path / "a.tgb", progress=meanwhile)
    assert not (tmp_path / "b.tgb").exists()
    check_container(tmp_path / "a.tgb")


def test_of_the_backups_before_upgrades_the_first_go_whatever_their_days_say(workspace: Workspace) -> None:
    folder = workspace.folder / BACKUP_FOLDER
    folder.mkdir()
    days = ("20260101", "20310501", "20260301", "20260601", "20261122")
    for number, day in enumerate(days, start=1):
        write_backup(workspace, folder / f"before-upgrade-{day}-100000.tgb", number=number)
    found = list_backups(folder)
    assert [one.number for one in found] == [5, 4, 3, 2, 1]
    gone = superfluous(found, newest=found[0].path)
    assert {one.number for one in gone} == {1, 2}
    assert rules().before_upgrade == 3
