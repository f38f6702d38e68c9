"""Two laptops that were not enrolled, and what they posted before they met."""

from __future__ import annotations

from datetime import date

import pytest

from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, join, sync_until_quiet
from tests.ledger.books import open_accounts, post
from tests.seats import take_over
from village_core.domain.ids import derived_id
from village_core.exchange.seats import SeatKind
from village_core.records.ledger import MonthLock


@pytest.fixture
def taken(small_county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop]:
    """`give_a_number_twice` at a county on SQLite."""
    return give_a_number_twice(small_county, make_laptop)


def give_a_number_twice(county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop]:
    """记-1 was posted twice before the laptops met; the first one has 记账权 now."""
    first, second = make_laptop(county, enrolled=False), make_laptop(county, enrolled=False)
    for laptop, fen in ((first, 5000), (second, 700)):
        open_accounts(laptop.workspace)
        post(laptop.workspace, ("10201", fen), ("50103", -fen))
        join(laptop)
    take_over(first, SeatKind.LEDGER)
    sync_until_quiet(first, second)
    return first, second


def post_into_a_locked_month(county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop]:
    """The first one has locked March, the second one has posted into it; both are enrolled and have not exchanged."""
    first, second = make_laptop(county, enrolled=False), make_laptop(county, enrolled=False)
    lock(first, "2026-03")
    open_accounts(second.workspace)
    post(second.workspace, ("10201", 5000), ("50103", -5000))
    for laptop in (first, second):
        join(laptop)
    return first, second


def lock(laptop: Laptop, period: str) -> None:
    laptop.do(
        lambda uow: uow.session.add(
            MonthLock(
                village=uow.village,
                id=derived_id(uow.village, "month_lock", period),
                period=period,
                locked_on=date(2026, 4, 1),
                locked_by=uow.actor.name,
            )
        )
    )
