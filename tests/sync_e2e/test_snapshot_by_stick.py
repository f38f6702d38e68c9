"""A laptop that is far behind, or new, gets all rows by stick: what it did itself stays, and the end is equal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from county_server.admin.compaction import compact_logs
from county_server.sync import bundle_answers
from desktop_app.sync.bundle import age_identity
from tests import sticks
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from village_core.domain.clock import FixedClock
from village_core.domain.errors import UserError
from village_core.exchange.bundle import Kind, SnapshotAnswer, decode_device_message, encode_device_message, open_part
from village_core.records.households import Household

BEGIN = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
FAR = 20


def numbers(laptop: Laptop) -> list[str]:
    return sorted(one.number or "" for one in laptop.all(Household))


def messages(laptop: Laptop, file: Path) -> list[object]:
    with file.open("rb") as source:
        part = open_part(source, Kind.TO_DEVICE, age_identity(laptop.workspace))
    return [decode_device_message(one) for one in part.messages]


@pytest.fixture
def behind(small_county: County, make_laptop: LaptopMaker) -> tuple[Laptop, Laptop]:
    """One laptop that went on, and one whose place in the log is gone."""
    clock = small_county.clock = FixedClock(BEGIN)
    here, away = make_laptop(small_county), make_laptop(small_county)
    sync_until_quiet(here, away)
    for number in range(3):
        here.add_household(number=f"000{number}", head_name="罗铉")
    here.sync()
    clock.moment = BEGIN + timedelta(days=500)
    compact_logs(small_county.engine, days=400, clock=clock)
    return here, away


def test_a_stick_from_behind_the_log_brings_all_rows_back(behind: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    here, away = behind
    away.add_household(number="0101", head_name="李琼仙")
    [report] = sticks.carry(away.county, *sticks.write(away, tmp_path))
    assert "连网" not in report.words
    back = sticks.answer(away.county, away, tmp_path)
    read = sticks.bring_back(away, back)
    assert read.equal
    assert (read.sent, read.received >= 3) == (1, True)
    here.sync()
    assert numbers(away) == numbers(here) == ["0000", "0001", "0002", "0101"]
    assert not sticks.bring_back(away, back).applied
    here.add_household(number="0005", head_name="王建平")
    here.sync()
    assert sticks.round_trip(away, tmp_path / "next").equal
    assert numbers(away)[-2:] == ["0005", "0101"]


def test_what_is_done_between_the_stick_and_its_way_back_stays(behind: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    here, away = behind
    files = sticks.write(away, tmp_path)
    away.add_household(number="0102", head_name="后来的")
    sticks.carry(away.county, *files)
    read = sticks.bring_back(away, sticks.answer(away.county, away, tmp_path))
    assert numbers(away) == ["0000", "0001", "0002", "0102"]
    assert not read.refused
    assert sticks.round_trip(away, tmp_path / "next").equal
    here.sync()
    assert numbers(here) == numbers(away)


def test_a_line_that_was_quicker_leaves_nothing_to_take(behind: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    _, away = behind
    sticks.carry(away.county, *sticks.write(away, tmp_path))
    back = sticks.answer(away.county, away, tmp_path)
    assert away.sync().equal
    assert sticks.bring_back(away, back).received == 0
    assert away.sync().equal


def test_a_new_laptop_gets_all_rows_by_its_first_stick(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    here = make_laptop(small_county)
    for number in range(FAR):
        here.add_household(number=f"{number:04}", head_name="罗铉")
    sync_until_quiet(here)
    new = make_laptop(small_county)
    sticks.carry(small_county, *sticks.write(new, tmp_path))
    back = sticks.answer(small_county, new, tmp_path, far=FAR)
    assert any(isinstance(one, SnapshotAnswer) for one in messages(new, back))
    assert sticks.bring_back(new, back).equal
    assert numbers(new) == numbers(here)


def test_a_snapshot_that_the_county_did_not_sign_is_refused_in_words_and_changes_nothing(
    behind: tuple[Laptop, Laptop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, away = behind
    sticks.carry(away.county, *sticks.write(away, tmp_path))
    genuine = bundle_answers.get_snapshot
    monkeypatch.setattr(bundle_answers, "get_snapshot", lambda *place: genuine(*place)[:-1] + b"x")
    with pytest.raises(UserError):
        sticks.bring_back(away, sticks.answer(away.county, away, tmp_path))
    assert numbers(away) == []
    monkeypatch.undo()
    assert sticks.bring_back(away, sticks.answer(away.county, away, tmp_path)).equal


def test_an_answer_with_a_snapshot_is_read_back() -> None:
    message = SnapshotAnswer(1, 2, 3, b"", b"answer", b"snapshot")
    assert decode_device_message(encode_device_message(message)) == message
