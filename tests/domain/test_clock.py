"""Stored moments and days, as they come back from a row that somebody else wrote."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from village_core.domain.clock import read_day, read_moment, stamp_of


def test_what_was_stamped_is_read_back() -> None:
    moment = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    assert read_moment(stamp_of(moment)) == moment
    assert read_day("2026-11-22") == date(2026, 11, 22)


@pytest.mark.parametrize("text", [None, "", "1", "0000-00-00", "2026-11-22", "\x00", "9" * 99])
def test_what_is_no_moment_is_none(text: str | None) -> None:
    assert read_moment(text) is None


@pytest.mark.parametrize("text", [None, "", "1", "0000-00-00", "2026-02-30"])
def test_what_is_no_day_is_none(text: str | None) -> None:
    assert read_day(text) is None
