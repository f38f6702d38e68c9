"""21: a bundle imported twice, out of order, truncated, bit-flipped, for another village, by a revoked device."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from county_server.admin.service import add_village, revoke_device
from county_server.engine import open_database
from county_server.sync.bundles import State
from county_server.tables import bundle_part, oplog, refused_batch
from desktop_app.bootstrap import create_workspace
from desktop_app.sync.bundle import write_bundle
from desktop_app.sync.outbox import freeze_all
from desktop_app.sync.state import find_link
from desktop_app.sync.words import DeviceStoppedError
from tests.counties import County, new_sqlite, opened_county
from tests.laptops import DirectLine, Laptop, LaptopMaker, join, sync_until_quiet
from tests.sticks import answer, bring_back, carry, part_with, round_trip, write
from tests.workspaces import NOW, PASSPHRASE
from village_core.domain.clock import FixedClock
from village_core.domain.errors import RefusedError
from village_core.exchange.bundle_frames import Fault
from village_core.exchange.messages import SyncRequest
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


def test_a_laptop_without_changes_fetches_what_others_did(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    one, other = make_laptop(small_county), make_laptop(small_county)
    sync_until_quiet(one, other)
    elsewhere = other.add_household(head_name="王家")
    other.sync()
    report = round_trip(one, tmp_path / "stick")
    assert (report.sent, report.received, report.equal) == (0, 1, True)
    assert one.get(Household, elsewhere).head_name == "王家"


def test_read_twice_it_is_answered_alike_and_applied_once(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(head_name="李家")
    [file] = write(laptop, tmp_path / "stick")
    [first] = carry(small_county, file)
    before = count(small_county)
    [again] = carry(small_county, file)
    assert (first.state, again.state) == (State.DONE, State.DONE)
    assert first.applied == first.operations > 0
    assert again.applied == 0
    assert "早就收过" in again.words
    assert count(small_county) == before
    back = answer(small_county, laptop, tmp_path / "stick")
    assert bring_back(laptop, back).sent > 0
    late = bring_back(laptop, back)
    assert (late.sent, late.received, late.applied) == (0, 0, 0)
    sync_until_quiet(laptop)


def test_a_part_that_comes_too_early_waits_and_goes_with_the_one_before(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    first, *others = write_parts(laptop, tmp_path / "stick")
    early = carry(small_county, *reversed(others))
    assert {one.state for one in early} == {State.WAITING}
    assert "还缺同一次的第 1 份。" in early[-1].words
    assert "第 1 份、第 2 份" in early[0].words
    before = count(small_county)
    done = carry(small_county, first)
    assert {one.state for one in done} == {State.DONE}
    assert len(done) == len(others) + 1
    assert sum(one.applied for one in done) == count(small_county) - before
    assert bring_back(laptop, answer(small_county, laptop, tmp_path / "stick")).equal
    sync_until_quiet(laptop)


@pytest.mark.parametrize("marks", [False, True])
def test_a_file_that_continues_another_waits_for_it(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marks: bool
) -> None:
    """At a county that was restored, for only there can it be missing. A laptop that tells marks shows it that."""
    laptop = make_laptop(small_county)
    if not marks:
        monkeypatch.setattr("desktop_app.sync.bundle.SyncRequest", lambda **said: SyncRequest(**said | {"mark": b""}))
    laptop.add_household(head_name="李家")
    sync_until_quiet(laptop)
    yesterday = copy_of(small_county, tmp_path / "yesterday.db")
    laptop.add_household(head_name="王家")
    [first] = write(laptop, tmp_path / "one")
    carry(small_county, first)
    bring_back(laptop, answer(small_county, laptop, tmp_path / "one"))
    laptop.add_household(head_name="起家")
    [second] = write(laptop, tmp_path / "two")
    [early] = carry(yesterday, second)
    assert early.state is State.WAITING
    assert "还缺这台电脑的第" in early.words
    reports = carry(yesterday, first)
    assert [one.state for one in reports] == [State.DONE, State.FORK if marks else State.DONE]
    if marks:
        assert "现在轮到了：县里从备份恢复过" in reports[1].words
        laptop.county, laptop.line = yesterday, DirectLine(yesterday)
        assert bring_back(laptop, answer(yesterday, laptop, tmp_path / "two")).begun_again
        assert round_trip(laptop, tmp_path / "three").equal
    assert count(yesterday) == count(small_county) + 1
    yesterday.engine.dispose()


def test_a_second_file_holds_what_a_lost_first_one_held(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(head_name="李家")
    [lost] = write(laptop, tmp_path / "lost")
    laptop.add_household(head_name="王家")
    [second] = write(laptop, tmp_path / "second")
    [report] = carry(small_county, second)
    assert report.applied == report.operations
    [found] = carry(small_county, lost)
    assert (found.state, found.applied) == (State.DONE, 0)
    assert bring_back(laptop, answer(small_county, laptop, tmp_path)).equal
    sync_until_quiet(laptop)


def test_no_shortened_file_is_taken(small_county: County, make_laptop: LaptopMaker, tmp_path: Path) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(head_name="李家")
    [file] = write(laptop, tmp_path / "stick")
    whole = file.read_bytes()
    for length in {*range(1, 60), *range(60, len(whole), 97), len(whole) - 1}:
        file.write_bytes(whole[:length])
        with pytest.raises(RefusedError, match="不完整"):
            carry(small_county, file)
    assert untouched(small_county)
    file.write_bytes(whole)
    assert carry(small_county, file)[0].state is State.DONE


def test_no_file_with_a_flipped_bit_is_taken(small_county: County, make_laptop: LaptopMaker, tmp_path: Path) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(head_name="李家")
    [file] = write(laptop, tmp_path / "stick")
    whole = file.read_bytes()
    for at in {*range(40), *range(40, len(whole), 53), *range(len(whole) - 45, len(whole))}:
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
        with pytest.raises(RefusedError, match=r"有损坏|不完整|不是田埂|更新的程序|回执") as refused:
            carry(small_county, file)
        assert "没有从这个文件里记下任何东西" in refused.value.safe
    assert untouched(small_county)


def test_a_file_for_another_county_is_refused(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path, sqlite_template: Path
) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(head_name="李家")
    [file] = write(laptop, tmp_path / "stick")
    with opened_county(new_sqlite(sqlite_template, tmp_path)) as elsewhere:
        # A template is one database: give the other county keys of its own.
        elsewhere = with_new_keys(elsewhere)
        with pytest.raises(RefusedError, match="不是给这个县的"):
            carry(elsewhere, file)
        assert untouched(elsewhere)


def test_a_way_back_for_another_village_or_another_laptop_is_refused(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    one, other = make_laptop(small_county), make_laptop(small_county)
    stranger = laptop_of_another_village(small_county, tmp_path / "stranger")
    one.add_household(head_name="李家")
    carry(small_county, *write(one, tmp_path / "stick"))
    back = answer(small_county, one, tmp_path / "stick")
    for wrong in (other, stranger):
        with pytest.raises(RefusedError, match="不是给这台电脑的"):
            bring_back(wrong, back)
    assert bring_back(one, back).sent > 0
    stranger.workspace.close()


def test_the_two_ways_are_not_confused(small_county: County, make_laptop: LaptopMaker, tmp_path: Path) -> None:
    laptop = make_laptop(small_county)
    [file] = write(laptop, tmp_path / "stick")
    with pytest.raises(RefusedError, match="是要送到县里去的"):
        bring_back(laptop, file)
    carry(small_county, file)
    with pytest.raises(RefusedError, match="是县里给村里的回执"):
        carry(small_county, answer(small_county, laptop, tmp_path / "stick"))


def test_what_a_revoked_device_brings_is_archived_and_not_applied(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    sync_until_quiet(laptop)
    laptop.add_household(head_name="李家")
    [file] = write(laptop, tmp_path / "stick")
    revoke_device(small_county.engine, number_of(laptop))
    before = count(small_county)
    [report] = carry(small_county, file)
    assert (report.state, report.applied) == (State.REVOKED, 0)
    assert "已经停用" in report.words
    assert count(small_county) == before
    with small_county.engine.connect() as connection:
        archived = connection.scalars(select(refused_batch.c.content)).all()
    link = find_link(laptop.workspace)
    assert link is not None
    assert archived == [one.content for one in freeze_all(laptop.workspace, link)]
    with pytest.raises(DeviceStoppedError, match="县里已经停用了这台电脑"):
        bring_back(laptop, answer(small_county, laptop, tmp_path / "stick"))


def test_an_old_way_back_that_comes_late_fills_its_place_or_is_passed_over(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    one, other = make_laptop(small_county), make_laptop(small_county)
    sync_until_quiet(one, other)
    one.add_household(head_name="李家")
    carry(small_county, *write(one, tmp_path / "first"))
    old = answer(small_county, one, tmp_path / "first")
    elsewhere = other.add_household(head_name="王家")
    other.sync()
    one.add_household(head_name="起家")
    carry(small_county, *write(one, tmp_path / "second"))
    new = answer(small_county, one, tmp_path / "second")
    assert bring_back(one, old).sent == 1
    assert bring_back(one, new).equal
    assert one.get(Household, elsewhere).head_name == "王家"
    assert bring_back(one, old).applied == 0
    one.edit(Household, elsewhere, note="改过")
    sync_until_quiet(one, other)
    assert bring_back(one, new).applied == 0
    assert one.get(Household, elsewhere).note == "改过"
    sync_until_quiet(one, other)


def test_what_is_no_file_of_ours_is_told_from_one_of_a_newer_program(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    [file] = write(laptop, tmp_path / "stick")
    whole = file.read_bytes()
    for content, words in (
        (b"", "不是田埂的"),
        (b"PK\x03\x04 an archive", "不是田埂的"),
        (whole[:13] + b"\x02" + whole[14:], "更新的程序"),
        (part_with(laptop, suite="sm2 sm3 sm4"), "更新的程序"),
    ):
        file.write_bytes(content)
        with pytest.raises(RefusedError, match=words):
            carry(small_county, file)
    assert untouched(small_county)


def test_a_file_that_somebody_else_signed_or_locked_anew_is_refused(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(head_name="李家")
    [file] = write(laptop, tmp_path / "stick")
    for forged in (
        part_with(laptop, signed_by_another=True),
        part_with(laptop, recipients=["age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg"]),
        part_with(laptop, village="532327101299"),
        part_with(laptop, device=77),
    ):
        file.write_bytes(forged)
        with pytest.raises(RefusedError, match="签名对不上"):
            carry(small_county, file)
    assert untouched(small_county)
    assert Fault.FORGED.value


def test_a_cloned_laptop_is_told_apart_and_loses_nothing(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(head_name="李家")
    sync_until_quiet(laptop)
    clone = make_laptop.clone(laptop, "clone")
    laptop.add_household(head_name="王家")
    carry(small_county, *write(laptop, tmp_path / "one"))
    clone.add_household(head_name="起家")
    [file] = write(clone, tmp_path / "two")
    first, again = carry(small_county, file, file)
    assert (first.state, again.state) == (State.FORK, State.FORK)
    report = bring_back(clone, answer(small_county, clone, tmp_path / "two"))
    assert report.begun_again
    assert round_trip(clone, tmp_path / "three").sent == 1
    sync_until_quiet(laptop, clone)
    assert {one.head_name for one in clone.all(Household)} == {"李家", "王家", "起家"}


def write_parts(laptop: Laptop, stick: Path) -> list[Path]:
    """Several batches in several files."""
    for number in range(3):
        laptop.add_household(number=f"{number:04}", head_name="人多")
    link = find_link(laptop.workspace)
    assert link is not None
    freeze_all(laptop.workspace, link, size_limit=1)
    stick.mkdir()
    files = list(write_bundle(laptop.workspace, stick, part_limit=66_500).paths)
    assert len(files) > 2
    return files


def copy_of(county: County, path: Path) -> County:
    assert county.engine.url.database
    county.engine.dispose()
    shutil.copy(county.engine.url.database, path)
    return County(str(path), open_database(str(path)), county.clock)


def with_new_keys(county: County) -> County:
    from county_server.auth.identity import ensure_keys
    from county_server.engine import writing
    from county_server.tables import county_key

    with writing(county.engine) as connection:
        connection.execute(county_key.delete())
        ensure_keys(connection, clock=county.clock)
    return county


def laptop_of_another_village(county: County, folder: Path) -> Laptop:
    add_village(county.engine, "532327101202", "向阳村", clock=county.clock)
    workspace = create_workspace(
        folder, village="532327101202", name="向阳村", person="罗铉", passphrase=PASSPHRASE, clock=FixedClock(NOW)
    )
    laptop = Laptop(workspace, county)
    join(laptop, code=county.code("文书", "532327101202"))
    laptop.sync()
    return laptop


def number_of(laptop: Laptop) -> int:
    return int(laptop.workspace.state("device") or 0)


def count(county: County) -> int:
    """Operations that the county knows."""
    query = select(func.count()).select_from(oplog)
    with county.engine.connect() as connection:
        return connection.scalar(query.where(oplog.c.device > 0)) or 0


def untouched(county: County) -> bool:
    with county.engine.connect() as connection:
        parts = connection.scalar(select(func.count()).select_from(bundle_part))
    return count(county) == 0 and parts == 0
