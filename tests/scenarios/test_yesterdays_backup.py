"""Yesterday's backup is restored over today's work, with real processes: laptop and county end equal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from desktop_app.storage.automatic_backup import back_up_daily
from desktop_app.storage.restore_preview import preview_restore
from tests.counties import County
from tests.county_server.test_facts import lock
from tests.laptops import LaptopMaker, only, sync_until_quiet
from tests.real_county import RealCounty, RealLaptop, tell_laptop
from village_core.domain.clock import FixedClock
from village_core.records.held import HeldChange
from village_core.records.households import Household, Person
from village_core.records.ledger import MonthLock


def test_restoring_yesterdays_backup_ends_equal_with_the_county(
    real_county: RealCounty, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop, other = (real_county.laptop(make_laptop) for _ in range(2))
    household = laptop.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(laptop, other)
    yesterday = back_up_daily(laptop.workspace)
    assert yesterday is not None
    laptop.edit(Household, household, phone="138")
    laptop.add_person(household, "备份以后送出的")
    lock(laptop, "2025-12")
    sync_until_quiet(laptop, other)
    other.edit(Household, household, note="另一台")
    other.sync()
    laptop.add_person(household, "没送出的")
    folder, key = laptop.workspace.folder, laptop.workspace.key
    laptop.workspace.close()

    preview = tell_laptop(folder, "restore", str(yesterday), "--preview")
    assert preview["losses"]["unsent_names"] == ["人 没送出的"]
    assert preview["losses"]["changed"] == 4
    tell_laptop(folder, "restore", str(yesterday))
    restored = RealLaptop(make_laptop.open(folder, key, real_county).workspace, real_county)
    sync_until_quiet(restored, other)

    for one in (restored, other):
        row = one.get(Household, household)
        assert (row.phone, row.note) == ("138", "另一台")
        assert only(one.all(Person)).name == "备份以后送出的"
        assert only(one.all(MonthLock)).period == "2025-12"
        assert one.all(HeldChange) == []
    assert real_county.tell("check")["villages"][0]["ok"]
    restored.workspace.engine.dispose()
    (before,) = (folder / "backups").glob("before-restore-*.tgb")
    again = tell_laptop(tmp_path / "elsewhere", "restore", str(before), "--preview")
    assert again["holds"]["persons"] == 2, "what was not sent is in the backup made before the restore"


def test_the_preview_counts_by_kind_and_day_and_names_what_was_not_sent(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    clock = FixedClock(small_county.clock.now())
    laptop = make_laptop(small_county, clock=clock)
    household = laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()
    backup = back_up_daily(laptop.workspace)
    assert backup is not None
    clock.moment += timedelta(days=1)
    laptop.add_person(household, "送出去的")
    laptop.sync()
    clock.moment += timedelta(days=1)
    laptop.add_person(household, "没送的")
    laptop.add_household(number="0002", head_name="没送的户")
    preview = preview_restore(backup, laptop.workspace.folder, key=laptop.workspace.key, named=True)
    losses = preview.losses
    assert losses is not None
    assert (losses.changed, losses.unsent) == (3, 2)
    assert set(losses.unsent_names) == {"人 没送的", "户 没送的户"}
    assert [dict(day.kinds) for day in losses.days] == [{"人": 1}, {"人": 1, "户": 1}]
    told = "".join(preview.sentences)
    assert "其中 1 条县里已经有，恢复后同步一次就回来" in told
    assert "有 2 条还没送到县里，恢复后就没有了" in told
    assert not (laptop.workspace.folder / ".preview").exists()
