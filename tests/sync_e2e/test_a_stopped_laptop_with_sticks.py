"""A laptop that the county has stopped and that never goes over the line learns it from the way back of its stick."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import msgspec
import pytest

from county_server.admin.service import revoke_device
from county_server.bundle_commands import run_bundle
from county_server.sync.bundle_answers import write_answer
from desktop_app.storage.entry import StoppedError, check_device
from desktop_app.sync import state
from desktop_app.sync.queries import get_sync_view
from desktop_app.sync.words import DeviceStoppedError
from tests import sticks
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from village_core.domain.errors import RefusedError
from village_core.exchange.bundle import AnswerTo, ContentWord, Refusal, decode_device_message, encode_device_message
from village_core.exchange.messages import Problem, ProblemKind, decode, encode


@pytest.fixture
def stopped(small_county: County, make_laptop: LaptopMaker) -> Laptop:
    laptop = make_laptop(small_county)
    laptop.add_household(number="0001", head_name="李琼仙")
    sync_until_quiet(laptop)
    revoke_device(small_county.engine, device_of(laptop))
    laptop.add_household(number="0002", head_name="王建平")
    return laptop


def device_of(laptop: Laptop) -> int:
    return int(laptop.workspace.state(state.DEVICE) or 0)


def test_the_way_back_stops_the_laptop_as_the_line_would(stopped: Laptop, tmp_path: Path) -> None:
    [report] = sticks.carry(stopped.county, *sticks.write(stopped, tmp_path))
    assert "请把回执带回那台电脑读一次" in report.words
    back = sticks.answer(stopped.county, stopped, tmp_path)
    check_device(stopped.workspace)

    with pytest.raises(DeviceStoppedError, match="县里已经停用了这台电脑"):
        sticks.bring_back(stopped, back)

    with pytest.raises(StoppedError, match="县里停用了这台电脑"):
        check_device(stopped.workspace)
    with stopped.workspace.reader() as reader:
        view = get_sync_view(reader)
    assert view.trouble is not None
    assert not view.trouble.patient
    assert "县里已经停用了这台电脑" in view.exchanges[0].words
    assert view.exchanges[0].outcome == "refused"
    with pytest.raises(DeviceStoppedError):
        sticks.bring_back(stopped, back)


def test_what_an_earlier_stick_brought_is_answered_before_the_laptop_is_stopped(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(number="0001", head_name="李琼仙")
    sticks.carry(small_county, *sticks.write(laptop, tmp_path / "one"))
    (tmp_path / "back").mkdir()
    sticks.answer(small_county, laptop, tmp_path / "back")
    acked = laptop.workspace.state(state.ACKED_SEQ)
    revoke_device(small_county.engine, device_of(laptop))
    laptop.add_household(number="0002", head_name="王建平")
    sticks.carry(small_county, *sticks.write(laptop, tmp_path / "two"))
    sticks.answer(small_county, laptop, tmp_path / "stop").rename(tmp_path / "back" / name_beside(laptop))

    with pytest.raises(DeviceStoppedError):
        sticks.bring_back(laptop, tmp_path / "back")

    assert laptop.workspace.state(state.ACKED_SEQ) != acked


def name_beside(laptop: Laptop) -> str:
    return f"R{laptop.workspace.village}-{device_of(laptop)}-stop.vsb"


def test_a_stick_from_before_serves_for_the_answer(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(number="0001", head_name="李琼仙")
    sticks.carry(small_county, *sticks.write(laptop, tmp_path))
    revoke_device(small_county.engine, device_of(laptop))
    with pytest.raises(DeviceStoppedError):
        sticks.bring_back(laptop, sticks.answer(small_county, laptop, tmp_path))


def test_the_operator_reads_what_is_true(stopped: Laptop, tmp_path: Path) -> None:
    engine, clock = stopped.county.engine, stopped.county.clock
    with pytest.raises(RefusedError, match="1 号电脑已经停用，县里没有收过它的 U 盘文件") as told:
        write_answer(engine, device_of(stopped), tmp_path, clock=clock)
    assert "还没有收过" not in str(told.value)

    files = sticks.write(stopped, tmp_path / "stick")
    options = Namespace(part="read", files=files, answer=tmp_path)
    done = run_bundle(options, engine, clock=clock)

    assert "已经停用，回执里只写了这一条，请带回去让它读一次：R" in done.lines[-1]
    assert [one["device"] for one in done.document["answers"]] == [device_of(stopped)]
    with pytest.raises(DeviceStoppedError):
        sticks.bring_back(stopped, tmp_path)


def test_only_the_newest_file_of_a_stopped_device_is_remembered(stopped: Laptop, tmp_path: Path) -> None:
    for name in ("one", "two"):
        sticks.carry(stopped.county, *sticks.write(stopped, tmp_path / name))
    with stopped.county.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT count(*) FROM bundle_part WHERE state = 'revoked'").scalar_one()
    assert kept == 1


def test_a_refusal_is_read_back_and_passed_over_by_who_does_not_know_it() -> None:
    message = Refusal(encode(Problem(ProblemKind.REVOKED)))
    data = encode_device_message(message)
    assert decode_device_message(data) == message
    assert decode(message.problem, Problem).kind is ProblemKind.REVOKED
    assert data[:1] == b"\x04"
    assert decode_device_message(b"\x05" + data[1:]) is None
    for other in (AnswerTo(1, 2, 3, b"", b"answer"), ContentWord(b"name", b"receipt")):
        assert decode_device_message(encode_device_message(other)) == other


def test_a_no_that_only_a_newer_program_knows_is_passed_over(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = make_laptop(small_county)
    sticks.carry(small_county, *sticks.write(laptop, tmp_path))
    revoke_device(small_county.engine, device_of(laptop))
    unknown = b"\x00" + msgspec.msgpack.encode(["gone_fishing", ""])
    monkeypatch.setattr("county_server.sync.bundle_answers.encode", lambda _: unknown)
    read = sticks.bring_back(laptop, sticks.answer(small_county, laptop, tmp_path))
    assert not read.applied
    check_device(laptop.workspace)
