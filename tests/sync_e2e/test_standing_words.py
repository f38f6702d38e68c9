"""What the page 同步 says, for every way it can stand: never more than was shown, and always what comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.sync import words
from desktop_app.sync.marks import Progress as SoFar
from desktop_app.sync.queries import SyncView
from desktop_app.sync.standing import (
    Doing,
    describe_doing,
    describe_marks,
    describe_notices,
    describe_progress,
    span_words,
)
from desktop_app.sync.trouble import Trouble, trouble_of
from desktop_app.sync.watch import Phase, Progress
from tests.workspaces import NOW

_DOWN = trouble_of(words.not_reached())
_CERTIFICATE = trouble_of(words.wrong_certificate())

_troubles = st.sampled_from([None, _DOWN, _CERTIFICATE])
_so_far = st.builds(
    SoFar,
    enrolled=st.just(True),
    waiting=st.integers(0, 3),
    acked_seq=st.integers(0, 5),
    proved_seq=st.integers(0, 5),
    equal_now=st.booleans(),
    deferred=st.integers(0, 2),
    held=st.integers(0, 2),
    durable_seq=st.just(0),
)
_progress = st.builds(
    Progress,
    phase=st.sampled_from(Phase),
    done=st.integers(0, 1 << 22),
    total=st.integers(0, 1 << 22),
    speed=st.floats(0, 1e6),
)
_seconds = st.none() | st.floats(0, 100_000)
_doings = st.builds(
    Doing,
    running=st.booleans(),
    stopping=st.booleans(),
    stopped=st.booleans(),
    offline=st.booleans(),
    progress=st.none() | _progress,
    waits=_seconds,
    next_try=_seconds,
    trouble=_troubles,
)


@st.composite
def _views(draw: st.DrawFn) -> SyncView:
    so_far = draw(_so_far)
    return SyncView(
        county=None,
        waiting=(("户", so_far.waiting),) if so_far.waiting else (),
        open_questions=0,
        exchanges=(),
        last_equal_at=NOW if so_far.equal_now else draw(st.sampled_from([None, NOW - timedelta(days=3)])),
        paused=draw(st.booleans()),
        skew_minutes=draw(st.integers(-5000, 5000)),
        so_far=so_far,
        trouble=draw(_troubles),
        restored=draw(st.booleans()),
    )


@given(_views(), _doings)
def test_nothing_is_called_equal_before_equality_was_shown(view: SyncView, doing: Doing) -> None:
    _, received, equal = describe_marks(view, NOW)
    shown = view.so_far.equal_now and not view.so_far.waiting and not view.so_far.deferred
    assert equal.reached == (shown and (view.trouble is None or view.trouble.patient))
    assert received.reached == (view.so_far.waiting == 0)
    told = describe_doing(view, doing).words
    assert told
    if "也都核对过" in told:
        assert shown


@given(_views(), _doings)
def test_what_a_person_has_to_do_is_told_with_what_is_safe_and_waiting_is_no_task(
    view: SyncView, doing: Doing
) -> None:  # fmt: skip
    trouble: Trouble | None = doing.trouble or view.trouble
    told = [one.words for one in describe_notices(view, doing, NOW)]
    asked = trouble is not None and not trouble.patient and not doing.running
    assert (trouble is not None and trouble.words in told) == asked
    if view.paused and not doing.running:
        assert "自己再试" not in describe_doing(view, doing).words


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(None, "一会儿"), (0, "1 秒"), (11.2, "12 秒"), (59.5, "60 秒"), (61, "2 分钟"), (7300, "2 小时")],
)
def test_how_long_it_still_takes_is_told_in_words(seconds: float | None, told: str) -> None:
    assert span_words(seconds) == told


def test_time_left_does_not_jump_about() -> None:
    moving = Progress(Phase.FIRST_LOAD, 10_000, 310_000, speed=7_000)
    assert describe_progress(moving) == ("正在取全村的资料：已取 10 KB / 共 303 KB，这条线路大约 7 KB/秒，还要约 50 秒")
    assert describe_progress(replace(moving, done=13_000)).endswith("还要约 50 秒")
    assert describe_progress(replace(moving, total=0, done=0)) == "正在取全村的资料…"
    assert describe_progress(replace(moving, speed=0)).endswith("共 303 KB")
    assert describe_progress(replace(moving, done=310_000)).endswith("，等县里回话")
