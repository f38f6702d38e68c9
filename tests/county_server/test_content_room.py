"""Photos of all villages together never take the room of operations: they stop first, and both sides say so."""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert

from county_server.admin.service import add_village
from county_server.auth.devices import KnownDevice
from county_server.cli import run
from county_server.engine import writing
from county_server.problems import RequestRefusedError
from county_server.serving.options import add_room_options, set_room
from county_server.sync.blobs import keep_content
from county_server.sync.content_room import DISK, PHOTOS, ContentLimits, ContentRoom, configured_limits, measure_room
from county_server.tables import blob
from desktop_app.sync import state
from desktop_app.sync.bundle import write_bundle
from tests.counties import County
from tests.county_server.test_chunks import begin, sender_of
from tests.laptops import LaptopMaker
from tests.photos import attach, is_signed_for, noise
from tests.sticks import carry
from village_core.domain.errors import RefusedError
from village_core.exchange.chunks import iterate_chunks, pack_chunks
from village_core.exchange.messages import ALL_VILLAGES, ProblemKind
from village_core.records.households import Household

_ORIGINAL = 500_000
_COPY = 60_000


def room_of(county: County, limits: ContentLimits) -> ContentRoom:
    with county.engine.connect() as connection:
        return measure_room(connection, limits)


def refusal_of(
    county: County, sender: KnownDevice, content: bytes, limits: ContentLimits
) -> tuple[int, ProblemKind, str]:
    with pytest.raises(RequestRefusedError) as refused:
        begin(county, sender, content, limits=limits)
    return refused.value.status, refused.value.problem.kind, refused.value.problem.detail


FULL = (413, ProblemKind.VILLAGE_FULL, ALL_VILLAGES)


def test_the_last_tenth_of_the_room_is_left_to_small_copies(county: County, make_laptop: LaptopMaker) -> None:
    sender = sender_of(make_laptop(county))
    kept = room_of(county, ContentLimits()).kept
    limits = ContentLimits(all_bytes=kept + _ORIGINAL)
    assert refusal_of(county, sender, noise(_ORIGINAL), limits) == FULL
    upload = begin(county, sender, noise(_COPY), limits=limits)
    upload.feed(pack_chunks(iterate_chunks(noise(_COPY))))
    assert upload.finish().receipt
    assert room_of(county, limits).kept >= kept + _COPY
    assert refusal_of(county, sender, noise(399_000, 2), replace(limits, all_bytes=kept + 399_000)) == FULL


def test_what_other_villages_keep_counts_and_so_does_what_was_begun(
    small_county: County, make_laptop: LaptopMaker
) -> None:
    sender = sender_of(make_laptop(small_county))
    other = "532327101202"
    add_village(small_county.engine, other, "和平村", clock=small_county.clock)
    with writing(small_county.engine) as connection:
        row = {"village": other, "sha256": "0" * 64, "size": 30_000, "content": bytes(30_000), "received_at": ""}
        connection.execute(insert(blob).values(row))
    limits = ContentLimits(all_bytes=100_000)
    begin(small_county, sender, noise(_COPY), limits=limits)
    assert room_of(small_county, limits).kept == 90_000
    assert refusal_of(small_county, sender, noise(10_001, 1), limits) == FULL
    begin(small_county, sender, noise(10_000, 1), limits=limits)


