"""The command line as scripts use it: JSON alone on stdout, the exit status, and nothing of Qt."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from desktop_app.cli import run
from desktop_app.demo.people import make_village, write_sheet
from tests.workspaces import PASSPHRASE, VILLAGE, MakeWorkspace


class CommandLine:
    """Runs commands in this process on one workspace."""

    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self._capsys = capsys

    def __call__(self, *arguments: str, status: int = 0) -> Any:
        self._capsys.readouterr()
        found = run(["--data", str(self.data), *arguments, "--json"])
        captured = self._capsys.readouterr()
        assert found == status, captured.err
        self.stderr = captured.err
        return json.loads(captured.out)


@pytest.fixture
def command(
    make_workspace: MakeWorkspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> CommandLine:
    monkeypatch.setenv("TIANGENG_PASSPHRASE", PASSPHRASE)
    workspace = make_workspace("cli")
    workspace.close()
    return CommandLine(workspace.folder, capsys)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "农户.xlsx"
    write_sheet(path, make_village(3, 12))
    return path


def test_init_makes_a_workspace_and_says_its_village(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIANGENG_PASSPHRASE", PASSPHRASE)
    command = CommandLine(tmp_path / "new", capsys)
    assert command("init", "--village", VILLAGE, "--name", "太平村") == {"village": VILLAGE, "device": 0}
    assert command("verify")["ok"] is True
    refused = command("init", "--village", VILLAGE, "--name", "太平村", status=1)
    assert "已经有一份" in refused["error"]


def test_an_import_dry_run_gives_the_same_figures_and_writes_nothing(command: CommandLine, sheet: Path) -> None:
    dry = command("import", "households", str(sheet), "--dry-run")
    assert command("search", "李")["hits"] == []
    done = command("import", "households", str(sheet))
    assert dry == done
    assert done["created"] == done["rows"] > 12
    again = command("import", "households", str(sheet))
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, done["rows"])


def test_an_export_comes_back_unchanged(command: CommandLine, sheet: Path, tmp_path: Path) -> None:
    rows = command("import", "households", str(sheet))["rows"]
    export = tmp_path / "export.xlsx"
    assert command("export", "households", str(export)) == {"rows": rows}
    again = command("import", "households", str(export))
    assert (again["unchanged"], again["created"], again["updated"]) == (rows, 0, 0)


def test_search_finds_by_part_of_name_and_number(command: CommandLine, sheet: Path) -> None:
    command("import", "households", str(sheet))
    person = make_village(3, 12)[0]
    for text in (person["姓名"][:2], person["证件号码"][-6:]):
        hits = command("search", text)["hits"]
        assert person["姓名"] in [hit["name"] for hit in hits]
        assert set(hits[0]) == {"household", "person", "name", "group"}
    assert len(command("search", "5", "--limit", "3")["hits"]) == 3


def test_an_empty_village_has_no_cases_and_an_empty_trial_balance(command: CommandLine) -> None:
    assert command("case", "list") == {"cases": []}
    assert command("report", "trial-balance", "--from", "2026-01-01", "--to", "2026-12-31") == {"rows": []}


def test_a_backup_restores(command: CommandLine, sheet: Path, tmp_path: Path) -> None:
    written = command("backup", str(tmp_path / "a.tgb"))
    command("import", "households", str(sheet))
    restored = command("restore", str(tmp_path / "a.tgb"))
    assert written == restored
    assert command("search", "李")["hits"] == []
    (tmp_path / "a.tgb").write_bytes((tmp_path / "a.tgb").read_bytes()[:-100])
    assert "不完整" in command("restore", str(tmp_path / "a.tgb"), status=1)["error"]


def test_a_wrong_passphrase_is_a_matter_of_the_environment(
    command: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIANGENG_PASSPHRASE", "not the passphrase")
    assert "口令不对" in command("verify", status=3)["error"]
    assert "口令不对" in command.stderr


def test_a_missing_file_is_said(command: CommandLine, tmp_path: Path) -> None:
    answer = command("import", "households", str(tmp_path / "nowhere.xlsx"), status=1)
    assert "找不到" in answer["error"]


def test_a_case_that_is_not_there_is_refused(command: CommandLine, tmp_path: Path) -> None:
    for case in ("01a205e1-f509-70ed-926e-8f9bb627c1e5", "nonsense"):
        pdf = tmp_path / "x.pdf"
        assert command("notice", "relief", "--case", case, "--pdf", str(pdf), status=1)["error"]
        assert command("archive", "--case", case, "--pdf", str(pdf), status=1)["error"]
        assert not pdf.exists()


def test_verify_reports_damage_with_status_one(command: CommandLine, sheet: Path) -> None:
    command("import", "households", str(sheet))
    command.data = shutil.copytree(command.data, command.data.with_name("damaged"))
    database = command.data / "village.db"
    content = bytearray(database.read_bytes())
    content[len(content) * 3 // 4] ^= 0xFF
    database.write_bytes(bytes(content))
    report = command("verify", status=1)
    assert report["ok"] is False
    assert report["problems"]


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["import"], ["report", "trial-balance", "--from", "2026"], ["init"]]
)
def test_wrong_usage_is_status_two(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        run(arguments)
    assert stop.value.code == 2


def test_options_are_taken_before_and_after_the_command(
    command: CommandLine, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TIANGENG_PASSPHRASE")
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE + "\n", encoding="utf-8")
    options = ["--data", str(command.data), "--passphrase-file", str(secret), "--json"]
    for arguments in ([*options, "case", "list"], ["case", "list", *options], ["case", *options, "list"]):
        assert run(arguments) == 0
        assert json.loads(capsys.readouterr().out) == {"cases": []}


def test_the_command_line_never_loads_qt(command: CommandLine, sheet: Path) -> None:
    script = (
        "import sys; from desktop_app.cli import run;"
        f"run(['--data', {str(command.data)!r}, 'import', 'households', {str(sheet)!r}]);"
        f"run(['--data', {str(command.data)!r}, 'verify']);"
        "import desktop_app.archive.service, desktop_app.notices.service, desktop_app.sync.loop;"
        "sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


def test_a_machine_without_a_screen_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert run(["--data", str(tmp_path)]) == 3
    assert "没有图形界面" in capsys.readouterr().err
