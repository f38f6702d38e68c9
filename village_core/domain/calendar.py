"""Workdays (工作日) of China: weekends, holidays and make-up days by the yearly notices of 国务院办公厅.

The table is data. Beyond the last year whose notice is known, dates are reckoned from the law and say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

UNSURE_NOTE = "按法定节假日推算，待国务院通知"

_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
"""What the law fixes in every year by the solar calendar; the other holidays follow the moon."""

_SATURDAY = 5
_ONE_DAY = timedelta(days=1)
_LONGEST_HOLIDAY = timedelta(days=31)


@dataclass(frozen=True)
class HolidayYear:
    """One year's notice. `sure` is False where the law alone is known and the notice is still to come."""

    year: int
    days_off: frozenset[date]
    workdays: frozenset[date]
    sure: bool
    source: str


@dataclass(frozen=True)
class Deadline:
    """The last day of a period. `note` tells when the calendar behind it is not yet certain."""

    day: date
    sure: bool

    @property
    def note(self) -> str:
        return "" if self.sure else UNSURE_NOTE


@dataclass(frozen=True)
class WorkCalendar:
    """Answers what is a workday. Years outside the table are reckoned from weekends and fixed holidays."""

    years: Mapping[int, HolidayYear]

    def is_workday(self, day: date) -> bool:
        year = self.years.get(day.year)
        if year is None:
            return day.weekday() < _SATURDAY and (day.month, day.day) not in _FIXED_HOLIDAYS
        if day in year.workdays:
            return True
        return day.weekday() < _SATURDAY and day not in year.days_off

    def is_sure(self, first: date, last: date) -> bool:
        """Whether every year from `first` to `last` is covered by its notice."""
        known = (self.years.get(year) for year in range(first.year, last.year + 1))
        return all(year is not None and year.sure for year in known)

    def count_workdays(self, first: date, last: date) -> int:
        """Workdays from `first` to `last`, both included; 0 where `last` lies before `first`."""
        span = (last - first).days + 1
        return sum(self.is_workday(first + timedelta(days=number)) for number in range(span))

    def last_of_workdays(self, start: date, count: int, *, counts_start: bool) -> Deadline:
        """The day on which `count` workdays are complete, from `start` on, or from the day after it."""
        if count < 1:
            raise ValueError("a period has at least one workday")
        day = start if counts_start else start + _ONE_DAY
        left = count - self.is_workday(day)
        while left:
            day += _ONE_DAY
            left -= self.is_workday(day)
        return Deadline(day, self.is_sure(start, day))


def load_calendar(data: object) -> WorkCalendar:
    """Reads the parsed `resources/calendars/workdays.json`. A malformed table raises ValueError or KeyError."""
    if not isinstance(data, Mapping):
        raise ValueError("a calendar is a JSON object")
    years = [_load_year(entry) for entry in data["years"]]
    return WorkCalendar({year.year: year for year in years})


def _load_year(entry: Mapping[str, object]) -> HolidayYear:
    spans, workdays, number = entry["days_off"], entry["workdays"], entry["year"]
    if not isinstance(spans, list) or not isinstance(workdays, list) or not isinstance(number, int):
        raise ValueError(f"a year of the calendar is malformed: {number}")
    days_off: set[date] = set()
    for first_text, last_text in spans:
        first, last = date.fromisoformat(first_text), date.fromisoformat(last_text)
        if not timedelta(0) <= last - first <= _LONGEST_HOLIDAY:
            raise ValueError(f"no holiday lasts from {first} to {last}")
        days_off.update(first + timedelta(days=step) for step in range((last - first).days + 1))
    return HolidayYear(
        year=number,
        days_off=frozenset(days_off),
        workdays=frozenset(date.fromisoformat(day) for day in workdays),
        sure=entry["sure"] is True,
        source=str(entry["source"]),
    )


def add_years(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 1 March in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def chinese_date(day: date) -> str:
    """`2026年10月8日`, as on screens and paper."""
    return f"{day.year}年{day.month}月{day.day}日"