def test_a_disk_that_gets_full_takes_operations_and_no_photos(
    county: County, make_laptop: LaptopMaker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limits = ContentLimits(disk=tmp_path, reserve_bytes=shutil.disk_usage(tmp_path).total)
    monkeypatch.setattr("tests.contents_at_county.ContentLimits", lambda: limits)
    laptop = make_laptop(county)
    photo = attach(laptop, noise(_COPY))
    laptop.add_household(number="0001", head_name="罗铉")

    report = laptop.sync()

    assert report.equal
    assert not is_signed_for(laptop, photo.original)
    assert "县里放照片的地方满了" in str(laptop.workspace.state(state.CONTENT_PROBLEM))
    monkeypatch.setattr("tests.contents_at_county.ContentLimits", lambda: replace(limits, reserve_bytes=0))
    laptop.sync()
    assert is_signed_for(laptop, photo.original)
    assert len(laptop.all(Household)) == 1


def test_of_a_sqlite_file_the_disk_is_known_and_a_tenth_of_a_small_one_is_reserved(small_county: County) -> None:
    room = room_of(small_county, ContentLimits())
    usage = shutil.disk_usage(small_county.address)
    assert room.free is not None and abs(room.free - usage.free) < 1 << 30
    assert room.reserve == min(10 << 30, usage.total // 10)


def test_status_tells_what_photos_take_and_when_they_are_not_taken(
    small_county: County, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(PHOTOS, "1")
    assert run(["--db", small_county.address, "status"]) == 0
    assert "照片占 0.0 GB，最多 1.0 GB；盘上还空" in capsys.readouterr().out
    with writing(small_county.engine) as connection:
        row = {"village": "1", "sha256": "0" * 64, "size": 1_000 << 20, "content": b"", "received_at": ""}
        connection.execute(insert(blob).values(row))
    run(["--db", small_county.address, "status"])
    assert "原图暂时不收了，小图和记录照收" in capsys.readouterr().out
    run(["--db", small_county.address, "--json", "status"])
    assert json.loads(capsys.readouterr().out)["photos"]["kept"] == 1_000 << 20


@pytest.mark.parametrize(("name", "value"), [(PHOTOS, "viel"), (PHOTOS, "0"), (DISK, "/kein/solcher")])
def test_settings_that_make_no_sense_are_refused_in_words(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(RefusedError, match=value):
        configured_limits()


def test_what_serve_is_given_reaches_its_workers_and_wins_over_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(PHOTOS, "3")
    monkeypatch.setenv(DISK, "")
    parser = argparse.ArgumentParser()
    add_room_options(parser)
    set_room(parser.parse_args(["--photos", "7", "--disk", str(tmp_path)]))
    limits = configured_limits()
    assert (limits.all_bytes, limits.disk) == (7 << 30, tmp_path)
    assert (limits.village_bytes, limits.reserve_bytes) == (20 << 30, None)


def test_contents_by_stick_keep_to_the_same_limits(
    small_county: County, make_laptop: LaptopMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PHOTOS, "1")
    with writing(small_county.engine) as connection:
        row = {"village": "1", "sha256": "0" * 64, "size": 1 << 30, "content": b"", "received_at": ""}
        connection.execute(insert(blob).values(row))
    content = noise(_COPY)
    with pytest.raises(RequestRefusedError) as refused:
        keep_content(
            small_county.engine,
            sender_of(make_laptop(small_county)),
            hashlib.sha256(content).hexdigest(),
            content=content,
            clock=small_county.clock,
        )
    assert refused.value.problem.detail == ALL_VILLAGES


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (ContentLimits(all_bytes=10), "县里放照片的地方满了：各村合起来"),
        (ContentLimits(village_bytes=10), "县里给这个村放照片的地方满了，别的村不受影响"),
    ],
)
def test_who_reads_a_stick_is_told_whether_this_village_or_all_have_no_room_left(
    small_county: County,
    make_laptop: LaptopMaker,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    limits: ContentLimits,
    words: str,
) -> None:
    laptop = make_laptop(small_county)
    laptop.sync()
    attach(laptop, noise(_COPY))
    laptop.add_household(number="0001", head_name="罗铉")
    write_bundle(laptop.workspace, tmp_path)
    (file,) = tmp_path.glob("V*.vsb")
    monkeypatch.setattr("county_server.sync.blobs.configured_limits", lambda: limits)
    with pytest.raises(RefusedError, match=words) as refused:
        carry(small_county, file)
    assert refused.value.safe == "文件里的改动已经记下，照片没有收完。"
