"""A page of an enrolled laptop's database goes bad: the newest backup and the county bring back all that was sent."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from county_server.admin.queries import list_villages
from desktop_app.bootstrap import open_with_key
from desktop_app.storage.automatic_backup import back_up_daily
from desktop_app.storage.problems import DamagedDatabaseError
from desktop_app.storage.restore import restore_backup
from desktop_app.storage.workspace import DATABASE_FILE
from desktop_app.sync.proof import verify_all
from tests.counties import County
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.storage.test_keys_and_backup import flip
from village_core.records.households import Household, Person

_PAGE_BYTES = 4096


@pytest.mark.parametrize("table", ["household", "device_state"])
def test_a_page_that_went_bad_is_named_and_healed_from_the_newest_backup_and_the_county(
    small_county: County, make_laptop: LaptopMaker, table: str
) -> None:
    """One of the rows' own pages is found when it is read; one of `device_state` already by opening."""
    laptop, other = make_laptop(small_county), make_laptop(small_county)
    household = laptop.add_household(number="0001", head_name="罗铉")
    sync_until_quiet(laptop, other)
    backup = back_up_daily(laptop.workspace)
    assert backup is not None
    laptop.edit(Household, household, phone="138")
    laptop.add_person(household, "备份以后送出的")
    sync_until_quiet(laptop, other)
    other.edit(Household, household, note="另一台")
    other.sync()
    laptop.add_person(household, "没送出的")
    folder, key = laptop.workspace.folder, laptop.workspace.key
    with laptop.workspace.engine.connect() as connection:
        page = connection.scalar(text("SELECT rootpage FROM sqlite_schema WHERE name = :name"), {"name": table})
    laptop.workspace.close()
    flip(folder / DATABASE_FILE, (page - 1) * _PAGE_BYTES + 2000)

    if table == "household":
        broken = open_with_key(folder, key)
        problems = verify_all(broken).problems
        assert any("有一页损坏" in one and "最近一次备份" in one and "同步" in one for one in problems)
        broken.close()
    else:
        with pytest.raises(DamagedDatabaseError, match="有一处损坏"):
            open_with_key(folder, key)
    damaged = (folder / DATABASE_FILE).read_bytes()
    assert restore_backup(backup, folder, key=key).before == ""
    assert (folder / ".replaced" / DATABASE_FILE).read_bytes() == damaged, "for the technician"
    restored = make_laptop.open(folder, key, small_county)
    sync_until_quiet(restored, other)

    for one in (restored, other):
        row = one.get(Household, household)
        assert (row.phone, row.note) == ("138", "另一台")
        assert [person.name for person in one.all(Person)] == ["备份以后送出的"]
    reports = [verify_all(one.workspace) for one in (restored, other)]
    assert [report.problems for report in reports] == [[], []]
    assert reports[0].digests == reports[1].digests == list_villages(small_county.engine)[0].digests
