"""A folder that cannot be written to: the question for the passphrase says so, and opens once it can."""

from __future__ import annotations

from pathlib import Path

from desktop_app.storage.workspace import Workspace
from tests.small_disk import needs_namespace, run_on_small_disk

OPEN = """
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication
from desktop_app.window.desk import Desk
app = QApplication([])
desk = Desk(app, disk / "workspace")
def files(): return {path: path.stat().st_mtime_ns for path in (disk / "workspace").rglob("*")}
def open_now():
    login.sheet.set_values({"passphrase": os.environ["TIANGENG_PASSPHRASE"]})
    login.open_now()
    while desk.window is None and not login.open_button.isEnabled():
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
mount("-o", "remount,ro")
before = files()
desk.start()
login = desk.entry
open_now()
print("told", login.trouble.message.text())
print("untouched", desk.window is None and files() == before)
mount("-o", "remount,rw,size=64m")
open_now()
print("open", desk.window is not None)
desk.close()
"""


@needs_namespace
def test_the_clerk_is_told_that_the_folder_is_read_only_and_opens_it_once_it_is_not(
    workspace: Workspace, tmp_path: Path
) -> None:
    done = run_on_small_disk(workspace, tmp_path, OPEN)
    assert "told 资料所在的文件夹不能写入" in done.stdout, done.stdout + done.stderr
    assert "资料没有动过" in done.stdout
    assert "untouched True" in done.stdout
    assert "open True" in done.stdout, done.stderr
