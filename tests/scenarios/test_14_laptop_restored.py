"""Scenario 14: a laptop comes back from last month's backup and is worked on."""

from __future__ import annotations

from sqlalchemy import func, select

from county_server.proof.histories import check_histories
from county_server.proof.replay import replay_village
from county_server.sync.epochs import note_restored
from county_server.tables import device_chain, oplog
from desktop_app.sync.marks import Mark, read_progress, village_mark
from tests.counties import County
from tests.county_server.test_facts import lock
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.restoring import CountyBackup
from tests.workspaces import VILLAGE
from village_core.records.held import HeldChange
from village_core.records.households import Household, Person
from village_core.records.ledger import MonthLock


def numbers(laptop: Laptop) -> list[str]:
    return sorted(row.number for row in laptop.all(Household))


def check_all(county: County, *laptops: Laptop) -> None:
    """Everything equal, every history whole, every row of the county a consequence of its log."""
    sync_until_quiet(*laptops)
    for laptop in laptops:
        with laptop.workspace.reader() as reader:
            assert village_mark(read_progress(reader)) is Mark.EQUAL
    assert replay_village(county.engine, VILLAGE).ok
    assert check_histories(county.engine, VILLAGE) == ()


def test_a_laptop_from_last_month_that_was_edited_loses_and_doubles_nothing(
    county: County, make_laptop: LaptopMaker
) -> None:
    laptop, other = make_laptop(county), make_laptop(county)
    household = laptop.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(laptop, other)
    laptop.add_household(number="0002", head_name="那时还没送")
    lock(laptop, "2025-11")
    backup = make_laptop.clone(laptop, "backup")
    laptop.sync()
    laptop.edit(Household, household, phone="138")
    laptop.add_person(household, "备份以后")
    lock(laptop, "2025-12")
    sync_until_quiet(laptop, other)
    other.edit(Household, household, note="另一台")
    other.sync()

    backup.edit(Household, household, group_name="恢复以后")
    backup.add_household(number="0003", head_name="恢复以后")
    sync_until_quiet(backup, other)

    for one in (backup, other):
        assert numbers(one) == ["0001", "0002", "0003"]
        row = one.get(Household, household)
        assert (row.phone, row.note, row.group_name) == ("138", "另一台", "恢复以后")
        assert only(one.all(Person)).name == "备份以后"
        assert sorted(lock.period for lock in one.all(MonthLock)) == ["2025-11", "2025-12"]
        assert one.all(HeldChange) == []
    with county.engine.connect() as connection:
        histories = select(func.count()).select_from(device_chain).where(device_chain.c.device == 1)
        assert connection.scalar(histories) == 2
        again = select(oplog.c.fingerprint).where(oplog.c.effect_kind.is_not(None), oplog.c.device > 0)
        effects = list(connection.scalars(again))
        assert len(effects) == len(set(effects)), "what came twice took effect once"
    check_all(county, backup, other)


def test_a_laptop_rolled_back_twice_heals_twice(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()
    disks = [make_laptop.clone(laptop, f"disk{turn}") for turn in range(2)]
    laptop.add_household(number="0002", head_name="第一段")
    laptop.sync()
    for turn, disk in enumerate(disks):
        disk.add_household(number=f"1{turn}", head_name="又一段")
        sync_until_quiet(disk)

    assert numbers(disks[-1]) == ["0001", "0002", "10", "11"]
    check_all(small_county, disks[-1])


def test_laptop_and_county_both_come_back_from_backups(county: County, make_laptop: LaptopMaker) -> None:
    laptop, other = make_laptop(county), make_laptop(county)
    laptop.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(laptop, other)
    disk = make_laptop.clone(laptop, "disk")
    backup = CountyBackup(county)
    laptop.add_household(number="0002", head_name="两边都丢了，别的电脑有")
    sync_until_quiet(laptop, other)
    other.add_household(number="0003", head_name="另一台")
    other.sync()
    backup.restore()
    note_restored(county.engine, clock=county.clock)

    disk.add_household(number="0004", head_name="恢复以后")
    check_all(county, disk, other)

    assert numbers(disk) == numbers(other) == ["0001", "0002", "0003", "0004"]
