"""The frozen older program as a process of its own, and a workspace full of work that it never sent."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from desktop_app.demo.people import make_village, write_sheet
from tests.workspaces import PASSPHRASE, VILLAGE

FIXTURES = Path(__file__).parent / "fixtures"
ROOT = Path(__file__).parents[1]


_IN_ONE = """
import json, runpy, sys
from desktop_app.cli import run
first, second, third = map(json.loads, sys.argv[1:])
assert run(first) == 0
assert run(second) == 0
sys.argv = third
runpy.run_path(third[0], run_name="__main__")
"""


class Program:
    """The laptop's command line of one version."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self.environment = os.environ | {
            "TIANGENG_PASSPHRASE": PASSPHRASE,
            "PYTHONPATH": str(source),
            "PYTHONWARNINGS": "ignore",
        }

    def __call__(self, workspace: Path, *arguments: str) -> Any:
        """What a command tells as JSON."""
        return self.read(self._run(["-m", "desktop_app", "--data", str(workspace), *arguments, "--json"]))

    @staticmethod
    def read(done: subprocess.CompletedProcess[str]) -> Any:
        """The JSON that a finished command told."""
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def say(self, workspace: Path, *arguments: str) -> str:
        """What a command tells a person."""
        done = self._run(["-m", "desktop_app", "--data", str(workspace), *arguments])
        assert done.returncode == 0, done.stderr
        return done.stdout

    def refuse(self, workspace: Path, *arguments: str) -> str:
        """What a command says that could not do what was asked."""
        done = self._run(["-m", "desktop_app", "--data", str(workspace), *arguments])
        assert done.returncode == 3, done.stderr
        return done.stderr

    def deed(self, workspace: Path, *arguments: str) -> list[str]:
        """What `older_deeds.py` prints, in words."""
        done = self._run([str(FIXTURES / "older_deeds.py"), str(workspace), PASSPHRASE, *arguments])
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    def make_village(self, workspace: Path, sheet: Path, *, vouchers: int) -> None:
        """`init`, `import households` and that many vouchers, in one process."""
        data = ["--data", str(workspace)]
        first = [*data, "init", "--village", VILLAGE, "--name", "太平村", "--person", "李琼仙"]
        second = [*data, "import", "households", str(sheet)]
        third = [str(FIXTURES / "older_deeds.py"), str(workspace), PASSPHRASE, "vouchers", str(vouchers)]
        done = self._run(["-c", _IN_ONE, *map(json.dumps, (first, second, third))])
        assert done.returncode == 0, done.stderr

    def _run(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self._source,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )


@pytest.fixture(scope="session")
def older_program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Version 0.1.0-pre, schema 1, unpacked."""
    folder = tmp_path_factory.mktemp("older")
    with zipfile.ZipFile(FIXTURES / "client_schema1.zip") as archive:
        archive.extractall(folder)
    return Program(folder)


@pytest.fixture(scope="session")
def this_program() -> Program:
    return Program(ROOT)


@pytest.fixture(scope="session")
def unsent_template(older_program: Program, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of schema 1 with more than 2,000 operations that no county knows."""
    folder = tmp_path_factory.mktemp("unsent")
    sheet, workspace = folder / "village.xlsx", folder / "workspace"
    write_sheet(sheet, make_village(18, 460))
    older_program(workspace, "init", "--village", VILLAGE, "--name", "太平村", "--person", "李琼仙")
    older_program(workspace, "import", "households", str(sheet))
    older_program.deed(workspace, "vouchers", "40")
    older_program.deed(workspace, "cases", "25")
    return workspace


@pytest.fixture
def unsent_workspace(unsent_template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(unsent_template, tmp_path / "unsent"))
