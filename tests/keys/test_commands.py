"""The commands about people and keys, in processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from desktop_app.storage.entry_guard import EntryGuard
from tests.pdf_kit.reading import printed_lines
from tests.workspaces import PASSPHRASE

NEW = "新想的一句好记的话"


class Laptop:
    """Runs `tiangeng` with a home and a temp folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.passphrase = PASSPHRASE

    def run(self, *words: str, expect: int = 0, **environment: str) -> Any:
        ran = subprocess.run(
            [sys.executable, "-m", "desktop_app", "--data", str(self.folder), "--json", *words],
            env=os.environ | {"TIANGENG_PASSPHRASE": self.passphrase} | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == expect, ran.stderr
        return json.loads(ran.stdout)


@pytest.fixture
def laptop(template_workspace: tuple[Path, bytes], tmp_path: Path) -> Laptop:
    return Laptop(Path(shutil.copytree(template_workspace[0], tmp_path / "village")))


def test_user_must_be_the_person_of_the_passphrase(laptop: Laptop) -> None:
    assert laptop.run("--user", "李琼仙", "people", "list")["people"][0]["opens"]
    assert "这不是“王五”的口令" in laptop.run("people", "list", "--user", "王五", expect=3)["error"]


def test_a_passphrase_is_changed_by_its_person(laptop: Laptop) -> None:
    assert laptop.run("passphrase", TIANGENG_NEW_PASSPHRASE=NEW) == {"person": "李琼仙"}
    assert "口令不对" in laptop.run("people", "list", expect=3)["error"]
    laptop.passphrase = NEW
    laptop.run("people", "list")
    assert "口令太短" in laptop.run("passphrase", TIANGENG_NEW_PASSPHRASE="短", expect=1)["error"]


def test_the_recovery_key_is_printed_and_opens(laptop: Laptop, tmp_path: Path) -> None:
    paper = tmp_path / "sheet.pdf"
    assert laptop.run("recovery-key", "print", "--out", str(paper))["pages"] == 1
    words = [line.text.strip() for line in printed_lines(paper.read_bytes())]
    groups = {int(number): words[place + 1] for place, number in enumerate(words[:-1]) if number in "12345678"}
    key = "-".join(groups[number] for number in range(1, 9))
    assert laptop.run("recover", TIANGENG_PASSPHRASE=NEW, TIANGENG_RECOVERY_KEY=key) == {"person": "李琼仙"}
    laptop.passphrase = NEW
    laptop.run("people", "list")
    wrong = ("2" if key[0] != "2" else "3") + key[1:]
    told = laptop.run("recover", TIANGENG_PASSPHRASE=NEW, TIANGENG_RECOVERY_KEY=wrong, expect=1)
    assert "第 1 组填错了" in told["error"]


def test_after_five_wrong_tries_the_command_says_how_long_to_wait(laptop: Laptop) -> None:
    for _ in range(4):
        EntryGuard(laptop.folder).note_wrong()
    told = laptop.run("people", "list", expect=3, TIANGENG_PASSPHRASE="没有这句口令呀呀")["error"]
    assert "口令不对" in told
    assert "还要等 1 分钟" in told
    assert "还要等" in laptop.run("restore", "nothing.tgb", expect=3)["error"]
