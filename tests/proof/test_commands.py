"""The operator's and auditor's commands, and the search for wrong rows over real HTTP."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from county_server.cli import run
from desktop_app.sync.check_sheet import write_check_sheet
from desktop_app.sync.loop import exchange_once
from desktop_app.sync.proof import verify_all
from desktop_app.sync.transport import Line
from tests.counties import County
from tests.damage import BehindTheLaptop, change_row
from tests.laptops import LaptopMaker, only
from tests.workspaces import VILLAGE
from village_core.exchange.receipts import shown_code
from village_core.records.households import Household


def test_an_auditor_checks_what_is_printed(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = make_laptop(small_county)
    laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()
    sheet = write_check_sheet(laptop.workspace, tmp_path / "sheet.pdf", signed=tmp_path / "sheet.tgr")
    place = ["--db", small_county.address]

    assert run([*place, "check-code", VILLAGE, shown_code(sheet.kept.code)]) == 0
    told = capsys.readouterr().out
    assert "是本县开的" in told
    assert "户 1，人 0" in told
    assert run([*place, "--json", "receipt", "check", str(tmp_path / "sheet.tgr")]) == 0
    assert json.loads(capsys.readouterr().out)["root"] == sheet.kept.receipt.root.hex()
    assert run([*place, "check-code", VILLAGE, "2222-2222"]) == 1
    assert "没有开过" in capsys.readouterr().err


def test_an_operator_checks_repairs_and_notes_backups(
    small_county: County, make_laptop: LaptopMaker, capsys: pytest.CaptureFixture[str]
) -> None:
    laptop = make_laptop(small_county)
    household = laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()
    place = ["--db", small_county.address]
    assert run([*place, "check"]) == 0
    assert "都对得上" in capsys.readouterr().out
    with small_county.engine.begin() as connection:
        change_row(connection, "household", household, phone="999")

    assert run([*place, "check", VILLAGE]) == 1
    told = capsys.readouterr()
    assert f"户 {household} 和日志不一样：户联系电话" in told.out
    assert "1 个村对不上" in told.err
    assert run([*place, "check", VILLAGE, "--repair"]) == 0
    assert run([*place, "--json", "check"]) == 0
    capsys.readouterr()
    assert run([*place, "backup-noted", "2026-11-01T08:00:00+08:00"]) == 0
    assert run([*place, "--json", "status"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["last_backup"] == "2026-11-01T00:00:00.000Z"
    assert run([*place, "backup-noted", "gestern"]) == 1
    assert run([*place, "restored"]) == 0
    told = capsys.readouterr().out
    assert "移交过的救助审批权和记账权，改过的人员" in told
    assert laptop.sync().equal


def test_the_search_for_wrong_rows_works_over_http(
    small_county: County, small_county_url: str, make_laptop: LaptopMaker
) -> None:
    laptop = make_laptop(small_county)
    household = laptop.add_household(number="0001", head_name="罗铉")
    laptop.sync()
    with BehindTheLaptop(laptop) as connection:
        change_row(connection, "household", household, head_name="别人")
    verify_all(laptop.workspace)
    line = Line(small_county_url)

    report = exchange_once(laptop.workspace, line)
    line.close()

    assert report.equal
    assert report.round_trips == 3
    assert only(laptop.all(Household)).head_name == "罗铉"
