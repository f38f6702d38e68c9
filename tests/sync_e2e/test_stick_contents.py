"""Photos on a stick: brought with a receipt for each, fetched by whoever lacks them; and both command lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from county_server.cli import run as run_county
from county_server.sync.bundles import State
from desktop_app.cli import run as run_laptop
from desktop_app.storage.access_log import list_access
from desktop_app.storage.contents import has_receipt, want_content
from desktop_app.storage.watermark import watermark_of
from desktop_app.sync.bundle import write_bundle
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from tests.pdf_kit.reading import squeezed
from tests.photos import attach
from tests.sticks import answer, bring_back, carry, round_trip, write
from tests.workspaces import PASSPHRASE
from village_core.records.households import Household

PHOTO = bytes(range(256)) * 4000
"""Larger than what a thin line takes without being asked."""


def test_a_stick_does_what_the_line_does_on_either_database(
    county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    one, other = make_laptop(county), make_laptop(county)
    one.add_household(head_name="李家")
    name = attach(one, PHOTO).original
    other.add_household(head_name="王家")
    other.sync()
    report = round_trip(one, tmp_path / "stick")
    assert (report.receipts, report.equal) == (1, True)
    assert signed_for(one, name)
    assert round_trip(other, tmp_path / "other").received > 0
    want_content(other.workspace, name)
    assert round_trip(other, tmp_path / "again").contents == 1
    assert other.workspace.attachments.get(name) == PHOTO
    assert signed_for(other, name)
    assert {one.head_name for one in other.all(Household)} == {"李家", "王家"}
    sync_until_quiet(one, other)


def test_parts_with_photos_are_read_in_any_order(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    names = [attach(laptop, PHOTO + bytes([number])).original for number in range(3)]
    files = write(laptop, tmp_path / "stick", part_limit=1_200_000)
    assert len(files) == 3
    assert max(file.stat().st_size for file in files) < 1_200_000
    reports = carry(small_county, *reversed(files))
    assert {one.state for one in reports} == {State.DONE}
    report = bring_back(laptop, answer(small_county, laptop, tmp_path / "stick"))
    assert report.receipts == 3
    assert all(signed_for(laptop, name) for name in names)
    sync_until_quiet(laptop)
    assert write_bundle(laptop.workspace, tmp_path).contents == 0


def test_both_command_lines_carry_a_stick(
    small_county: County,
    make_laptop: LaptopMaker,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TIANGENG_PASSPHRASE", PASSPHRASE)
    laptop = make_laptop(small_county)
    laptop.add_household(head_name="李家")
    stick, back = tmp_path / "stick", tmp_path / "back"
    stick.mkdir()
    back.mkdir()
    at_laptop = ["--data", str(laptop.workspace.folder), "--json"]
    at_county = ["--db", small_county.address, "--json"]

    assert run_laptop([*at_laptop, "bundle", "write", str(stick), "--slip", str(stick / "slip.pdf")]) == 0
    written = json.loads(capsys.readouterr().out)
    assert {"operations", "applied", "held"} <= written.keys()
    assert (written["operations"] > 0, written["applied"]) == (True, 0)
    with laptop.workspace.reader() as reader:
        mark = watermark_of(laptop.workspace, reader)
        printed = [one.detail for one in list_access(reader.session) if one.kind == "print"]
    both = squeezed((stick / "slip.pdf").read_bytes())
    assert both.count(f"{mark.village}{mark.who}{mark.at:%Y-%m-%d}") == 2, "it is cut in two: each half says who"
    assert printed == [f"存为文件 slip.pdf，U 盘码 {written['code']}"]

    (stick / "V-nonsense.vsb").write_bytes(b"nonsense")
    assert run_county([*at_county, "bundle", "read", str(stick), "--answer", str(back)]) == 0
    captured = capsys.readouterr()
    read = json.loads(captured.out)
    assert (read["operations"], read["applied"], read["held"]) == (written["operations"], written["operations"], 0)
    assert read["files"][0]["code"] == written["code"]
    assert "V-nonsense.vsb 不是田埂的 U 盘文件" in captured.err
    assert run_county([*at_county, "bundle", "read", str(stick / "V-nonsense.vsb")]) == 1
    assert "不是田埂的" in capsys.readouterr().err
    assert run_county([*at_county, "bundle", "write", "1", str(back)]) == 0
    assert json.loads(capsys.readouterr().out)["answers"][0]["code"] == written["code"]
    assert run_county(["--db", small_county.address, "bundle", "write", "77", str(back)]) == 1
    assert "还没有收过 77 号电脑" in capsys.readouterr().err

    assert run_laptop([*at_laptop, "bundle", "read", str(back)]) == 0
    first = json.loads(capsys.readouterr().out)
    assert (first["sent"], first["equal"]) == (written["operations"], True)
    assert first["operations"] == first["applied"]
    assert run_laptop([*at_laptop, "bundle", "read", str(back)]) == 0
    assert json.loads(capsys.readouterr().out)["applied"] == 0
    assert run_laptop([*at_laptop, "bundle", "read", str(stick)]) == 1
    assert "没有县里给这台电脑的回执" in capsys.readouterr().err
    assert run_laptop([*at_laptop, "bundle", "read", str(stick / "not there")]) == 3
    assert run_laptop([*at_laptop, "bundle", "write", str(tmp_path / "no folder" / "V.vsb")]) == 3


def signed_for(laptop: Laptop, name: str) -> bool:
    with laptop.workspace.engine.connect() as connection:
        return has_receipt(connection, name)
