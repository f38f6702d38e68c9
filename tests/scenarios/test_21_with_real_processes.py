"""21 with real processes: both programs as operators start them, PostgreSQL behind, files damaged on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.counties import County, new_postgres, opened_county
from tests.laptops import LaptopMaker
from tests.workspaces import PASSPHRASE


def test_a_stick_goes_to_the_office_and_back(postgres: str, make_laptop: LaptopMaker, tmp_path: Path) -> None:
    with new_postgres(postgres) as address, opened_county(address) as county:
        laptop = make_laptop(county)
        laptop.add_household(head_name="李家")
        folder = laptop.workspace.folder
        laptop.workspace.close()
        stick = tmp_path / "stick"
        stick.mkdir()

        written = at_laptop(folder, "write", stick)
        [file] = [Path(name) for name in written["files"]]
        whole = file.read_bytes()
        damaged = {"V-cut": whole[:-100], "V-flipped": whole[:300] + b"x" + whole[301:], "V-none": b"nonsense"}
        for name, content in damaged.items():
            (stick / f"{name}.vsb").write_bytes(content)
        file.rename(tmp_path / file.name)
        refused = at_county(county, "read", str(stick), status=1)
        assert [one["file"] for one in refused["refused"]] == ["V-cut.vsb", "V-flipped.vsb", "V-none.vsb"]
        assert refused["applied"] == 0
        (tmp_path / file.name).rename(file)
        first = at_county(county, "read", str(stick), "--answer", str(stick))
        assert first["applied"] == first["operations"] == written["operations"]
        assert len(first["refused"]) == 3
        assert at_county(county, "read", str(file))["applied"] == 0
        read = at_laptop(folder, "read", stick)
        assert (read["sent"], read["equal"], read["code"]) == (written["operations"], True, written["code"])
        assert at_laptop(folder, "read", stick)["applied"] == 0


def at_laptop(folder: Path, part: str, stick: Path) -> dict[str, Any]:
    command = ["-m", "desktop_app", "--data", str(folder), "--json", "bundle", part, str(stick)]
    return run(command, status=0)


def at_county(county: County, *arguments: str, status: int = 0) -> dict[str, Any]:
    return run(["-m", "county_server", "--db", county.address, "--json", "bundle", *arguments], status=status)


def run(command: list[str], *, status: int) -> dict[str, Any]:
    environment = os.environ | {"TIANGENG_PASSPHRASE": PASSPHRASE}
    done = subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told
