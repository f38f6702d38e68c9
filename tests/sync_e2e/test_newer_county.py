"""A laptop that is older than what comes down: it keeps the new raw, goes on, and has all of it after its upgrade."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from desktop_app.ledger.entries import VoucherEntry
from desktop_app.ledger.service import lock_month, post_entry, reverse_voucher, save_draft
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.sync.deferred import count_deferred
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, only, sync_until_quiet
from tests.older_program import older_program
from village_core.domain.ledger.voucher import Posting as Line
from village_core.records.households import Household
from village_core.records.ledger import MonthLock, Posting, Voucher, VoucherDraft

LINES = (Line("101", "收现金", 100, 0), Line("501", "收现金", 0, 100))


@pytest.fixture
def older_laptop() -> Callable[[Laptop, Callable[[Laptop], Any]], Any]:
    """`older_laptop(laptop, deed)`: does it with an older program."""

    def carry_out(laptop: Laptop, deed: Callable[[Laptop], Any]) -> Any:
        with older_program():
            return deed(laptop)

    return carry_out


def deferred(laptop: Laptop) -> int:
    with laptop.workspace.engine.connect() as connection:
        return count_deferred(connection)


def upgraded(laptop: Laptop, make_laptop: LaptopMaker) -> Laptop:
    """The laptop after a start of this program."""
    laptop.workspace.close()
    return make_laptop.open(laptop.workspace.folder, laptop.workspace.key, laptop.county)


def test_known_columns_are_taken_at_once_and_unknown_ones_in_the_countys_order(
    small_county: County, make_laptop: LaptopMaker, older_laptop: Callable[..., Any]
) -> None:
    newer, older = make_laptop(small_county), make_laptop(small_county)
    household = newer.add_household(number="1", head_name="李建国", note="甲")
    newer.sync()
    older_laptop(older, Laptop.sync)
    newer.edit(Household, household, note="乙", phone="13800000000")
    newer.do(lambda uow: lock_month(uow, "2026-01"))
    newer.sync()

    report = older_laptop(older, Laptop.sync)
    again = older_laptop(older, Laptop.sync)

    assert (report.equal, report.comparable, report.deferred, deferred(older)) == (False, False, 3, 3)
    assert report.proof == "有 3 条要等升级后才能放进来"
    assert again.received == 0
    assert (older.get(Household, household).phone, older.get(Household, household).note) == ("13800000000", None)
    older.edit(Household, household, bank_account="622848")
    assert older_laptop(older, Laptop.sync).sent == 1
    older = upgraded(older, make_laptop)
    assert deferred(older) == 0
    assert older.get(Household, household).note == "乙"
    assert only(older.all(MonthLock)).period == "2026-01"
    sync_until_quiet(newer, older)


def test_facts_wait_with_the_rest_of_their_transaction_and_what_depends_on_them_too(
    small_county: County, make_laptop: LaptopMaker, older_laptop: Callable[..., Any]
) -> None:
    newer, older = make_laptop(small_county), make_laptop(small_county)

    def post_and_lock(uow: UnitOfWork) -> Any:
        posted = post_entry(uow, VoucherEntry(uow.today, LINES, paper_count=1))
        lock_month(uow, "2025-12")
        return posted.voucher_id

    newer.sync()
    voucher_id = newer.do(post_and_lock)
    newer.do(lambda uow: reverse_voucher(uow, voucher_id, reason="记错了"))
    newer.do(lambda uow: post_entry(uow, VoucherEntry(uow.today, LINES, paper_count=2)))
    newer.sync()

    older_laptop(older, Laptop.sync)

    assert [voucher.paper_count for voucher in older.all(Voucher)] == [2]
    assert len(older.all(Posting)) == 2
    older = upgraded(older, make_laptop)
    assert (deferred(older), len(older.all(Voucher)), len(older.all(Posting))) == (0, 3, 6)
    sync_until_quiet(newer, older)


def test_a_verdict_with_an_unknown_column_is_kept_as_well(
    small_county: County, make_laptop: LaptopMaker, older_laptop: Callable[..., Any]
) -> None:
    newer, older = make_laptop(small_county), make_laptop(small_county)
    entry = VoucherEntry(date(2026, 11, 20), LINES)
    draft_id = newer.do(lambda uow: save_draft(uow, entry)).draft_id
    newer.sync()
    older.sync()
    newer.do(lambda uow: save_draft(uow, VoucherEntry(entry.voucher_date, LINES, paper_count=7), draft_id=draft_id))
    newer.sync()
    older.do(lambda uow: uow.session.delete(uow.session.get_one(VoucherDraft, (uow.village, draft_id))))

    report = older_laptop(older, Laptop.sync)

    assert report.deferred > 0
    older = upgraded(older, make_laptop)
    assert older.get(VoucherDraft, draft_id).summary == newer.get(VoucherDraft, draft_id).summary == "收现金"
    sync_until_quiet(newer, older)
