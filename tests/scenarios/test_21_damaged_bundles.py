"""21: a USB bundle imported twice, out of order, truncated, bit-flipped, for another village, or by a revoked device."""

from __future__ import annotations

from pathlib import Path

from tests.counties import County
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.sticks import answer, bring_back, carry, round_trip, write
from village_core.records.households import Household


def test_a_stick_does_what_the_line_does(small_county: County, make_laptop: LaptopMaker, tmp_path: Path) -> None:
    one, other = make_laptop(small_county), make_laptop(small_county)
    sync_until_quiet(one, other)
    household = one.add_household(head_name="李家")
    elsewhere = other.add_household(head_name="王家")
    other.sync()
    report = round_trip(one, tmp_path / "stick")
    assert (report.sent, report.received) == (1, 1)
    assert report.equal
    assert one.get(Household, elsewhere).head_name == "王家"
    other.sync()
    assert other.get(Household, household).head_name == "李家"
    sync_until_quiet(one, other)
