"""A laptop that was restored or cloned: recognised by its history, healed with nothing lost and nothing doubled."""

from __future__ import annotations

from sqlalchemy import func, select

from county_server.tables import device_chain
from tests.counties import County
from tests.county_server.test_facts import lock
from tests.county_server.test_merging import add_draft
from tests.laptops import LaptopMaker, only, sync_until_quiet
from village_core.records.held import HeldChange
from village_core.records.households import Household
from village_core.records.ledger import MonthLock, VoucherDraft


def test_a_laptop_restored_from_an_old_backup_loses_nothing(county: County, make_laptop: LaptopMaker) -> None:
    laptop, other = make_laptop(county), make_laptop(county)
    household = laptop.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(laptop, other)
    laptop.add_household(number="0002", head_name="未送出")
    backup = make_laptop.clone(laptop, "backup")
    laptop.edit(Household, household, phone="138")
    laptop.add_household(number="0003", head_name="备份之后")
    sync_until_quiet(laptop, other)

    backup.edit(Household, household, note="恢复之后")
    backup.add_household(number="0004", head_name="恢复之后")
    sync_until_quiet(backup, other)

    for one in (backup, other):
        assert sorted(row.number for row in one.all(Household)) == ["0001", "0002", "0003", "0004"]
        row = one.get(Household, household)
        assert (row.phone, row.note) == ("138", "恢复之后")
        assert one.all(HeldChange) == []
    with county.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(device_chain)) == 3


def test_a_restored_laptop_with_nothing_new_notices_too(county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(county)
    laptop.sync()
    backup = make_laptop.clone(laptop, "backup")
    lost = laptop.add_household(number="0009", head_name="丢了又回来")
    laptop.sync()

    report = backup.sync()

    assert (report.received, report.equal) == (1, True)
    assert backup.get(Household, lost).head_name == "丢了又回来"


def test_both_copies_of_a_cloned_laptop_go_on(county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(county)
    laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()
    twin = make_laptop.clone(laptop, "twin")
    for number, one in enumerate((laptop, twin, laptop, twin)):
        one.add_household(number=f"1{number}", head_name="两边各记各的")
        one.sync()

    sync_until_quiet(laptop, twin)

    assert len(laptop.all(Household)) == len(twin.all(Household)) == 5


def test_a_fact_that_was_sent_before_the_restore_is_not_made_twice(county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(county)
    laptop.sync()
    lock(laptop, "2025-12")
    backup = make_laptop.clone(laptop, "backup")
    laptop.sync()
    laptop.add_household(number="0001", head_name="之后")
    laptop.sync()

    report = backup.sync()

    assert report.equal
    assert only(backup.all(MonthLock)).period == "2025-12"
    assert only(backup.all(Household)).head_name == "之后"


def test_a_sensitive_value_from_before_the_restore_meets_the_one_from_after_as_a_question(
    county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(county)
    household = laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()
    backup = make_laptop.clone(laptop, "backup")
    laptop.edit(Household, household, bank_account="1111")
    laptop.sync()
    backup.edit(Household, household, bank_account="2222")

    sync_until_quiet(backup)

    assert backup.get(Household, household).bank_account == "1111"
    assert '"2222"' in only(backup.all(HeldChange)).offered


def test_a_draft_that_was_sent_and_deleted_after_the_backup_does_not_come_back(
    county: County, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(county)
    laptop.sync()
    draft = add_draft(laptop)
    backup = make_laptop.clone(laptop, "backup")
    laptop.sync()
    laptop.do(lambda uow: uow.session.delete(uow.session.get(VoucherDraft, (uow.village, draft))))
    laptop.sync()

    sync_until_quiet(backup)

    assert backup.all(VoucherDraft) == []
