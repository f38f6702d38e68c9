"""What is said at the end of a stick's journey: equal, changed meanwhile, an upgrade on one side, really unequal."""

from __future__ import annotations

from pathlib import Path

import pytest

from county_server.sync.epochs import note_restored
from desktop_app.background.tasks import TaskCancelledError
from desktop_app.storage.access_log import list_access
from desktop_app.sync import bundle_reading, loop, state
from desktop_app.sync.bundle_report import Ending
from desktop_app.sync.healing import recount_if_told
from desktop_app.sync.outbox import freeze_next
from desktop_app.sync.queries import get_sync_view
from desktop_app.sync.state import find_link
from desktop_app.sync.watch import Watch
from tests import sticks
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from tests.older_program import older_program
from tests.sync_e2e.test_snapshot_by_stick import behind
from village_core.domain.errors import ProblemOutsideError
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.records.households import Household

__all__ = ["behind"]
_OF_COUNTY = ("service", "snapshots", "bundles", "bundle_answers")


def spoil(laptop: Laptop) -> None:
    """A row is otherwise here, for no reason that anybody knows."""
    with laptop.workspace.engine.execution_options(write=True).begin() as connection:
        connection.exec_driver_sql("UPDATE change_context SET origin=-1")
        connection.exec_driver_sql("UPDATE household SET note='坏'")
        connection.exec_driver_sql("UPDATE change_context SET origin=0")
    laptop.workspace.set_state(state.RECOUNT, "1")
    recount_if_told(laptop.workspace)


