"""Two laptops that gave one voucher number twice before they met."""

from __future__ import annotations

import pytest

from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, join, sync_until_quiet
from tests.ledger.books import open_accounts, post
from tests.seats import take_over
from village_core.exchange.seats import SeatKind


@pytest.fixture
def taken(small_county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop]:
    """记-1 was posted twice before the laptops met; the first one has 记账权 now."""
    first, second = make_laptop(small_county, enrolled=False), make_laptop(small_county, enrolled=False)
    for laptop, fen in ((first, 5000), (second, 700)):
        open_accounts(laptop.workspace)
        post(laptop.workspace, ("10201", fen), ("50103", -fen))
        join(laptop)
    take_over(first, SeatKind.LEDGER)
    sync_until_quiet(first, second)
    return first, second
