"""A system in English or in no language at all: the command line speaks Chinese in UTF-8 and takes Chinese names of
files, the window opens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.bootstrap import open_with_key
from desktop_app.storage.access_log import list_access
from desktop_app.storage.workspace import Workspace
from tests.notices.cases import carry_case, fill_in_village
from tests.several_commands import words_of
from tests.workspaces import PASSPHRASE, MakeWorkspace
from village_core.domain.relief.steps import StepKind

LANGUAGES = [
    {"LANG": "C", "LC_ALL": "C"},
    {"LANG": "en_US.UTF-8"},
    {},
    {"LANG": "C", "PYTHONIOENCODING": "latin-1"},
    {"LANG": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
]
OPEN_WINDOW = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from PySide6.QtGui import QFontInfo
from desktop_app.bootstrap import open_with_key
from desktop_app.window import build_window
app = QApplication([])
workspace = open_with_key(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
window = build_window(workspace)
window.start()
window.show()
app.processEvents()
sys.stdout.reconfigure(encoding='utf-8')
print(QFontInfo(app.font()).family())
print(window.windowTitle())
window.close()
workspace.close()
"""


def run(arguments: list[str], environment: dict[str, str]) -> tuple[int, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LANG", "LC_", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=Path(__file__).parents[2],
        env=kept | {"TIANGENG_PASSPHRASE": PASSPHRASE, "QT_QPA_PLATFORM": "offscreen"} | environment,
        capture_output=True,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).decode("utf-8")


@pytest.mark.parametrize("language", LANGUAGES, ids=str)
def test_the_command_line_speaks_chinese_in_utf8(tmp_path: Path, language: dict[str, str]) -> None:
    status, told = run(["-m", "desktop_app", "--data", str(tmp_path / "空"), "verify"], language)
    assert (status, "还没有村里的资料" in told) == (1, True), told


@pytest.mark.parametrize("language", LANGUAGES[-1:], ids=str)
def test_a_sheet_a_paper_and_a_diagnosis_go_to_files_with_chinese_names(
    make_workspace: MakeWorkspace, tmp_path: Path, language: dict[str, str]
) -> None:
    workspace = make_workspace("太平村")
    fill_in_village(workspace)
    carry_case(workspace, upto=StepKind.FIRST_REVIEW)
    workspace.close()
    stick = tmp_path / "优盘"
    stick.mkdir()
    sheet, paper, told = stick / "农户.xlsx", stick / "一户一档（罗铉家）.pdf", stick / "诊断.zip"
    data = ("--data", str(workspace.folder))
    commands = words_of(
        (*data, "export", "households", str(sheet)),
        (*data, "archive", "--case", "2026-001", "--pdf", str(paper)),
        (*data, "diagnostics", str(told)),
    )
    status, said = run(["-m", "tests.several_commands", *commands], language)
    assert status == 0, said
    assert {one.name for one in stick.iterdir()} == {sheet.name, paper.name, told.name}
    again = open_with_key(workspace.folder, workspace.key)
    with again.reader() as reader:
        details = " ".join(entry.detail for entry in list_access(reader.session))
    again.close()
    assert sheet.name in details and paper.name in details


@pytest.mark.parametrize("language", LANGUAGES[:1] + LANGUAGES[-1:], ids=str)
def test_the_window_opens_with_our_own_fonts(workspace: Workspace, tmp_path: Path, language: dict[str, str]) -> None:
    """Without any font of the system: fontconfig finds an empty folder."""
    config = tmp_path / "fonts.conf"
    config.write_text(f"<fontconfig><dir>{tmp_path / 'none'}</dir></fontconfig>", encoding="utf-8")
    fonts = {"FONTCONFIG_FILE": str(config)}
    status, told = run(["-c", OPEN_WINDOW, str(workspace.folder), workspace.key.hex()], language | fonts)
    assert status == 0, told
    assert told.startswith("Noto Sans SC\n田埂")
