"""`verify` after exchanges: the digests are those of the county, and what does not fit is named, never healed."""

from __future__ import annotations

from sqlalchemy import text

from county_server.admin.queries import list_villages
from desktop_app.sync.proof import verify_all
from tests.counties import County
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.ledger.books import open_accounts, post
from village_core.records.households import Household


def test_all_members_of_a_village_have_the_same_digests(small_county: County, make_laptop: LaptopMaker) -> None:
    first, second = make_laptop(small_county), make_laptop(small_county)
    first.add_household(number="0001", head_name="罗铉")
    open_accounts(first.workspace)
    post(first.workspace, ("10201", 5000), ("50103", -5000))
    sync_until_quiet(first, second)

    reports = [verify_all(laptop.workspace) for laptop in (first, second)]

    assert [report.problems for report in reports] == [[], []]
    assert reports[0].digests == reports[1].digests == list_villages(small_county.engine)[0].digests


def test_a_workspace_without_a_county_verifies_too(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county, enrolled=False)
    laptop.add_household(number="0001", head_name="罗铉")

    assert verify_all(laptop.workspace).ok


def test_a_row_changed_behind_our_back_is_named(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    household = laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()
    with laptop.workspace.engine.execution_options(write=True).begin() as connection:
        trigger = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'tg_household_update'"))
        connection.execute(text("DROP TRIGGER tg_household_update"))
        connection.execute(text("UPDATE household SET head_name = '别人'"))
        connection.exec_driver_sql(str(trigger))

    report = verify_all(laptop.workspace)

    assert not report.ok
    assert any("“户”的核对数" in problem for problem in report.problems)
    assert laptop.get(Household, household).head_name == "别人"


def test_a_voucher_that_does_not_balance_is_named(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county, enrolled=False)
    open_accounts(laptop.workspace)
    post(laptop.workspace, ("10201", 5000), ("50103", -5000))
    with laptop.workspace.engine.execution_options(write=True).begin() as connection:
        for name in ("tg_posting_no_update", "tg_posting_update"):
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE posting SET debit_fen = 6000 WHERE line = 1"))

    report = verify_all(laptop.workspace)

    assert any("记-1 借贷不平" in problem for problem in report.problems)
