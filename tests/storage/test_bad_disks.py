"""Real full and read-only disks (a small tmpfs in a mount namespace): the old is kept, the sentence says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.storage.workspace import Workspace
from tests.small_disk import FILL, needs_namespace, run_on_small_disk


@needs_namespace
def test_an_import_onto_a_full_disk_is_said_and_changes_nothing(workspace: Workspace, tmp_path: Path) -> None:
    body = """
status = run([*data, "import", "households", sheet])
for part in disk.rglob("*.part"): print("left", part)
mount("-o", "remount,size=64m")
print("import", status, "verify", run([*data, "verify"]))
run([*data, "search", "李"])
"""
    done = run_on_small_disk(workspace, tmp_path, body)
    assert "磁盘满了" in done.stderr, done.stderr
    assert "import 3 verify 0" in done.stdout
    assert "left" not in done.stdout


@needs_namespace
def test_a_backup_onto_a_full_disk_keeps_the_old_one(workspace: Workspace, tmp_path: Path) -> None:
    body = """
target = disk / "a.tgb"
first = run([*data, "backup", str(target)])
before = target.read_bytes()
(disk / "filler").write_bytes(b"0" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - 200_000))
status = run([*data, "backup", str(target)])
print("first", first, "status", status, "kept", target.read_bytes() == before)
print("left", [path.name for path in disk.rglob("*part*")])
"""
    done = run_on_small_disk(workspace, tmp_path, body)
    assert "first 0 status 3 kept True" in done.stdout, done.stderr
    assert "left []" in done.stdout
    assert "磁盘满了" in done.stderr


@needs_namespace
def test_a_read_only_folder_is_said(workspace: Workspace, tmp_path: Path) -> None:
    body = """
mount("-o", "remount,ro")
print("import", run([*data, "import", "households", sheet]))
print("init", run(["--data", str(disk / "new"), "init", "--village", "532327101201", "--name", "太平村"]))
"""
    done = run_on_small_disk(workspace, tmp_path, body)
    assert "import 3" in done.stdout, done.stderr
    assert "init 3" in done.stdout
    assert "不能写入" in done.stderr


DEEDS = {
    "edit": """
from tests.storage.test_keys_and_backup import add_household, heads
fill()
done = told(lambda number: add_household(workspace, f"第{number}户" * 50))
free()
print("kept", done > -1 and len(heads(workspace)) == done)
add_household(workspace, "再存")
""",
    "voucher": """
from tests.ledger.books import open_accounts, post
from sqlalchemy import text
open_accounts(workspace)
fill()
done = told(lambda number: post(workspace, ("10201", 700), ("50103", -700), summary="收发包款" * 12))
free()
with workspace.engine.connect() as connection:
    kept = tuple(connection.scalar(text(f"SELECT count(*) FROM {table}")) for table in ("voucher", "posting"))
print("kept", done > -1 and kept == (done, 2 * done))
post(workspace, ("10201", 700), ("50103", -700))
""",
    "archive": """
from desktop_app.archive.service import write_archive
from tests.notices.cases import carry_case, fill_in_village
from sqlalchemy import text
fill_in_village(workspace)
carry_case(workspace)
paper = disk / "archive.pdf"
def printed():
    with workspace.engine.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM printed_document"))
before = printed()
fill()
done = told(lambda _: write_archive(workspace, "2026-001", paper))
left = [path.name for path in disk.iterdir() if path.name not in ("workspace", "filler")]
free()
print("kept", done == 0 and left == [] and printed() == before)
write_archive(workspace, "2026-001", paper)
print("kept", paper.read_bytes().rstrip().endswith(b"%%EOF") and printed() == before + 1)
""",
    "exchange": """
from county_server.migrate import open_migrated
from tests.counties import opened_county
from tests.laptops import Laptop, join, sync_until_quiet
from village_core.records.households import Household
os.environ["SQLITE_TMPDIR"] = "/dev/shm"
address = sys.argv[3]
open_migrated(address).dispose()
with opened_county(address) as county:
    laptop = Laptop(workspace, county)
    join(laptop, "报账员")
    household = laptop.add_household(number="0", head_name="罗铉")
    laptop.sync()
    for number in range(60):
        last = os.urandom(1500).hex()
        laptop.edit(Household, household, note=last)
    fill()
    done = told(lambda _: laptop.sync())
    free()
    sync_until_quiet(laptop)
    print("kept", done > -1 and laptop.get(Household, household).note == last)
""",
}


@needs_namespace
@pytest.mark.parametrize("job", DEEDS)
def test_a_disk_that_fills_up_is_said_and_what_was_saved_stays(workspace: Workspace, tmp_path: Path, job: str) -> None:
    ending = 'workspace.close()\nprint("verify", run([*data, "verify"]))'
    done = run_on_small_disk(workspace, tmp_path, FILL + DEEDS[job] + ending, str(tmp_path / "county.db"))
    assert "said 磁盘满了" in done.stdout, done.stdout + done.stderr
    assert "kept True" in done.stdout, done.stdout + done.stderr
    assert "kept False" not in done.stdout, done.stdout + done.stderr
    assert "verify 0" in done.stdout, done.stdout + done.stderr
