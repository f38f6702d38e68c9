"""Two laptops and a county as a clerk and an operator start them: real programs, real sockets, PostgreSQL behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from desktop_app.demo.people import make_village, write_sheet
from tests.counties import new_postgres
from tests.workspaces import PASSPHRASE, VILLAGE

ROOT = Path(__file__).resolve().parents[2]


class Programs:
    """Runs the two commands with `folder` for everything they write."""

    def __init__(self, folder: Path, database: str) -> None:
        self._folder = folder
        self._environment = os.environ | {
            "TIANGENG_PASSPHRASE": PASSPHRASE,
            "TIANGENG_COUNTY_DB": database,
            "PYTHONPATH": str(ROOT),
        }

    def county(self, *arguments: str) -> Any:
        return self._run("county_server", *arguments, "--json")

    def laptop(self, name: str, *arguments: str) -> Any:
        return self._run("desktop_app", "--data", str(self._folder / name), *arguments, "--json")

    def try_laptop(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.start("desktop_app", "--data", str(self._folder / name), *arguments, "--json")

    @contextmanager
    def serving(self) -> Iterator[str]:
        command = [sys.executable, "-m", "county_server", "serve", "--listen", "127.0.0.1:0"]
        with subprocess.Popen(
            command, cwd=self._folder, env=self._environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            try:
                yield process.stdout.readline().split("：")[-1].strip()
            finally:
                process.terminate()

    def _run(self, module: str, *arguments: str) -> Any:
        done = self.start(module, *arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def start(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def programs(tmp_path: Path, postgres: str) -> Iterator[Programs]:
    with new_postgres(postgres) as database:
        yield Programs(tmp_path, database)


def test_both_laptops_and_the_county_end_equal(programs: Programs, tmp_path: Path) -> None:
    sheet = tmp_path / "village.xlsx"
    write_sheet(sheet, make_village(3, 40))
    programs.county("village", "add", VILLAGE, "太平村")
    first_code = programs.county("enrol", VILLAGE, "--role", "报账员")["code"]
    second_code = programs.county("enrol", VILLAGE, "--role", "文书")["code"]
    with programs.serving() as url:
        begun = programs.laptop(
            "first", "init", "--village", VILLAGE, "--name", "太平村", "--person", "李琼仙", "--county", url,
            "--code", first_code,
        )  # fmt: skip
        assert begun == {"village": VILLAGE, "device": 1}
        programs.laptop("second", "init", "--village", VILLAGE, "--name", "太平村", "--person", "王建平")
        for name in ("first", "second"):
            programs.laptop(name, "import", "households", str(sheet))
        assert programs.laptop("second", "join", "--county", url, "--code", second_code) == {"device": 2}

        reports = [programs.laptop(name, "sync") for name in ("first", "second", "first", "second")]
        refused = programs.try_laptop("third", "init", "--village", VILLAGE, "--name", "太平村", "--county", url,
                                 "--code", first_code)  # fmt: skip

    assert [report["equal"] for report in reports] == [True, True, True, True]
    assert (reports[3]["sent"], reports[3]["received"], reports[3]["round_trips"]) == (0, 0, 1)
    digests = [programs.laptop(name, "verify") for name in ("first", "second")]
    status = programs.county("status")
    assert all(one["ok"] for one in digests)
    assert digests[0]["digests"] == digests[1]["digests"] == status["villages"][0]["digests"]
    assert status["villages"][0]["held"] == 0
    assert (refused.returncode, "已经用过" in refused.stderr) == (1, True)
    assert not (tmp_path / "third" / "village.db").exists()


def test_the_county_listens_without_tls_only_on_this_machine(programs: Programs) -> None:
    done = programs.start("county_server", "serve", "--listen", "0.0.0.0:0")

    assert done.returncode == 1
    assert "没有证书" in done.stderr
