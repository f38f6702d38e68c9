"""A real disk that is small, full or read-only, for tests: a tmpfs in a mount namespace of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.demo.people import make_village, write_sheet
from desktop_app.storage.workspace import Workspace
from tests.workspaces import PASSPHRASE

SCRIPT = """
import os, subprocess, sys
from pathlib import Path
from desktop_app.cli import run
disk, sheet = Path(sys.argv[1]), sys.argv[2]
data = ["--data", str(disk / "workspace")]
def mount(*options): subprocess.run(["mount", *options, str(disk)], check=True)
{body}
"""

needs_namespace = pytest.mark.skipif(
    subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode != 0,
    reason="this machine gives no mount namespace, in which alone a small disk can be made without root",
)


def run_on_small_disk(
    workspace: Workspace, tmp_path: Path, body: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Copy the workspace to a tmpfs of 3 MB in a namespace of its own and run `body` there."""
    workspace.seal_log()
    workspace.engine.dispose()
    return run_beside(workspace.folder, tmp_path, body, *arguments)


def run_beside(folder: Path, tmp_path: Path, body: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The same with a workspace that nobody has open."""
    disk, sheet = tmp_path / "disk", tmp_path / "农户.xlsx"
    disk.mkdir()
    write_sheet(sheet, make_village(5, 400))
    prepare = (
        f"mount -t tmpfs -o size=3m tmpfs {disk} && cp -r {folder} {disk}/workspace && "
        f'exec {sys.executable} -c "$0" {disk} {sheet} "$@"'
    )
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", prepare, SCRIPT.replace("{body}", body), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[1],
        env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "TIANGENG_PASSPHRASE": PASSPHRASE, "LANG": "C.UTF-8"},
    )


FILL = """
def fill(): (disk / "filler").write_bytes(b"0" * max(os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - 20_000, 0))
def free(): (disk / "filler").unlink(); mount("-o", "remount,size=64m")
from desktop_app.bootstrap import open_workspace
from village_core.domain.errors import UserError
workspace = open_workspace(disk / "workspace", os.environ["TIANGENG_PASSPHRASE"])
def told(deed):
    for number in range(400):
        try:
            deed(number)
        except UserError as error:
            print("said", error)
            return number
    return -1
"""
