"""Workdays by the yearly notices, and what lies beyond the last notice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from village_core.domain.calendar import UNSURE_NOTE, add_years, chinese_date, load_calendar
from village_core.resources import read_json

CALENDAR = load_calendar(read_json("calendars", "workdays.json"))


@pytest.mark.parametrize(
    ("day", "is_workday"),
    [
        (date(2025, 1, 26), True),  # a Sunday that was worked
        (date(2025, 1, 28), False),
        (date(2025, 10, 8), False),
        (date(2025, 10, 9), True),
        (date(2026, 2, 14), True),  # a Saturday that was worked
        (date(2026, 2, 23), False),
        (date(2026, 10, 10), True),
        (date(2026, 10, 11), False),
        (date(2026, 11, 23), True),
        (date(2027, 2, 8), False),
        (date(2031, 10, 1), False),
        (date(2031, 10, 6), True),
    ],
)
def test_a_day_is_a_workday_or_not(day: date, is_workday: bool) -> None:
    assert CALENDAR.is_workday(day) is is_workday


def test_the_years_2025_and_2026_have_as_many_days_off_as_their_notices_say() -> None:
    assert {year: len(CALENDAR.years[year].days_off) for year in (2025, 2026)} == {2025: 28, 2026: 33}
    assert {year: len(CALENDAR.years[year].workdays) for year in (2025, 2026)} == {2025: 5, 2026: 6}


@pytest.mark.parametrize(
    ("start", "count", "counts_start", "last"),
    [
        (date(2026, 10, 21), 5, True, date(2026, 10, 27)),
        (date(2026, 10, 21), 5, False, date(2026, 10, 28)),
        (date(2026, 9, 23), 5, True, date(2026, 9, 30)),  # 中秋 lies between
        (date(2026, 9, 30), 5, True, date(2026, 10, 12)),  # 国庆; Saturday the 10th is worked
        (date(2026, 10, 3), 1, True, date(2026, 10, 8)),  # posted on a holiday
        (date(2025, 1, 26), 2, True, date(2025, 1, 27)),
    ],
)
def test_a_period_of_workdays_ends_on_a_day(start: date, count: int, counts_start: bool, last: date) -> None:
    deadline = CALENDAR.last_of_workdays(start, count, counts_start=counts_start)
    assert deadline.day == last
    assert deadline.sure
    assert deadline.note == ""


def test_a_deadline_beyond_the_last_notice_says_so() -> None:
    deadline = CALENDAR.last_of_workdays(date(2026, 12, 30), 5, counts_start=True)
    assert deadline.day == date(2027, 1, 6)
    assert deadline.note == UNSURE_NOTE


@given(st.dates(date(2021, 1, 1), date(2027, 12, 1)), st.integers(1, 40), st.booleans())
def test_a_period_contains_exactly_its_workdays(start: date, count: int, counts_start: bool) -> None:
    last = CALENDAR.last_of_workdays(start, count, counts_start=counts_start).day
    first = start if counts_start else start + timedelta(days=1)
    assert CALENDAR.count_workdays(first, last) == count
    assert CALENDAR.is_workday(last)


def test_the_anniversary_of_a_leap_day_is_the_first_of_march() -> None:
    assert add_years(date(2024, 2, 29), 1) == date(2025, 3, 1)
    assert add_years(date(2025, 11, 22), 1) == date(2026, 11, 22)


def test_a_date_is_shown_the_chinese_way() -> None:
    assert chinese_date(date(2026, 10, 8)) == "2026年10月8日"


@pytest.mark.parametrize("data", [[], {}, {"years": [{"year": "2026"}]}, {"years": [{"year": 2026, "days_off": 1}]}])
def test_a_malformed_calendar_is_refused(data: object) -> None:
    with pytest.raises((ValueError, KeyError)):
        load_calendar(data)
