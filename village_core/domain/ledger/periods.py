"""Months of the books, written YYYY-MM. A lock closes its month and everything before."""

from __future__ import annotations

import calendar
from collections.abc import Collection
from datetime import date


def period_of(day: date) -> str:
    """The month of a day."""
    return f"{day.year:04d}-{day.month:02d}"


def first_day(period: str) -> date:
    year, month = map(int, period.split("-"))
    return date(year, month, 1)


def last_day(period: str) -> date:
    year, month = map(int, period.split("-"))
    return date(year, month, calendar.monthrange(year, month)[1])


def period_after(period: str) -> str:
    """`2025-12` → `2026-01`."""
    year, month = map(int, period.split("-"))
    return f"{year + month // 12:04d}-{month % 12 + 1:02d}"


def period_label(period: str) -> str:
    """`2025-03` → `2025年3月`."""
    year, month = map(int, period.split("-"))
    return f"{year}年{month}月"


def is_locked(period: str, locked: Collection[str]) -> bool:
    """True when the month, or a later one, is locked: what was closed on top of it must not move."""
    return period <= max(locked, default="")
