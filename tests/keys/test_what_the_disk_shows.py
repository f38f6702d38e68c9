"""A lost laptop: whoever has the disk finds no name, number or place of the village in any byte that was written.

Everything is done by real processes with a home and a temp folder of their own; then each file is searched.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.bootstrap import open_workspace
from desktop_app.storage.access_log import list_access
from tests.workspaces import PASSPHRASE, VILLAGE

NAME, NUMBER, PHONE, PLACE = "欧阳春桃花", "532327196807154529", "13987654321", "桃花沟大山村"
SECRETS = (NAME, NUMBER, PHONE, PLACE, VILLAGE, "报账员李琼仙", PASSPHRASE, "ZXQ-PLAIN-PICTURE")
"""Made up, and found nowhere in the program's own files."""


class Laptop:
    """`home`, `temp` and `data` are all that its processes can write to by themselves."""

    def __init__(self, place: Path) -> None:
        self.data, self.home, self.temp = place / "data", place / "home", place / "temp"
        for folder in (self.home, self.temp):
            folder.mkdir(parents=True)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "TIANGENG_"))},
            "HOME": str(self.home),
            "TMPDIR": str(self.temp),
            "XDG_RUNTIME_DIR": str(self.temp),
            "QT_QPA_PLATFORM": "offscreen",
            "TIANGENG_PASSPHRASE": PASSPHRASE,
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(self, *words: str) -> None:
        """`tiangeng` in a process of its own."""
        self._run("desktop_app", "--data", str(self.data), *words)

    def work_in_the_window(self) -> None:
        self._run("tests.keys.working_window", str(self.data))

    def files(self) -> Iterator[Path]:
        for folder in (self.data, self.home, self.temp):
            yield from (path for path in folder.rglob("*") if path.is_file())

    def _run(self, module: str, *words: str) -> None:
        ran = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", module, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr.replace("This plugin does not support propagateSizeHints()\n", "")


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Laptop:
    """A laptop on which a household was taken in, looked at, exported, backed up; a crash and wrong tries, too."""
    place = tmp_path_factory.mktemp("lost")
    laptop, stick = Laptop(place), place / "stick"
    stick.mkdir()
    laptop.run("init", "--village", VILLAGE, "--name", PLACE, "--person", "报账员李琼仙")
    write_sheet(stick / "in.xlsx")
    laptop.run("import", "households", str(stick / "in.xlsx"))
    workspace = open_workspace(laptop.data, PASSPHRASE)
    workspace.attachments.put(b"ZXQ-PLAIN-PICTURE" * 500)
    workspace.attachments.partial("ab" * 32, 100_000).add([(0, (b"ZXQ-PLAIN-PICTURE" * 50_000)[:65536])])
    workspace.drafts.save("household:new", {"name": NAME, "phone": PHONE})
    workspace.close()
    laptop.work_in_the_window()
    laptop.run("export", "households", str(stick / "out.xlsx"))
    laptop.run("search", NAME)
    laptop.run("backup", str(stick / "village.tgb"))
    (laptop.data / "from-the-stick.tgb").write_bytes((stick / "village.tgb").read_bytes())
    return laptop


def write_sheet(path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(
            [
                ("户主姓名", "姓名", "证件号码", "与户主关系", "联系电话", "自然村(组)"),
                (NAME, NAME, NUMBER, "户主", PHONE, PLACE),
            ]
        ):
            sheet.write_row(number, 0, row)


def test_no_byte_on_the_disk_tells_anything(used: Laptop) -> None:
    needles = [
        (secret, secret.encode(code)) for secret in SECRETS for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")
    ]
    searched = 0
    for path in used.files():
        content = path.read_bytes()
        searched += len(content)
        for secret, needle in needles:
            assert needle not in content, f"{secret} in {path}"
    assert searched > 500_000


def test_no_name_of_a_file_or_folder_tells_anything(used: Laptop) -> None:
    for path in used.data.rglob("*"):
        for secret in SECRETS:
            assert secret not in str(path.relative_to(used.data))


def test_the_folder_holds_only_what_is_known_to_be_there(used: Laptop) -> None:
    """A new file of the program must come into this list, and be thought about."""
    known = {
        "village.db", "key.json", "key.json.copy", "entry.json", "window.json",
        "attachments", "backups", "reports", "from-the-stick.tgb",
    }  # fmt: skip
    here = {path.name for path in used.data.iterdir() if not path.name.startswith((".", "village.db-"))}
    assert here <= known


def test_nothing_is_left_in_temp_folders(used: Laptop) -> None:
    assert [path for path in used.temp.rglob("*") if path.is_file()] == []


def test_encrypted_pages_look_like_noise(used: Laptop) -> None:
    """No header of SQLite, and all byte values about as often: also the first page and the last."""
    content = (used.data / "village.db").read_bytes()
    assert not content.startswith(b"SQLite format 3")
    for start in range(0, len(content) - 4096, 4096):
        page = content[start : start + 4096]
        assert len(set(page)) > 200, f"page {start // 4096}"


def test_the_journal_was_written_all_the_same(used: Laptop) -> None:
    workspace = open_workspace(used.data, PASSPHRASE)
    with workspace.reader() as reader:
        kinds = {entry.kind for entry in list_access(reader.session)}
    workspace.close()
    assert {"export", "backup", "lock"} <= kinds
