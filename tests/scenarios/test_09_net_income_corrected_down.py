"""Two shares of 救助审批权 near their allowance, then last year's net income is corrected down."""

from __future__ import annotations

from uuid import UUID

import pytest

from county_server.admin.seats import parse_share, split_grant_seat
from county_server.auth.seats import Share
from desktop_app.relief.queries import get_pool
from desktop_app.relief.start_page import list_due_items
from desktop_app.settings.service import record_income
from tests.counties import County
from tests.county_server.test_facts import grant
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from tests.relief.village import add_household, furnish
from tests.workspaces import VILLAGE
from village_core.domain.clock import FixedClock
from village_core.domain.errors import RefusedError
from village_core.records.held import HeldChange
from village_core.records.relief import ReliefStep

INCOME = 2_800_000
"""30 % of it are 8,400 元; a usual grant is 4,000 元."""


def over_limit(laptop: Laptop) -> list[str]:
    with laptop.workspace.reader() as reader:
        return [item.title for item in list_due_items(reader) if "超出限额" in item.title]


def left_in_pool(laptop: Laptop) -> int | None:
    with laptop.workspace.reader() as reader:
        return get_pool(reader, 2026).left_fen


def split(county: County, clock: FixedClock, *shares: str) -> None:
    split_grant_seat(county.engine, VILLAGE, shares=[parse_share(one) for one in shares], clock=clock)


def village_with_two_shares(
    county: County, make_laptop: LaptopMaker, clock: FixedClock
) -> tuple[Laptop, Laptop, dict[str, UUID]]:
    first, second = make_laptop(county, clock=clock), make_laptop(county, clock=clock)
    furnish(first.workspace, net_income_fen=INCOME)
    households = {
        name: add_household(first.workspace, group=group, number=name)
        for name, group in (("0001", "大平地"), ("0002", "大平地"), ("0003", "小河边"))
    }
    sync_until_quiet(first, second)
    split(county, clock, "1=大平地:4200", "2=小河边:4200")
    sync_until_quiet(first, second)
    return first, second, households


def test_a_correction_rewrites_no_grant_shows_the_true_total_and_tells_every_laptop(
    small_county: County, make_laptop: LaptopMaker, clock: FixedClock
) -> None:
    first, second, households = village_with_two_shares(small_county, make_laptop, clock)
    grant(first, households["0001"])
    grant(second, households["0003"])
    sync_until_quiet(first, second)
    steps = sorted(one.id for one in first.all(ReliefStep))
    assert (left_in_pool(first), over_limit(first)) == (40_000, [])

    first.do(lambda uow: record_income(uow, 2025, net_income_fen=2_000_000, source="更正"))
    sync_until_quiet(first, second)

    for laptop in (first, second):
        assert sorted(one.id for one in laptop.all(ReliefStep)) == steps
        assert left_in_pool(laptop) == 600_000 - 800_000
        assert over_limit(laptop) == ["2026年救助款超出限额 2,000.00 元，请向乡镇说明"]
        assert laptop.all(HeldChange) == []

    first.do(lambda uow: record_income(uow, 2025, net_income_fen=INCOME, source="再更正"))
    sync_until_quiet(first, second)
    assert over_limit(second) == []


def test_a_share_is_bound_to_its_groups_and_its_amount_without_a_line(
    small_county: County, make_laptop: LaptopMaker, clock: FixedClock
) -> None:
    first, _second, households = village_with_two_shares(small_county, make_laptop, clock)
    grant(first, households["0001"])

    with pytest.raises(RefusedError, match=r"还剩 200\.00 元，不够这一户的 4,000\.00 元"):
        grant(first, households["0002"])
    with pytest.raises(RefusedError, match="只管大平地，“小河边”不归它办"):
        grant(first, households["0003"])


def test_shares_never_exceed_the_limit_together(
    small_county: County, make_laptop: LaptopMaker, clock: FixedClock
) -> None:
    first, second, households = village_with_two_shares(small_county, make_laptop, clock)
    grant(first, households["0001"])
    sync_until_quiet(first, second)

    with pytest.raises(RefusedError, match=r"合起来 8,401\.00 元"):
        split(small_county, clock, "1=大平地:4200", "2=小河边:4201")
    with pytest.raises(RefusedError, match=r"已定已发 4,000\.00 元"):
        split(small_county, clock, "1=大平地:100", "2=小河边:4200")
    with pytest.raises(RefusedError, match="分给了两台电脑"):
        split(small_county, clock, "1=大平地:4200", "2=大平地:100")
    assert parse_share("2=大平地，小河边：3000") == Share(2, ("大平地", "小河边"), 300_000)
