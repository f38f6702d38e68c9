"""Wrong tries: the wait grows, and neither a restart nor a changed clock shortens it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_app.bootstrap import open_workspace
from desktop_app.storage.access_log import list_access
from desktop_app.storage.entry_guard import ENTRY_FILE, FREE_TRIES, WAITS, EntryGuard, WaitError
from desktop_app.storage.key_file import WrongPassphraseError
from tests.keys.conftest import Village
from tests.workspaces import PASSPHRASE

WRONG = "没有这句口令呀呀"


class Machine:
    """A machine's monotonic clock."""

    def __init__(self) -> None:
        self.seconds = 5_000.0

    def __call__(self) -> float:
        return self.seconds


def test_five_wrong_tries_then_1_5_15_60_60_minutes(tmp_path: Path) -> None:
    machine = Machine()
    guard = EntryGuard(tmp_path, monotonic=machine)
    waits = []
    for _ in range(FREE_TRIES - 1):
        assert guard.note_wrong() == 0
        guard.check()
    for _ in range(5):
        waits.append(guard.note_wrong())
        with pytest.raises(WaitError, match="还要等"):
            guard.check()
        machine.seconds += waits[-1] - 1
        assert guard.remaining() == pytest.approx(1)
        machine.seconds += 1
        guard.check()
    assert waits == [*WAITS, WAITS[-1]]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["wait", "restart program", "reboot"]), st.floats(0, 400)), max_size=12))
def test_whatever_is_restarted_nobody_waits_less_than_was_said(tmp_path: Path, story: list[tuple[str, float]]) -> None:
    (tmp_path / ENTRY_FILE).unlink(missing_ok=True)
    machine = Machine()
    guard = EntryGuard(tmp_path, monotonic=machine)
    for _ in range(FREE_TRIES + 1):
        guard.note_wrong()
    passed = 0.0
    for what, seconds in story:
        if what == "reboot":
            machine.seconds = 0.0
        if what != "wait":
            guard = EntryGuard(tmp_path, monotonic=machine)
        machine.seconds += seconds
        passed += seconds
        left = guard.remaining()
        assert left >= WAITS[1] - passed - 1e-6
        if what == "wait" and not any(one == "reboot" for one, _ in story):
            assert left == pytest.approx(max(0, WAITS[1] - passed), abs=0.001)


def test_the_time_of_day_plays_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    guard = EntryGuard(tmp_path, monotonic=Machine())
    for _ in range(FREE_TRIES):
        guard.note_wrong()
    monkeypatch.setattr(time, "time", lambda: 4e9)
    assert EntryGuard(tmp_path, monotonic=Machine()).remaining() == WAITS[0]


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xff", b'{"wrong": "x"}', b"[1]"])
def test_a_damaged_count_starts_anew_and_locks_nobody_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ENTRY_FILE).write_bytes(content)
    guard = EntryGuard(tmp_path)
    guard.check()
    guard.note_wrong()
    assert guard.wrong == 1


def test_a_count_that_somebody_raised_waits_an_hour_at_most(tmp_path: Path) -> None:
    (tmp_path / ENTRY_FILE).write_text('{"wrong": 9, "wait": 1e300, "mark": 0, "last": "", "tries": []}')
    assert EntryGuard(tmp_path, monotonic=lambda: 0.0).remaining() <= WAITS[-1]


def test_while_one_waits_even_the_right_passphrase_is_not_tried(village: Village) -> None:
    folder = village.workspace.folder
    for number in range(FREE_TRIES):
        with pytest.raises(WrongPassphraseError, match="还要等 1 分钟" if number == FREE_TRIES - 1 else "口令不对"):
            open_workspace(folder, WRONG)
    with pytest.raises(WaitError):
        open_workspace(folder, PASSPHRASE)


def test_wrong_tries_are_journalled_when_it_opens_and_then_forgotten(village: Village) -> None:
    folder = village.workspace.folder
    for _ in range(3):
        with pytest.raises(WrongPassphraseError):
            open_workspace(folder, WRONG)
    for _ in range(2):
        open_workspace(folder, PASSPHRASE).close()
    with village.workspace.reader() as reader:
        told = [entry.detail for entry in list_access(reader.session) if entry.kind == "wrong_try"]
    assert len(told) == 1 and told[0].startswith("口令试错 3 次：")
    assert EntryGuard(folder).wrong == 0
    assert WRONG not in (folder / ENTRY_FILE).read_text()
