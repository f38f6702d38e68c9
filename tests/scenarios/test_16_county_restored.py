"""Scenario 16: the county's database comes back from yesterday's backup."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from county_server.sync.epochs import STEP, note_restored
from county_server.tables import county_metadata, device, oplog, village
from desktop_app.sync import state
from desktop_app.sync.enrolment import join_county
from desktop_app.sync.marks import Mark, read_progress, village_mark
from desktop_app.sync.words import LineError
from tests.counties import County
from tests.county_server.test_facts import lock
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.restoring import CountyBackup
from village_core.domain.errors import RefusedError
from village_core.records.held import HeldChange
from village_core.records.households import Household, Person
from village_core.records.ledger import MonthLock

HOUSEHOLD = county_metadata.tables["household"]


def numbers(laptop: Laptop) -> list[str]:
    return sorted(row.number for row in laptop.all(Household))


def mark(laptop: Laptop) -> Mark:
    with laptop.workspace.reader() as reader:
        return village_mark(read_progress(reader))


def counter_of(county: County) -> int:
    with county.engine.connect() as connection:
        counter: int = connection.execute(select(village.c.counter)).scalar_one()
    return counter


def forget(county: County, laptop: Laptop) -> None:
    """The laptop's device was taken out: nobody waits for it any more."""
    with laptop.workspace.engine.connect() as connection:
        number = int(state.read_state(connection)[state.DEVICE])
    with county.engine.begin() as connection:
        connection.execute(update(device).where(device.c.number == number).values(revoked=True))


@pytest.mark.parametrize("told", [True, False], ids=["the operator says so", "a laptop finds out"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["the first comes first", "the second comes first"])
def test_two_laptops_bring_back_what_the_county_lost(
    county: County, make_laptop: LaptopMaker, told: bool, order: tuple[int, int]
) -> None:
    pair = make_laptop(county), make_laptop(county)
    first, second = pair
    shared = first.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(*pair)
    backup = CountyBackup(county)
    first.edit(Household, shared, phone="138")
    first.add_household(number="0002", head_name="备份之后")
    lock(first, "2025-12")
    second.edit(Household, shared, note="备份之后")
    newer = second.add_household(number="0003", head_name="备份之后")
    sync_until_quiet(*pair)
    first.edit(Household, newer, phone="139")
    member = first.add_person(newer, "另一台加的人")
    sync_until_quiet(*pair)
    second.edit(Person, member, phone="140")
    sync_until_quiet(*pair)
    before = counter_of(county)
    first.add_household(number="0004", head_name="还没送")

    backup.restore()
    if told:
        note_restored(county.engine, clock=county.clock)
    for place in order:
        pair[place].sync()
    sync_until_quiet(*pair)

    for laptop in pair:
        assert numbers(laptop) == ["0001", "0002", "0003", "0004"]
        row = laptop.get(Household, shared)
        assert (row.phone, row.note) == ("138", "备份之后")
        assert laptop.get(Household, newer).phone == "139"
        assert only(laptop.all(Person)).phone == "140"
        assert len(laptop.all(MonthLock)) == 1
        assert laptop.all(HeldChange) == []
        assert mark(laptop) is Mark.EQUAL
    with county.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(HOUSEHOLD)) == 4
        reused = select(func.count()).select_from(oplog).where(oplog.c.number.between(before + 1, STEP))
        assert connection.scalar(reused) == 0


def test_what_a_laptop_that_never_comes_back_had_sent_is_offered_by_another(
    county: County, make_laptop: LaptopMaker
) -> None:
    gone, stays = make_laptop(county), make_laptop(county)
    shared = gone.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(gone, stays)
    backup = CountyBackup(county)
    gone.add_household(number="0002", head_name="只在这里")
    gone.edit(Household, shared, phone="139")
    lock(gone, "2025-12")
    sync_until_quiet(gone, stays)
    backup.restore()
    note_restored(county.engine, clock=county.clock)

    first = stays.sync()
    assert not first.equal
    assert mark(stays) is Mark.RECEIVED
    assert numbers(stays) == ["0001", "0002"]
    assert stays.get(Household, shared).phone == "139"
    forget(county, gone)
    sync_until_quiet(stays)

    late = make_laptop(county)
    sync_until_quiet(late, stays)
    for laptop in (stays, late):
        assert numbers(laptop) == ["0001", "0002"]
        assert laptop.get(Household, shared).phone == "139"
        assert len(laptop.all(MonthLock)) == 1


