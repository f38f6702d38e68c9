"""The file for support: what it tells, and that nobody's data are in it."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from sqlalchemy import text

from desktop_app.cli import run
from desktop_app.journal.queries import JournalFilter, list_journal
from desktop_app.shell.crash_report import write_crash_report
from desktop_app.shell.help_dialog import HelpDialog
from desktop_app.shell.main_window import MainWindow
from desktop_app.storage.workspace import Workspace
from desktop_app.support.diagnosis import diagnose, diagnose_folder, save_diagnosis
from desktop_app.support.screens.diagnosis_dialog import DiagnosisDialog, screen_facts
from desktop_app.sync import state
from desktop_app.window.support import start_support
from tests.workspaces import NOW, PASSPHRASE, VILLAGE
from village_core.domain.ids import new_id
from village_core.records.households import Household

NAME, NUMBER, PHONE, ADDRESS = "欧阳诊断", "532327196504177654", "13887812399", "杨家箐村小组十七号"
HOST, TOLD = "xian-secret.example", "太平村的欧阳诊断家不一致"
VILLAGE_NAME, CLERK = "太平村", "李琼仙"


def plant(workspace: Workspace) -> None:
    """Made-up people in every place from which a diagnosis reads, or which it might be tempted to read."""
    with workspace.unit_of_work(reason=f"{NAME}来办") as uow:
        uow.session.add(
            Household(village=uow.village, id=new_id(), head_name=NAME, phone=PHONE, group_name=ADDRESS, number=NUMBER)
        )
        uow.commit()
    workspace.drafts.save("household:new", {"head_name": NAME, "id_number": NUMBER})
    values = {
        state.COUNTY_URL: f"https://{HOST}/?token=hush",
        state.COUNTY_VILLAGE: VILLAGE_NAME,
        state.CURSOR: NAME,
        state.LAST_EQUAL_AT: PHONE,
        "sync.trouble": json.dumps({"what": TOLD, "safe": "", "next_step": "", "patient": False}),
    }
    for key, value in values.items():
        workspace.set_state(key, value)
    with workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO exchange_log (at, outcome, sent, received, bytes_up, bytes_down, equal, message)"
                " VALUES (:name, :name, 1, 2, 3, 4, 1, :told)"
            ),
            {"name": NAME, "told": TOLD},
        )
    try:
        raise ValueError(f"{NAME} {NUMBER}")
    except ValueError as error:
        write_crash_report(error, workspace.folder, now=NOW)


def secrets(folder: Path) -> list[bytes]:
    words = [
        NAME,
        NUMBER,
        PHONE,
        ADDRESS,
        HOST,
        "hush",
        TOLD,
        VILLAGE,
        VILLAGE_NAME,
        CLERK,
        str(folder),
        str(Path.home()),
    ]
    return [word.encode(code) for word in words for code in ("utf-8", "gb18030", "utf-16-le")]


def contents(file: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(file) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def assert_nobody_is_in(file: Path, folder: Path) -> None:
    for name, content in contents(file).items():
        found = [word for word in secrets(folder) if word in content or word in name.encode()]
        assert found == [], name


def test_no_byte_of_anybody_is_in_a_diagnosis(workspace: Workspace, tmp_path: Path) -> None:
    plant(workspace)
    target = tmp_path / "told.zip"
    save_diagnosis(diagnose(workspace), target)
    assert_nobody_is_in(target, workspace.folder)


def test_a_diagnosis_tells_what_support_asks_for_first(workspace: Workspace, tmp_path: Path) -> None:
    plant(workspace)
    diagnosis = diagnose(workspace)
    told = {title: dict(facts) for title, facts in diagnosis.sections}
    assert told["资料的行数"]["household"] == "1"
    assert told["资料的行数"]["结构的版本"]
    assert told["同步"]["登记"] == "已登记"
    assert told["同步"]["上次交换"] == "有问题，要人处理"
    assert told["文件"]["磁盘剩余"].endswith("字节")
    assert told["程序"]["sqlcipher3"] != "—"
    assert "检查" in told
    assert "ValueError" in diagnosis.reports[0][1]
    target = tmp_path / "told.zip"
    save_diagnosis(diagnosis, target)
    assert contents(target)["diagnosis.txt"].decode() == diagnosis.text
    assert set(contents(target)) == {"diagnosis.txt", "diagnosis.json", f"reports/{diagnosis.reports[0][0]}"}


def test_a_laptop_that_does_not_open_can_be_told_of(workspace: Workspace, tmp_path: Path) -> None:
    plant(workspace)
    workspace.close()
    target = tmp_path / "told.zip"
    assert run(["--data", str(workspace.folder), "diagnostics", str(target), "--closed"]) == 0
    assert_nobody_is_in(target, workspace.folder)
    assert "【文件】" in diagnose_folder(workspace.folder, now=NOW).text


def test_the_command_shows_all_that_it_writes_and_is_journalled(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TIANGENG_PASSPHRASE", PASSPHRASE)
    target = tmp_path / "told.zip"
    assert run(["--data", str(workspace.folder), "diagnostics", str(target)]) == 0
    assert contents(target)["diagnosis.txt"].decode() in capsys.readouterr().out
    with workspace.reader() as reader:
        assert any("诊断" in line.sentence for line in list_journal(reader, JournalFilter(), limit=20).lines)


def test_the_clerk_sees_the_whole_file_before_it_is_saved(
    window: MainWindow, qtbot: QtBot, settle: Callable[[], None], tmp_path: Path
) -> None:
    guard = start_support(window, window.workspace.folder)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    help_dialog = window.findChild(HelpDialog)
    assert help_dialog is not None
    help_dialog._ask_diagnosis()
    dialog = window.findChild(DiagnosisDialog)
    assert dialog is not None
    assert not dialog.save.isEnabled()
    qtbot.waitUntil(lambda: dialog.save.isEnabled(), timeout=20_000)
    target = tmp_path / "told.zip"
    shown = dialog.shown.toPlainText()
    dialog.save_to(target)
    settle()
    assert contents(target)["diagnosis.txt"].decode() == shown
    assert_nobody_is_in(target, window.workspace.folder)
    assert dict(screen_facts(window))["窗口"] == "1366×768"
    guard.end()
