"""How long is waited and what is told meanwhile: by the window, by the command, and before a county that is busy."""

from __future__ import annotations

import random
import socket
import time

import pytest

from desktop_app.sync import state
from desktop_app.sync.backoff import IDLE_SECONDS, LONGEST_SECONDS, Backoff
from desktop_app.sync.enrolment import join_county
from desktop_app.sync.loop import exchange, pause_after
from desktop_app.sync.watch import Meter, Phase, Progress, Watch
from desktop_app.sync.words import BusyError, LineError
from tests.counties import County
from tests.fault_proxy import Faults, bad_line
from tests.laptops import LaptopMaker
from tests.sync_e2e.test_bad_lines import http, says, stranger
from village_core.exchange.messages import Problem, ProblemKind, encode
from village_core.records.households import Household


def longest(_low: float, high: float) -> float:
    return high


def test_pauses_double_up_to_ten_minutes_and_never_end() -> None:
    backoff = Backoff(longest)
    pauses = [backoff.after_failure() for _ in range(2000)]
    assert pauses[:5] == [4.0, 8.0, 16.0, 32.0, 64.0]
    assert pauses[-1] == LONGEST_SECONDS
    assert backoff.after_failure(moved=True) == 4.0
    assert backoff.after_success() == IDLE_SECONDS
    assert not backoff.failing


def test_pauses_are_spread_so_that_a_whole_county_does_not_come_back_at_once() -> None:
    pauses = set()
    for _ in range(50):
        backoff = Backoff()
        for _ in range(6):
            pause = backoff.after_failure()
        pauses.add(round(pause))
        assert 2.0 <= pause <= 128.0
    assert len(pauses) > 10


def test_a_busy_countys_wish_is_obeyed() -> None:
    assert Backoff().after_failure(told=200.0) >= 200.0


def test_the_command_waits_as_long_as_a_busy_county_says(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    busy = encode(Problem(ProblemKind.BUSY))
    answer = http(busy, status="503 Service Unavailable").replace(b"\r\n\r\n", b"\r\nRetry-After: 7\r\n\r\n", 1)
    pauses: list[float] = []
    with stranger(says(answer)) as url:
        laptop.workspace.set_state(state.COUNTY_URL, url)
        with pytest.raises(BusyError, match="正忙") as told:
            exchange(laptop.workspace, patience=20.0, total=10.0, pause=pauses.append)
    assert told.value.seconds == 7.0
    assert all(7.0 <= pause <= 8.75 for pause in pauses)


def test_the_pauses_of_a_command_stay_short_however_often_it_failed() -> None:
    for tries in (1, 5, 1_100, 1_000_000):
        assert 0.25 <= pause_after(tries) <= 8.0


def test_without_trying_again_one_failure_is_enough(small_county: County, make_laptop: LaptopMaker) -> None:
    laptop = make_laptop(small_county)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        laptop.workspace.set_state(state.COUNTY_URL, f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(LineError):
            exchange(laptop.workspace, patience=60.0, total=None, again=False, pause=pytest.fail)


def test_someone_who_watches_sees_bytes_speed_and_the_time_that_is_left() -> None:
    now = [0.0]
    seen: list[Progress] = []
    meter = Meter(lambda: now[0])
    meter.told = seen.append
    meter.begin(Phase.FIRST_LOAD, total=100_000)
    assert seen[-1].seconds_left is None
    for _ in range(20):
        now[0] += 0.5
        meter.moved(4_000)
    assert seen[-1] == Progress(Phase.FIRST_LOAD, 80_000, 100_000, 8_000.0)
    assert seen[-1].seconds_left == pytest.approx(2.5)
    meter.begin(Phase.FIRST_LOAD, total=100_000, done=80_000)
    meter.moved(90_000)
    assert seen[-1].done == 100_000
    meter.end()
    count = len(seen)
    meter.moved(10)
    assert len(seen) == count


def test_a_slow_line_shows_its_progress(small_county: County, make_laptop: LaptopMaker, small_county_url: str) -> None:
    laptop = make_laptop(small_county, enrolled=False)
    join_county(laptop.workspace, url=small_county_url, code=small_county.code())
    exchange(laptop.workspace)
    rng = random.Random(1)
    for number in range(60):
        laptop.add_household(number=f"{number:04d}", note=rng.randbytes(200).hex())
    seen: list[Progress] = []
    with bad_line(small_county_url, Faults(kbit=100)) as line:
        laptop.workspace.set_state(state.COUNTY_URL, line.url)
        begun = time.monotonic()
        report = exchange(laptop.workspace, patience=5.0, total=None, watch=Watch(moved=seen.append))
        seconds = time.monotonic() - begun
    assert report.equal
    assert report.bytes_up > 9_000
    assert seconds > 0.7
    assert {one.phase for one in seen} == {Phase.PUSHING}
    assert [one.done for one in seen] == sorted(one.done for one in seen)
    assert seen[-1].done == seen[-1].total
    assert len(laptop.all(Household)) == 60