def test_what_another_laptop_offered_is_not_doubled_when_its_maker_does_come(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    sync_until_quiet(first, second)
    backup = CountyBackup(small_county)
    made = first.add_household(number="0002", head_name="罗铉", phone="1")
    sync_until_quiet(first, second)
    first.edit(Household, made, phone="2")
    sync_until_quiet(first, second)
    backup.restore()
    note_restored(small_county.engine, clock=small_county.clock)
    with small_county.engine.begin() as connection:
        connection.execute(update(device).values(last_seen_at="9999-01-01T00:00:00.000Z"))

    second.sync()
    sync_until_quiet(first, second)

    for laptop in (first, second):
        assert numbers(laptop) == ["0002"]
        assert laptop.get(Household, made).phone == "2"
        assert laptop.all(HeldChange) == []


def test_a_county_that_is_restored_twice_while_answers_are_lost_gets_everything(
    county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(county), make_laptop(county)
    first.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(first, second)
    backup = CountyBackup(county)
    for turn, laptop in enumerate((first, second, first)):
        laptop.add_household(number=f"1{turn}", head_name="备份之后")
        sync_until_quiet(first, second)
        backup.restore()
        laptop.line.lose_answers = 1
        with pytest.raises(LineError):
            laptop.sync()
        laptop.line.lose_answers = 1
        with pytest.raises(LineError):
            laptop.sync()
    sync_until_quiet(first, second)

    assert numbers(first) == numbers(second) == ["0001", "10", "11", "12"]


def test_a_laptop_whose_new_history_the_county_forgot_begins_another_one(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()
    disk = make_laptop.clone(laptop, "disk")
    backup = CountyBackup(small_county)
    laptop.add_household(number="0002", head_name="恢复之前")
    laptop.sync()
    disk.add_household(number="0003", head_name="旧盘上")
    sync_until_quiet(disk)
    assert numbers(disk) == ["0001", "0002", "0003"]

    backup.restore()
    sync_until_quiet(disk)

    late = make_laptop(small_county)
    sync_until_quiet(late, disk)
    assert numbers(late) == numbers(disk) == ["0001", "0002", "0003"]


def test_a_held_fact_is_decided_anew_and_never_twice(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    shared = first.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(first, second)
    backup = CountyBackup(small_county)
    first.edit(Household, shared, bank_account="1111")
    second.edit(Household, shared, bank_account="2222")
    sync_until_quiet(first, second)
    standing = first.get(Household, shared).bank_account

    backup.restore()
    sync_until_quiet(first, second)

    assert {one.get(Household, shared).bank_account for one in (first, second)} == {standing}
    assert len(first.all(HeldChange)) == len(second.all(HeldChange)) == 1


def test_a_laptop_that_the_county_does_not_know_any_more_enrols_again_with_all_it_has(
    county: County, make_laptop: LaptopMaker
) -> None:
    first = make_laptop(county)
    first.sync()
    backup = CountyBackup(county)
    second = make_laptop(county)
    household = second.add_household(number="0002", head_name="只有它有")
    sync_until_quiet(first, second)
    first.edit(Household, household, phone="138")
    sync_until_quiet(first, second)
    backup.restore()
    stranger = make_laptop(county)
    stranger.add_household(number="0003", head_name="得了同一个编号")
    stranger.sync()
    with pytest.raises(RefusedError):
        second.sync()

    code = county.code("文书")
    join_county(second.workspace, url="http://127.0.0.1:1", code=code, line=second.line, again=True)
    sync_until_quiet(first, second, stranger)

    for laptop in (first, second, stranger):
        assert numbers(laptop) == ["0002", "0003"]
        assert laptop.get(Household, household).phone == "138"
