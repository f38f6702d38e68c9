"""A lost laptop: whoever has the disk finds no name, number or place of the village in any byte that was written.

Everything is done by real processes with a home and a temp folder of their own, the last of which is killed with its
window open; then each file is searched.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from PySide6.QtCore import QSettings

from desktop_app.bootstrap import open_workspace
from desktop_app.storage.access_log import list_access
from desktop_app.storage.workspace import Workspace
from tests.counties import new_sqlite, opened_county, serving
from tests.several_commands import words_of
from tests.workspaces import PASSPHRASE, VILLAGE

NAME, NUMBER, PHONE, PLACE = "欧阳春桃花", "532327196807154529", "13987654321", "桃花沟大山村"
SECRETS = (NAME, NUMBER, PHONE, PLACE, VILLAGE, "报账员李琼仙", PASSPHRASE, "ZXQ-PLAIN-PICTURE")
"""Made up, and found nowhere in the program's own files."""


def forms_of(secret: str) -> set[bytes]:
    """How it can stand in a file: in every encoding, and as JSON, an .ini of Qt, an address or Python write it."""
    written = {secret.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "gb18030")}
    ini = "".join(letter if letter.isascii() else f"\\x{ord(letter):x}" for letter in secret)
    escaped = {json.dumps(secret)[1:-1], ini, quote(secret), repr(secret.encode())[2:-1]}
    return written | {one.encode() for one in escaped}


class Laptop:
    """`home`, `temp`, `runtime` and `data` are all that its processes can write to by themselves."""

    def __init__(self, place: Path) -> None:
        self.data, self.home = place / "data", place / "home"
        self.temp, self.runtime = place / "temp", place / "runtime"
        for folder in (self.home, self.temp, self.runtime):
            folder.mkdir(parents=True, mode=0o700)
        os.utime(self.temp, (0, 0))
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "TIANGENG_"))},
            "HOME": str(self.home),
            "TMPDIR": str(self.temp),
            "XDG_RUNTIME_DIR": str(self.runtime),
            "QT_QPA_PLATFORM": "offscreen",
            "TIANGENG_PASSPHRASE": PASSPHRASE,
            "PYTHONDONTWRITEBYTECODE": "1",
        }

    def run(self, *commands: tuple[str, ...]) -> None:
        """Commands of `tiangeng` in a process of their own."""
        self._run("tests.several_commands", *words_of(*(("--data", str(self.data), *one) for one in commands)))

    def work_in_the_window(self, *words: str) -> None:
        """One window that is closed, and one that is killed."""
        self._run("tests.keys.working_window", str(self.data), *words, ends=-signal.SIGKILL)

    def files(self) -> Iterator[Path]:
        for folder in (self.data, self.home, self.temp, self.runtime):
            yield from (path for path in folder.rglob("*") if path.is_file())

    def _run(self, module: str, *words: str, ends: int = 0) -> None:
        ran = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", module, *words],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == ends, ran.stderr.replace("This plugin does not support propagateSizeHints()\n", "")


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Laptop:
    """A laptop on which a household was taken in, looked at, printed, exported, exchanged, backed up; a crash and
    wrong tries, too."""
    place = tmp_path_factory.mktemp("lost")
    laptop, stick = Laptop(place), place / "stick"
    stick.mkdir()
    write_sheet(stick / "in.xlsx")
    laptop.run(
        ("init", "--village", VILLAGE, "--name", PLACE, "--person", "报账员李琼仙"),
        ("import", "households", str(stick / "in.xlsx")),
    )
    workspace = open_workspace(laptop.data, PASSPHRASE)
    workspace.attachments.put(b"ZXQ-PLAIN-PICTURE" * 500)
    workspace.attachments.partial("ab" * 32, 100_000).add([(0, (b"ZXQ-PLAIN-PICTURE" * 50_000)[:65536])])
    workspace.drafts.save("household:new", {"name": NAME, "phone": PHONE})
    workspace.close()
    laptop.run(
        ("export", "households", str(stick / "out.xlsx")),
        ("search", NAME),
        ("backup", str(stick / "village.tgb")),
    )
    (laptop.data / "from-the-stick.tgb").write_bytes((stick / "village.tgb").read_bytes())
    with opened_county(new_sqlite(sqlite_template, place)) as county, serving(county) as url:
        laptop.work_in_the_window(str(stick), url, county.code())
    assert {"saved.pdf", "printed.pdf"} <= {path.name for path in stick.iterdir()}
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
    needles = [(secret, form) for secret in SECRETS for form in forms_of(secret)]
    searched = dict[str, int]()
    for path in used.files():
        content = path.read_bytes()
        searched[path.name] = len(content)
        for secret, needle in needles:
            assert needle not in content, f"{secret} in {path}"
    assert sum(searched.values()) > 500_000
    assert searched["village.db-wal"] > 4096, "what the killed window had not yet copied into the database"
    assert searched["QtProject.conf"] > 0, "what Qt's own file dialog remembers"


def test_the_search_knows_how_qt_and_json_write_a_name(tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    settings.setValue("title", NAME)
    settings.sync()
    (tmp_path / "window.json").write_text(json.dumps({"title": NAME}))
    for path in tmp_path.iterdir():
        assert any(form in path.read_bytes() for form in forms_of(NAME)), path.name


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


def test_nothing_was_ever_made_in_the_temp_folder(used: Laptop) -> None:
    """A folder's time changes with every file that is made in it, also with one that is gone again."""
    assert list(used.temp.iterdir()) == []
    assert used.temp.stat().st_mtime == 0


def test_the_database_sorts_in_memory(workspace: Workspace) -> None:
    """Built so, and nobody says otherwise: rows do not pass through a temporary file in the clear."""
    with workspace.engine.connect() as connection:
        built = connection.exec_driver_sql("PRAGMA compile_options").scalars().all()
        asked = connection.exec_driver_sql("PRAGMA temp_store").scalar()
    assert "TEMP_STORE=3" in built or ("TEMP_STORE=2" in built and asked in (0, 2))


def test_encrypted_pages_look_like_noise(used: Laptop) -> None:
    """No header of SQLite, and all byte values about as often: also the first page and the last."""
    content = (used.data / "village.db").read_bytes()
    assert not content.startswith(b"SQLite format 3")
    for start in range(0, len(content) - 4096, 4096):
        page = content[start : start + 4096]
        assert len(set(page)) > 200, f"page {start // 4096}"


def test_the_journal_was_written_all_the_same(used: Laptop, tmp_path: Path) -> None:
    workspace = open_workspace(Path(shutil.copytree(used.data, tmp_path / "copy")), PASSPHRASE)
    with workspace.reader() as reader:
        kinds = {entry.kind for entry in list_access(reader.session)}
    workspace.close()
    assert {"export", "print", "backup", "lock", "enrolled"} <= kinds
