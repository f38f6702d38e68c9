"""What the simulator found, told as short as it gets; also in `tests/county_server/test_lost_rows.py`."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from sqlalchemy import select

from county_server.sync.epochs import note_restored
from county_server.tables import blob
from desktop_app.settings.service import record_income
from desktop_app.sync.enrolment import join_county
from tests.counties import County
from tests.laptops import DirectLine, LaptopMaker, only, sync_until_quiet
from tests.photos import attach, is_signed_for, noise
from tests.restoring import CountyBackup
from tests.sim.power import Fuse, PowerCutError
from tests.sticks import carry, write
from village_core.domain.ids import new_id
from village_core.records.held import HeldChange
from village_core.records.households import Household, Person
from village_core.records.settings import CollectiveIncome


def test_a_row_with_a_derived_id_and_another_sensitive_value_is_the_countys_row_everywhere(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    """Two laptops enter the income of one year apart: one row, one question, and both are equal to the county."""
    first, second = make_laptop(small_county), make_laptop(small_county)
    first.do(lambda uow: record_income(uow, 2025, net_income_fen=20_401_300, source="决算"))
    second.do(lambda uow: record_income(uow, 2025, net_income_fen=20_401_301, source="决算"))

    sync_until_quiet(first, second)

    assert [only(laptop.all(CollectiveIncome)).net_income_fen for laptop in (first, second)] == [20_401_300] * 2
    assert only(second.all(HeldChange)).field == "net_income_fen"


def test_a_lease_that_is_renewed_without_a_change_is_no_operation(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    """An update without a value came down as something that nobody could read, for ever."""
    first, second = make_laptop(small_county), make_laptop(small_county)
    for fen in (20_401_300, 700):
        first.do(
            lambda uow, fen=fen: uow.session.add(
                CollectiveIncome(village=uow.village, id=new_id(), year=2025, net_income_fen=fen)
            )
        )

    sync_until_quiet(first, second)
    sync_until_quiet(first, second)


def test_a_deed_that_fails_at_its_first_statement_leaves_the_file_to_others(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    fuse = Fuse()
    fuse.watch(laptop.workspace.engine)
    gc.disable()
    try:
        for statement in (0, 1):
            fuse.left = statement
            with pytest.raises(PowerCutError):
                laptop.add_household(number="0001")
            laptop.add_household(number="0001")
    finally:
        gc.enable()


@pytest.mark.parametrize("down_limit", [1, 1_500_000])
def test_a_person_who_was_moved_to_a_household_that_is_not_known_here_yet(
    small_county: County, make_laptop: LaptopMaker, down_limit: int
) -> None:
    """The verdict names the household before it comes down, perhaps with another answer."""
    first, second = make_laptop(small_county), make_laptop(small_county)
    person = first.add_person(first.add_household(number="0001"), "罗铉")
    sync_until_quiet(first, second)
    for number in range(3):
        first.add_household(number=f"1{number}")
    there = first.add_household(number="0002")
    first.edit(Person, person, household_id=there)
    second.edit(Person, person, household_id=second.add_household(number="0003"))
    first.sync()
    second.line = DirectLine(small_county, down_limit=down_limit)

    sync_until_quiet(second, first)

    assert [laptop.get(Person, person).household_id for laptop in (first, second)] == [there, there]
    assert only(first.all(HeldChange)).field == "household_id"
    assert len(second.all(Household)) == 6


@pytest.mark.parametrize("told", [True, False], ids=["the operator says so", "a laptop finds out"])
def test_both_machines_of_one_disk_bring_back_to_a_restored_county_what_each_did(
    small_county: County, make_laptop: LaptopMaker, told: bool
) -> None:
    """The older copy came first, and its history was taken for that of the other machine too, as far as it went."""
    laptop = make_laptop(small_county)
    laptop.add_household(number="0001", head_name="备份以前")
    sync_until_quiet(laptop)
    backup = CountyBackup(small_county)
    copy = make_laptop.clone(laptop, "copy")
    laptop.add_household(number="0002", head_name="这一台")
    laptop.add_household(number="0003", head_name="这一台")
    sync_until_quiet(laptop)
    backup.restore()
    if told:
        note_restored(small_county.engine, clock=small_county.clock)
    for number in ("0004", "0005", "0006"):
        copy.add_household(number=number, head_name="那一台")
    sync_until_quiet(copy)
    sync_until_quiet(laptop, copy)
    for one in (laptop, copy):
        assert sorted(row.number for row in one.all(Household)) == ["0001", "0002", "0003", "0004", "0005", "0006"]


@pytest.mark.parametrize("told", [True, False], ids=["told", "untold"])
@pytest.mark.parametrize("before", [0, 1, 2])
def test_a_history_that_a_restored_county_gave_to_another_machine_of_the_disk_is_not_taken_for_ones_own(
    small_county: County, make_laptop: LaptopMaker, told: bool, before: int
) -> None:
    """The number of a history was given a second time, and what the other had confirmed under it counted for both."""
    laptop = make_laptop(small_county)
    household = laptop.add_household(number="0001", head_name="拷贝以前")
    sync_until_quiet(laptop)
    copy = make_laptop.clone(laptop, "copy")
    backup = CountyBackup(small_county)
    laptop.edit(Household, household, helper_name="这一台")
    laptop.sync()
    copy.edit(Household, household, note="那一台")
    copy.sync()
    copy.edit(Household, household, phone="138")
    copy.edit(Household, household, bank_name="那一台")
    copy.sync()
    backup.restore()
    if told:
        note_restored(small_county.engine, clock=small_county.clock)
    sync_until_quiet(laptop)
    for number in range(before):
        laptop.add_household(number=f"1{number}")
    sync_until_quiet(laptop)
    third = make_laptop.clone(laptop, "third")
    laptop.add_household(number="0002")
    laptop.sync()
    third.add_household(number="0003")
    third.sync()

    sync_until_quiet(copy, laptop, third)

    for one in (laptop, copy, third):
        row = one.get(Household, household)
        assert (row.helper_name, row.note, row.phone, row.bank_name) == ("这一台", "那一台", "138", "那一台")
        assert len(one.all(Household)) == 3 + before


def test_a_person_moved_to_a_household_that_a_restored_county_lost_waits_for_it(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    person = first.add_person(first.add_household(number="0001"), "罗铉")
    sync_until_quiet(first, second)
    backup = CountyBackup(small_county)
    there = first.add_household(number="0002")
    sync_until_quiet(first, second)
    backup.restore()
    note_restored(small_county.engine, clock=small_county.clock)
    second.edit(Person, person, household_id=there)
    second.sync()
    sync_until_quiet(first, second)
    assert [laptop.get(Person, person).household_id for laptop in (first, second)] == [there, there]


def test_a_restore_that_nobody_told_of_is_found_out_after_lost_numbers_were_given_again(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    """The second laptop kept what had these numbers before, never got what has them now, and could not add to it."""
    first, second, third = (make_laptop(small_county) for _ in range(3))
    first.add_household(number="0001")
    second.add_household(number="0002")
    sync_until_quiet(first, second, third)
    backup = CountyBackup(small_county)
    second.add_household(number="0003")
    second.sync()
    third.sync()
    backup.restore()
    there = first.add_household(number="0004")
    first.sync()
    first.add_person(there, "罗铉")
    first.sync()

    sync_until_quiet(second, first, third)

    for laptop in (first, second, third):
        assert sorted(row.number for row in laptop.all(Household)) == ["0001", "0002", "0003", "0004"]
        assert only(laptop.all(Person)).household_id == there


def test_a_file_that_lay_about_while_its_laptop_went_on_anew_brings_nothing_twice(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    """A file was carried whose answer never came back: over the line the laptop went on under a new incarnation. A
    later file of the first one asked about an account that everybody had seen."""
    first, second = make_laptop(small_county), make_laptop(small_county)
    household = first.add_household(number="0001", bank_account="6217000000000000")
    sync_until_quiet(first, second)
    files = []
    for number in ("0002", "0003"):
        first.add_household(number=number)
        files += write(first, tmp_path / number)
    first.edit(Household, household, bank_account="6217000000000001")
    files += write(first, tmp_path / "account")
    carry(small_county, files[1])
    sync_until_quiet(first, second)
    second.edit(Household, household, bank_account="6217000000000002")
    sync_until_quiet(first, second)

    carry(small_county, files[2])

    sync_until_quiet(first, second)
    assert first.all(HeldChange) == []
    assert first.get(Household, household).bank_account == "6217000000000002"


def test_a_laptop_that_is_enrolled_anew_asks_whether_its_photos_are_still_there(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    """The county went back to before it knew the laptop, and nobody said so: its rows came again, its photos did not,
    since their receipts went on counting (seed 29396)."""
    backup = CountyBackup(small_county)
    laptop = make_laptop(small_county)
    photo = attach(laptop, noise(3000))
    laptop.sync()
    assert is_signed_for(laptop, photo.original)
    backup.restore()

    code = small_county.code("报账员")
    join_county(laptop.workspace, url="http://127.0.0.1:1", code=code, line=laptop.line, again=True)
    assert not is_signed_for(laptop, photo.original), "before the county has said so again nothing may delete it here"
    laptop.sync()

    assert is_signed_for(laptop, photo.original)
    with small_county.engine.connect() as connection:
        assert list(connection.scalars(select(blob.c.sha256))) == [photo.original]
