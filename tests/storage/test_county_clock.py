"""The newest day that was here: kept against a clock that is set back, and not spoilt by one that was years ahead."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.storage.county_clock import KNOWN_DAY, day_by_stick, days_to_remember, newest_day
from tests.workspaces import NOW
from village_core.domain.clock import FixedClock, today

TODAY = today(FixedClock(NOW))


def on(day: date) -> FixedClock:
    return FixedClock(NOW + (day - TODAY))


def come_in(known: dict[str, str], day: date) -> None:
    known |= days_to_remember(known, on(day))


@given(gaps=st.lists(st.integers(0, 31), max_size=20), back=st.integers(1, 5000))
def test_while_it_is_opened_each_month_no_day_is_forgotten(gaps: list[int], back: int) -> None:
    known: dict[str, str] = {}
    day = TODAY
    for gap in (0, *gaps):
        day += timedelta(days=gap)
        come_in(known, day)
        assert known[KNOWN_DAY] == day.isoformat()
    assert newest_day(known, on(day - timedelta(days=back))) == day


@given(jumps=st.lists(st.integers(32, 400_000), min_size=1, max_size=6), base=st.integers(1000, 30_000))
def test_one_sitting_in_a_year_that_never_was_costs_a_month_at_most(jumps: list[int], base: int) -> None:
    """However often somebody comes in, and over midnight, too."""
    known: dict[str, str] = {}
    come_in(known, TODAY)
    for jump in (base, *(base + one % 14 for one in jumps)):
        come_in(known, TODAY + timedelta(days=jump))
    assert newest_day(known, on(TODAY)) <= TODAY + timedelta(days=31)
    come_in(known, TODAY + timedelta(days=20))
    come_in(known, TODAY + timedelta(days=40))
    assert known[KNOWN_DAY] == (TODAY + timedelta(days=40)).isoformat()


@pytest.mark.parametrize("first", [date(1970, 1, 1), TODAY - timedelta(days=90)])
def test_a_clock_that_goes_on_for_two_weeks_is_believed_where_it_was_far_behind_before(first: date) -> None:
    known: dict[str, str] = {}
    for day in (first, TODAY, TODAY + timedelta(days=13)):
        come_in(known, day)
    assert known[KNOWN_DAY] == (first + timedelta(days=31)).isoformat()
    come_in(known, TODAY + timedelta(days=14))
    assert known[KNOWN_DAY] == (TODAY + timedelta(days=14)).isoformat()


@given(known=st.dates(), told=st.dates(), clock=st.dates(date(1970, 1, 2), date(9990, 1, 1)))
def test_an_answer_by_stick_takes_back_only_days_to_come_and_none_that_the_county_had(
    known: date, told: date, clock: date
) -> None:
    day = date.fromisoformat(day_by_stick(known.isoformat(), told.isoformat(), on(clock)))
    assert day >= told
    assert day == max(known, told) or (known > clock and day == max(clock, told))
    assert day_by_stick("", told.isoformat(), on(clock)) == told.isoformat()
