"""A village that only ever carries sticks is as protected against a rewritten journal as one with a line."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from county_server.proof.journals import check_journals
from desktop_app.storage.backup import write_backup
from desktop_app.storage.workspace import DATABASE_FILE
from desktop_app.sync import bundle
from desktop_app.sync.journal_telling import next_head_by_stick
from desktop_app.sync.state import find_link
from tests import sticks
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker
from tests.storage.test_journal_chain import with_the_key
from tests.sync_e2e.test_journal_heads import _restore, heads, problems, reseal
from tests.workspaces import VILLAGE
from village_core.exchange.journal_heads import MOST_PLACES, Place, pack_places, unpack_head, unpack_places
from village_core.exchange.messages import SyncRequest, Want


def verdicts(county: County) -> list[str]:
    return [verdict for _, verdict in heads(county)]


def forge(laptop: Laptop) -> None:
    with with_the_key(laptop.workspace) as raw:
        raw.execute("UPDATE access_log SET subject = '别家' WHERE kind = 'reveal'")
    reseal(laptop)
    with with_the_key(laptop.workspace) as raw:
        raw.execute("DELETE FROM device_state WHERE key = 'journal.by_stick'")


@pytest.fixture
def laptop(small_county: County, make_laptop: LaptopMaker) -> Laptop:
    """Joined by line, and from then on without one."""
    made = make_laptop(small_county)
    made.sync()
    made.workspace.log_access("reveal", "罗铉家", "证件号码", reason="核对证件")
    return made


def test_heads_follow_one_another_from_stick_to_stick(laptop: Laptop, tmp_path: Path) -> None:
    for number in range(3):
        laptop.add_household(head_name=f"第{number}户")
        sticks.round_trip(laptop, tmp_path / f"stick{number}")
    assert verdicts(laptop.county) == ["first", "follows", "follows", "follows"]
    assert problems(laptop) == []


def test_a_forger_is_named_at_the_county_and_at_the_laptop(laptop: Laptop, tmp_path: Path) -> None:
    sticks.round_trip(laptop, tmp_path / "before")
    forge(laptop)
    assert problems(laptop) == []
    for number in range(2):
        laptop.workspace.log_access("print", "核对单")
        sticks.round_trip(laptop, tmp_path / f"stick{number}")
    assert verdicts(laptop.county).count("rewritten") == 1
    assert any("被改写过" in sentence for sentence in problems(laptop))
    assert "李琼仙的电脑（1 号）" in check_journals(laptop.county.engine, VILLAGE).rewritten[0]


def test_a_forger_who_forgets_what_went_onto_the_sticks_is_named_without_any_way_back(
    laptop: Laptop, tmp_path: Path
) -> None:
    sticks.carry(laptop.county, *sticks.write(laptop, tmp_path / "before"))
    with with_the_key(laptop.workspace) as raw:
        raw.execute("UPDATE access_log SET subject = '别家' WHERE kind = 'reveal'")
    reseal(laptop)
    laptop.workspace.log_access("print", "核对单")
    sticks.carry(laptop.county, *sticks.write(laptop, tmp_path / "after"))
    assert verdicts(laptop.county)[-1] == "rewritten"


def test_sticks_without_a_way_back_and_one_that_is_lost_raise_no_suspicion(laptop: Laptop, tmp_path: Path) -> None:
    for number in range(4):
        laptop.add_household(head_name=f"第{number}户")
        files = sticks.write(laptop, tmp_path / f"stick{number}")
        if number != 2:
            sticks.carry(laptop.county, *files)
    assert verdicts(laptop.county) == ["first", *["follows"] * 3]


def test_a_file_that_is_read_again_and_answered_again_gets_the_same_word(laptop: Laptop, tmp_path: Path) -> None:
    sticks.round_trip(laptop, tmp_path / "before")
    forge(laptop)
    sticks.round_trip(laptop, tmp_path / "between")
    laptop.workspace.log_access("print", "核对单")
    files = sticks.write(laptop, tmp_path / "after")
    sticks.carry(laptop.county, *files, *files)
    before = verdicts(laptop.county)
    assert before[-1] == "rewritten"
    for _ in range(2):
        sticks.bring_back(laptop, sticks.answer(laptop.county, laptop, tmp_path / "after"))
    assert verdicts(laptop.county) == before
    assert any("被改写过" in sentence for sentence in problems(laptop))


def test_a_late_stick_takes_nothing_back_that_was_told_by_line(laptop: Laptop, tmp_path: Path) -> None:
    laptop.workspace.log_access("print", "核对单")
    files = sticks.write(laptop, tmp_path / "late")
    laptop.workspace.log_access("print", "核对单")
    laptop.sync()
    sticks.carry(laptop.county, *files)
    sticks.bring_back(laptop, sticks.answer(laptop.county, laptop, tmp_path / "late"))
    laptop.workspace.log_access("print", "核对单")
    laptop.sync()
    assert verdicts(laptop.county) == ["first", *["follows"] * (len(heads(laptop.county)) - 1)]
    assert problems(laptop) == []


def test_a_restored_laptop_is_told_as_restored(laptop: Laptop, make_laptop: LaptopMaker, tmp_path: Path) -> None:
    sticks.round_trip(laptop, tmp_path / "before")
    backup = tmp_path / "backup.tgb"
    write_backup(laptop.workspace, backup)
    laptop.workspace.log_access("reveal", "王建平家", "证件号码")
    sticks.round_trip(laptop, tmp_path / "later")
    laptop.workspace.close()
    restored = _restore(laptop, make_laptop, backup, tmp_path)
    for number in range(3):
        restored.workspace.log_access("reveal", f"第{number}家", "证件号码")
        sticks.round_trip(restored, tmp_path / f"stick{number}")
    assert "rewritten" not in verdicts(laptop.county)
    assert verdicts(laptop.county).count("restored") == 1
    assert verdicts(laptop.county)[-1] == "follows"
    assert problems(restored) == []


def test_an_older_copy_of_the_file_in_its_place_is_told_as_gone_back(
    laptop: Laptop, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    sticks.round_trip(laptop, tmp_path / "before")
    laptop.workspace.close()
    file = laptop.workspace.folder / DATABASE_FILE
    shutil.copy(file, tmp_path / "older.db")
    laptop = make_laptop.open(laptop.workspace.folder, laptop.workspace.key, laptop.county)
    for name in ("李琼仙", "王建平", "起学英"):
        laptop.workspace.log_access("reveal", f"{name}家", "证件号码")
    sticks.round_trip(laptop, tmp_path / "later")
    laptop.workspace.close()
    shutil.copy(tmp_path / "older.db", file)
    laptop = make_laptop.open(laptop.workspace.folder, laptop.workspace.key, laptop.county)
    for number in range(3):
        laptop.workspace.log_access("print", "核对单")
        sticks.round_trip(laptop, tmp_path / f"stick{number}")
    assert verdicts(laptop.county).count("restored") == 1
    assert "rewritten" not in verdicts(laptop.county)


class _FrozenRequest(msgspec.Struct, array_like=True, frozen=True):
    """A request as programs wrote it that carry no heads on sticks, frozen here."""

    protocol: int
    device: int
    incarnation: int
    schema: int
    acked_seq: int
    head: bytes
    cursor: int
    time: int
    batch: bytes = b""
    signature: bytes = b""
    want: int = 0
    epoch: int = 0
    batch_hash: bytes = b""
    room: int = 0


def test_of_two_disks_that_were_one_when_their_first_stick_was_written_none_is_called_rewritten(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    """Seed 19211 of the simulator: the one place that both had told was that of the stick."""
    laptop = make_laptop(small_county)
    files = sticks.write(laptop, tmp_path / "both")
    copy = make_laptop.clone(laptop, "copy")
    sticks.carry(small_county, *files)
    for one in (laptop, laptop, copy, copy, laptop, copy):
        one.workspace.log_access("print", f"核对单 {one is copy}")
        one.sync()
    assert "rewritten" not in verdicts(small_county)
    assert problems(laptop) == problems(copy) == []


def test_an_older_program_s_stick_is_taken_and_an_older_county_reads_ours(
    laptop: Laptop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = find_link(laptop.workspace)
    assert link is not None
    kept: list[bytes] = []

    def as_frozen(sign: Callable[..., bytes]) -> Callable[..., bytes]:
        def signed(key: object, message: SyncRequest) -> bytes:
            plain = msgspec.msgpack.encode(message)
            older = msgspec.msgpack.decode(plain, type=_FrozenRequest)
            assert asdict(older).items() <= asdict(message).items()
            kept.append(plain)
            return sign(key, older)

        return signed

    sticks.round_trip(laptop, tmp_path / "before")
    before = heads(laptop.county)
    monkeypatch.setattr(bundle, "sign_request", as_frozen(bundle.sign_request))
    laptop.add_household(head_name="旧程序的一户")
    report = sticks.round_trip(laptop, tmp_path / "older")
    assert (report.sent, report.equal) == (1, True)
    assert heads(laptop.county) == before
    monkeypatch.undo()
    first = msgspec.msgpack.decode(kept[0], type=SyncRequest)
    assert first.want & Want.BY_FILE
    assert unpack_head(first.journal) is not None
    assert not msgspec.msgpack.decode(kept[-1], type=SyncRequest).journal or len(kept) == 1
    laptop.add_household(head_name="新程序的一户")
    sticks.round_trip(laptop, tmp_path / "newer")
    assert verdicts(laptop.county)[-1] == "follows"


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.builds(Place, st.integers(0, 1 << 32), st.integers(0, 1 << 32)),
        st.binary(min_size=10, max_size=10),
        max_size=MOST_PLACES,
    ),
    st.binary(max_size=200),
)
def test_places_are_read_back_and_anything_else_is_none(places: dict[Place, bytes], noise: bytes) -> None:
    most = (1 << 32) - 1
    assert unpack_places(pack_places(places)) == {
        Place(min(place.change, most), min(place.access, most)): own for place, own in places.items()
    }
    assert len(unpack_places(noise)) <= MOST_PLACES


def test_only_the_newest_sticks_are_remembered(laptop: Laptop) -> None:
    for number in range(20):
        laptop.workspace.log_access("print", "核对单")
        _, places = next_head_by_stick(laptop.workspace, number.to_bytes(16, "big"))
        assert len(unpack_places(places)) == min(number, MOST_PLACES)
