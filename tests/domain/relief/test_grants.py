"""CRELIEF-3 and CRELIEF-5 across cases, and what the county does with a grant that arrives."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.relief.builder import PACK
from village_core.domain.relief.grants import (
    Grant,
    HeldReason,
    YearBasis,
    judge_arriving_grant,
    pool_status,
    within_one_year,
)

LUO, YANG, LUO_AGAIN = UUID(int=1), UUID(int=2), UUID(int=3)


def grant(case: int, household: UUID, amount: int, resolved: date, paid: date | None = None, *aliases: UUID) -> Grant:
    return Grant(UUID(int=1000 + case), household, amount, resolved, paid, frozenset(aliases))


JUNE = date(2026, 6, 1)
NOVEMBER = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("effective", "arriving", "net_income", "held"),
    [
        ([], grant(1, LUO, 400_000, JUNE), 2_000_000, HeldReason.NONE),
        ([grant(1, LUO, 400_000, JUNE)], grant(2, LUO, 100_000, NOVEMBER), 9_000_000, HeldReason.DUPLICATE),
        ([grant(1, LUO, 400_000, JUNE, JUNE)], grant(2, LUO, 100_000, NOVEMBER), 9_000_000, HeldReason.DUPLICATE),
        ([grant(1, LUO, 400_000, JUNE)], grant(2, YANG, 100_000, NOVEMBER), 9_000_000, HeldReason.NONE),
        ([grant(1, LUO, 400_000, JUNE)], grant(1, LUO, 400_000, JUNE, NOVEMBER), 9_000_000, HeldReason.NONE),
        (
            [grant(1, LUO, 400_000, JUNE)],
            grant(2, LUO_AGAIN, 100_000, NOVEMBER, None, LUO),
            9_000_000,
            HeldReason.DUPLICATE,
        ),
        (
            [grant(1, LUO, 400_000, date(2025, 6, 1), date(2025, 6, 9))],
            grant(2, LUO, 100_000, NOVEMBER),
            9_000_000,
            HeldReason.NONE,
        ),
        ([grant(1, YANG, 400_000, JUNE)], grant(2, LUO, 200_000, NOVEMBER), 2_000_000, HeldReason.NONE),
        ([grant(1, YANG, 400_000, JUNE)], grant(2, LUO, 200_001, NOVEMBER), 2_000_000, HeldReason.OVER_CAP),
        ([grant(1, YANG, 400_000, JUNE, JUNE)], grant(2, LUO, 200_001, NOVEMBER), 2_000_000, HeldReason.OVER_CAP),
        ([], grant(2, LUO, 1, NOVEMBER), -5, HeldReason.OVER_CAP),
        ([], grant(2, LUO, 900_000, NOVEMBER), None, HeldReason.NONE),
    ],
)
def test_crelief_3_5_a_grant_that_arrives_takes_effect_or_is_held(
    effective: list[Grant], arriving: Grant, net_income: int | None, held: HeldReason
) -> None:
    verdict = judge_arriving_grant(effective, arriving, net_income_fen=net_income, pack=PACK)
    assert verdict.held is held
    assert verdict.effective is (held is HeldReason.NONE)
    assert bool(verdict.message) is (held is not HeldReason.NONE)


def test_crelief_5_a_grant_over_the_cap_with_a_written_reason_stands() -> None:
    verdict = judge_arriving_grant(
        [], grant(2, LUO, 900_000, NOVEMBER), net_income_fen=100, pack=PACK, over_cap_reason="会议议定"
    )
    assert verdict.effective


def test_crelief_3_a_reason_for_the_cap_does_not_excuse_a_second_grant() -> None:
    verdict = judge_arriving_grant(
        [grant(1, LUO, 1, JUNE)], grant(2, LUO, 1, NOVEMBER), net_income_fen=100, pack=PACK, over_cap_reason="理由"
    )
    assert verdict.held is HeldReason.DUPLICATE
    assert verdict.standing is not None
    assert "2026年6月1日决议 0.01 元" in verdict.message


@pytest.mark.parametrize(
    ("net_income", "limit"), [(20_401_300, 6_120_390), (None, None), (-900, 0), (0, 0), (3, 0), (4, 1), (10, 3)]
)
def test_crelief_5_the_limit_is_rounded_down_to_whole_fen(net_income: int | None, limit: int | None) -> None:
    status = pool_status(2026, [], net_income_fen=net_income, pack=PACK)
    assert status.limit_fen == limit
    assert status.left_fen == limit


def test_crelief_5_the_pool_of_the_picture() -> None:
    grants = [
        grant(1, LUO, 2_600_000, JUNE, JUNE),
        grant(2, YANG, 1_200_000, NOVEMBER),
        grant(3, YANG, 500_000, date(2025, 3, 1), date(2025, 4, 1)),
    ]
    status = pool_status(2026, grants, net_income_fen=20_401_300, pack=PACK)
    assert (status.limit_fen, status.paid_fen, status.committed_fen) == (6_120_390, 2_600_000, 1_200_000)
    assert status.left_fen == 2_320_390


@given(st.dates(date(2021, 1, 1), date(2035, 1, 1)), st.dates(date(2021, 1, 1), date(2035, 1, 1)))
def test_crelief_3_a_year_is_the_same_seen_from_either_end(first: date, second: date) -> None:
    for basis in YearBasis:
        assert within_one_year(first, second, basis) is within_one_year(second, first, basis)
    both = within_one_year(first, second, YearBasis.BOTH)
    assert both is (
        within_one_year(first, second, YearBasis.CALENDAR) or within_one_year(first, second, YearBasis.TWELVE_MONTHS)
    )


@given(
    st.lists(st.tuples(st.integers(1, 400_000), st.booleans(), st.sampled_from([LUO, YANG, LUO_AGAIN])), max_size=12),
    st.integers(0, 3_000_000),
)
def test_crelief_5_effective_grants_never_exceed_the_cap_or_meet_twice(
    offers: list[tuple[int, bool, UUID]], net_income: int
) -> None:
    effective: list[Grant] = []
    for number, (amount, paid, household) in enumerate(offers):
        offered = grant(number, household, amount, JUNE, JUNE if paid else None)
        if judge_arriving_grant(effective, offered, net_income_fen=net_income, pack=PACK).effective:
            effective.append(offered)
    assert sum(one.amount_fen for one in effective) * 100 <= net_income * 30
    assert len({one.household_id for one in effective}) == len(effective)
