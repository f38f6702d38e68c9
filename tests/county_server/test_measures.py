"""What the county tells its operators' monitoring."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from county_server.admin.service import add_village, revoke_device
from county_server.serving.measures import village_registry
from county_server.sync.content_room import DISK_RESERVE, PHOTOS
from tests.counties import County
from tests.county_server.test_chunks import sender_of
from tests.laptops import LaptopMaker
from tests.photos import attach, noise
from village_core.domain.clock import FixedClock


def told(county: County) -> dict[str, float]:
    return {
        sample.name.removeprefix("tiangeng_"): sample.value
        for family in village_registry(county.engine, county.clock).collect()
        for sample in family.samples
    }


def test_a_village_is_silent_also_when_it_never_came(small_county: County, make_laptop: LaptopMaker) -> None:
    clock = small_county.clock = FixedClock(datetime.now(UTC))
    add_village(small_county.engine, "532327101202", "和平村", clock=clock)
    coming = make_laptop(small_county)
    coming.sync()
    assert told(small_county)["silent_villages"] == 0
    clock.moment += timedelta(days=31)
    assert told(small_county)["silent_villages"] == 2
    coming.sync()
    add_village(small_county.engine, "532327101203", "新来的村", clock=clock)
    assert told(small_county)["silent_villages"] == 1, "和平村 never came; the new one has had no time yet"


def test_a_village_whose_only_laptop_was_stopped_gets_silent(small_county: County, make_laptop: LaptopMaker) -> None:
    clock = small_county.clock = FixedClock(datetime.now(UTC))
    laptop = make_laptop(small_county)
    laptop.sync()
    revoke_device(small_county.engine, sender_of(laptop).number)
    clock.moment += timedelta(days=31)
    assert told(small_county)["silent_villages"] == 1


def test_what_photos_take_and_what_room_is_left_is_told(
    small_county: County, make_laptop: LaptopMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PHOTOS, "1")  # the disk itself is not the test's alone
    monkeypatch.setenv(DISK_RESERVE, "1")
    laptop = make_laptop(small_county)
    before = told(small_county)
    attach(laptop, noise(50_000))
    laptop.sync()
    after = told(small_county)
    assert after["content_bytes"] - before["content_bytes"] == 50_000
    assert before["content_room_bytes"] - after["content_room_bytes"] == 50_000