def county_with_older_program(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in _OF_COUNTY:
        monkeypatch.setattr(f"county_server.sync.{module}.SCHEMA_VERSION", SCHEMA_VERSION - 1)


def history(laptop: Laptop) -> list[str]:
    with laptop.workspace.reader() as reader:
        return [one.words for one in get_sync_view(reader).exchanges]


def test_a_stick_that_ends_unequal_says_so_and_sends_her_to_the_line(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    household = laptop.add_household(number="0001", head_name="李琼仙")
    sync_until_quiet(laptop)
    spoil(laptop)

    empty = sticks.round_trip(laptop, tmp_path / "empty")
    laptop.add_household(number="0002", head_name="王建平")
    full = sticks.round_trip(laptop, tmp_path / "full")

    for read in (empty, full):
        assert read.ending is Ending.UNEQUAL
        assert "还不一样。" in read.words
        assert "请连网同步一次" in read.words
        assert "已经连网办好了" not in read.words
        assert "又有新的改动" not in read.words
    assert laptop.sync().equal
    assert laptop.get(Household, household).note is None
    assert sticks.round_trip(laptop, tmp_path / "after").words.endswith("已经连网办好了。与县里核对一致。")


def test_what_was_written_meanwhile_is_no_difference(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(number="0001", head_name="李琼仙")
    sticks.carry(small_county, *sticks.write(laptop, tmp_path / "stick"))
    laptop.add_household(number="0002", head_name="王建平")

    read = sticks.bring_back(laptop, sticks.answer(small_county, laptop, tmp_path / "stick"))

    assert read.ending is Ending.CHANGED
    assert read.words.endswith("；写这份回执以后又有新的改动，下次同步再核对。")


def test_what_waits_for_an_upgrade_is_told_as_that(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    newer, older = make_laptop(small_county), make_laptop(small_county)
    household = newer.add_household(number="0001", head_name="李琼仙", note="甲")
    newer.sync()

    with older_program():
        read = sticks.round_trip(older, tmp_path / "stick")

    assert older.get(Household, household).head_name == "李琼仙"
    assert read.ending is Ending.OLDER
    assert "有 1 条要等升级后才能放进来：" in read.words
    assert "请升级田埂" in read.words
    assert "又有新的改动" not in read.words


def test_a_county_that_has_to_upgrade_is_named_by_line_and_by_stick(
    behind: tuple[Laptop, Laptop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, away = behind
    away.add_household(number="0101", head_name="李琼仙")
    with monkeypatch.context() as patch:
        county_with_older_program(patch)
        [report] = sticks.carry(away.county, *sticks.write(away, tmp_path))
        assert "程序又比县里的新" in report.words
        assert "请先升级县里的程序" in report.words
        read = sticks.bring_back(away, sticks.answer(away.county, away, tmp_path))
        assert (read.sent, read.ending) == (1, Ending.COUNTY_OLDER)
        assert "别人的改动这一趟没有带全。县里的程序比这台电脑的旧" in read.words
        with pytest.raises(ProblemOutsideError, match="县里的程序比这台电脑的旧") as told:
            away.sync()
        assert "一条也没有丢" in told.value.safe
        assert "请告诉县里的管理员升级" in told.value.next_step
    assert away.sync().equal


def test_who_stands_at_the_county_reads_that_the_county_was_restored(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(number="0001", head_name="李琼仙")
    sync_until_quiet(laptop)
    note_restored(small_county.engine, clock=small_county.clock)
    laptop.add_household(number="0002", head_name="王建平")
    files = sticks.write(laptop, tmp_path / "stick")

    for report in sticks.carry(small_county, *files, *files):
        assert report.words.startswith("县里从备份恢复过，1 号电脑还不知道")
        assert "像是从备份恢复的" not in report.words

    assert sticks.bring_back(laptop, sticks.answer(small_county, laptop, tmp_path / "stick")).begun_again
    assert sticks.round_trip(laptop, tmp_path / "next").equal


def test_an_older_program_behind_the_log_is_sent_to_its_upgrade(behind: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    _, away = behind
    with older_program(sends=True):
        [report] = sticks.carry(away.county, *sticks.write(away, tmp_path))
        read = sticks.bring_back(away, sticks.answer(away.county, away, tmp_path))
    assert "请先升级那台电脑的田埂" in report.words
    assert read.ending is Ending.OLDER
    assert "别人的改动这一趟没有带全。这台电脑的程序比县里的旧，请升级田埂" in read.words


def test_an_exchange_that_a_person_stopped_is_in_the_history_with_what_got_through(
    small_county: County, make_laptop: LaptopMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = make_laptop(small_county)
    sync_until_quiet(laptop)
    link = find_link(laptop.workspace)
    assert link is not None
    before = laptop.workspace.state(state.ACKED_SEQ)
    laptop.add_household(number="0001", head_name="李琼仙")
    freeze_next(laptop.workspace, link)
    laptop.add_household(number="0002", head_name="王建平")
    monkeypatch.setattr(loop, "Line", lambda url, ca: laptop.line)

    def check() -> None:
        if laptop.workspace.state(state.ACKED_SEQ) != before:
            raise TaskCancelledError

    with pytest.raises(TaskCancelledError):
        loop.exchange(laptop.workspace, watch=Watch(check=check))

    assert history(laptop) == ["停下来了，没有做完。到了的都算数：送出 1 条。"]
    with laptop.workspace.reader() as reader:
        assert "送出 1 条，收到 0 条；停下来了" in [one.detail for one in list_access(reader.session)]


def test_a_stick_on_which_a_person_stopped_is_in_the_history_too(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    back = tmp_path / "back"
    back.mkdir()
    for number in ("0001", "0002"):
        laptop.add_household(number=number, head_name="李琼仙")
        sticks.carry(small_county, *sticks.write(laptop, tmp_path / number))
        sticks.answer(small_county, laptop, back)
    read: list[str] = []

    def check() -> None:
        if read:
            raise TaskCancelledError

    with pytest.raises(TaskCancelledError):
        bundle_reading.read_bundle(laptop.workspace, back, watch=Watch(check=check, progressed=lambda: read.append("")))

    assert "读到一半停下来了，读过的都算数。" in history(laptop)[0]
    assert sticks.bring_back(laptop, back).equal
