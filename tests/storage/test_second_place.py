"""The second place: known again wherever it is mounted, incremental, and whatever is done to it, the old copy stays."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from desktop_app.bootstrap import create_workspace, open_with_key, open_workspace
from desktop_app.storage.automatic_backup import back_up_daily
from desktop_app.storage.container import DamagedBackupError, check_container
from desktop_app.storage.drill import drill
from desktop_app.storage.restore import restore_backup
from desktop_app.storage.restore_preview import preview_restore
from desktop_app.storage.second_place import (
    SecondPlace,
    choose_second_place,
    copy_to_second_place,
    find_second_place,
    forget_second_place,
    get_second_place,
)
from desktop_app.storage.workspace import Workspace
from desktop_app.sync.proof import verify_all
from tests.storage.test_bad_disks import needs_namespace, run_on_small_disk
from tests.storage.test_keys_and_backup import add_household, heads
from tests.workspaces import PASSPHRASE, VILLAGE
from village_core.domain.clock import FixedClock
from village_core.domain.errors import ProblemOutsideError, RefusedError


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "KINGSTON"
    folder.mkdir()
    return folder


def chosen(workspace: Workspace) -> SecondPlace:
    place = get_second_place(workspace)
    assert place is not None
    return place


def copy(workspace: Workspace) -> int:
    """Today's backup to the second place; tells how many photos were new there."""
    back_up_daily(workspace)
    place = chosen(workspace)
    report = copy_to_second_place(workspace, place, Path(place.path))
    assert report is not None
    return report.contents


def test_only_new_photos_are_copied_and_a_new_laptop_gets_everything_from_there(
    workspace: Workspace, clock: FixedClock, stick: Path, tmp_path: Path
) -> None:
    choose_second_place(workspace, stick, label="KINGSTON")
    first = workspace.attachments.put(b"first")
    add_household(workspace, "罗铉")
    assert copy(workspace) == 1
    second = workspace.attachments.put(b"second")
    clock.moment += timedelta(days=1)
    assert copy(workspace) == 1
    home = Path(chosen(workspace).path)
    assert copy_to_second_place(workspace, chosen(workspace), home) is None

    shutil.copytree(home, tmp_path / "another mount")
    newest = tmp_path / "another mount" / "auto-2026-11-23.tgb"
    preview = preview_restore(newest, tmp_path / "new", passphrase=PASSPHRASE)
    assert (preview.contents, preview.missing, preview.now) == (2, 0, None)
    restore_backup(newest, tmp_path / "new", passphrase=PASSPHRASE)
    again = open_workspace(tmp_path / "new", PASSPHRASE)
    assert heads(again) == ["罗铉"]
    assert again.attachments.get(first) == b"first"
    assert again.attachments.get(second) == b"second"
    again.close()


def test_it_is_known_again_under_another_letter_and_chosen_again_as_the_same(
    workspace: Workspace, stick: Path, tmp_path: Path
) -> None:
    place = choose_second_place(workspace, stick)
    assert find_second_place(place, roots=[]) == Path(place.path)
    stick.rename(tmp_path / "E")
    assert find_second_place(place, roots=[]) is None
    moved = SecondPlace(id=place.id, label="x", path=place.path, inside=Path(place.path).name)
    found = find_second_place(moved, roots=[tmp_path / "D", tmp_path / "E"])
    assert found is not None
    assert found.parent == tmp_path / "E"
    assert choose_second_place(workspace, found).id == place.id
    forget_second_place(workspace)
    assert get_second_place(workspace) is None
    assert found.exists()


def test_two_laptops_with_one_stick_keep_their_backups_apart(
    workspace: Workspace, stick: Path, tmp_path: Path, clock: FixedClock
) -> None:
    """The files of a day bear the same names."""
    other = create_workspace(
        tmp_path / "other", village=VILLAGE, name="太平村", person="罗铉", passphrase=PASSPHRASE, clock=clock
    )
    home = Path(choose_second_place(workspace, stick).path)
    beside = Path(choose_second_place(other, home).path)
    assert (beside.parent, beside != home) == (stick, True)
    assert Path(choose_second_place(other, beside).path) == beside
    copy(workspace)
    copy(other)
    assert len(list(home.glob("auto-*.tgb"))) == len(list(beside.glob("auto-*.tgb"))) == 1
    other.close()


def test_a_folder_inside_the_workspace_is_no_second_place(workspace: Workspace) -> None:
    with pytest.raises(RefusedError, match="就在资料里面"):
        choose_second_place(workspace, workspace.folder / "backups")


def test_a_stick_pulled_out_half_way_is_said_and_taken_up_again(
    workspace: Workspace, clock: FixedClock, stick: Path, tmp_path: Path
) -> None:
    choose_second_place(workspace, stick, label="KINGSTON")
    copy(workspace)
    for number in range(4):
        workspace.attachments.put(f"photo {number}".encode())
    clock.moment += timedelta(days=1)
    back_up_daily(workspace)
    home = Path(chosen(workspace).path)

    def pull(_done: int, _total: int) -> None:
        if home.exists():
            home.rename(tmp_path / "pulled")

    with pytest.raises(ProblemOutsideError, match="U 盘拔掉") as caught:
        copy_to_second_place(workspace, chosen(workspace), home, progress=pull)
    assert "以前的备份也没有动" in caught.value.safe
    assert "拔掉" in chosen(workspace).problem
    shutil.rmtree(home, ignore_errors=True)
    (tmp_path / "pulled").rename(home)
    check_container(home / "auto-2026-11-22.tgb")
    assert not (home / "auto-2026-11-23.tgb").exists()
    copy_to_second_place(workspace, chosen(workspace), home)
    check_container(home / "auto-2026-11-23.tgb")
    assert chosen(workspace).problem == ""
    assert not list(home.rglob("*.part"))


def test_what_reads_back_differently_is_not_taken(
    workspace: Workspace, clock: FixedClock, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_second_place(workspace, stick)
    copy(workspace)
    clock.moment += timedelta(days=1)
    back_up_daily(workspace)
    home = Path(chosen(workspace).path)
    monkeypatch.setattr("desktop_app.storage.second_place.hash_file", lambda path: str(path))
    with pytest.raises(DamagedBackupError, match="读回来和原来不一样"):
        copy_to_second_place(workspace, chosen(workspace), home)
    assert [path.name for path in home.glob("*.tgb")] == ["auto-2026-11-22.tgb"]


def test_the_drill_finds_a_photo_that_is_broken_or_gone_on_the_stick(
    workspace: Workspace, stick: Path, tmp_path: Path
) -> None:
    choose_second_place(workspace, stick)
    kept = [workspace.attachments.put(f"photo {number}".encode()) for number in range(3)]
    copy(workspace)
    away = tmp_path / "away"
    shutil.copytree(Path(chosen(workspace).path), away)
    backup = away / "auto-2026-11-22.tgb"
    good = drill(workspace, backup, open_restored=open_with_key, verify=verify_all)
    assert good.ok, good.problems
    assert good.contents == 3
    assert "能恢复" in good.words
    for sha256 in kept[:2]:
        workspace.attachments.path_of(sha256).unlink()
    (away / "attachments" / workspace.attachments.short_path_of(kept[0])).write_bytes(b"flipped" * 20)
    (away / "attachments" / workspace.attachments.short_path_of(kept[1])).unlink()
    bad = drill(workspace, backup, open_restored=open_with_key, verify=verify_all)
    assert not bad.ok
    assert "有 2 个找不到或有损坏" in bad.words
    assert not (workspace.folder / ".drill").exists()


def test_a_drill_of_a_damaged_backup_is_refused_and_noted(workspace: Workspace) -> None:
    path = back_up_daily(workspace)
    assert path is not None
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(DamagedBackupError):
        drill(workspace, open_restored=open_with_key, verify=verify_all)
    assert "恢复不了" in (workspace.state("backup.drill_words") or "")
    assert workspace.state("backup.drill_ok") == "0"


@needs_namespace
def test_a_full_and_a_write_protected_stick_are_said_and_keep_the_old_copy(
    workspace: Workspace, tmp_path: Path
) -> None:
    body = """
from desktop_app.bootstrap import open_workspace
from desktop_app.storage.automatic_backup import back_up_daily
from desktop_app.storage.second_place import *
from village_core.domain.clock import FixedClock
from datetime import UTC, datetime, timedelta
stick = disk / "stick"
stick.mkdir()
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(stick)], check=True)
mount("-o", "remount,size=64m")
clock = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
w = open_workspace(disk / "workspace", os.environ["TIANGENG_PASSPHRASE"], clock=clock)
from desktop_app.storage import shelf
object.__setattr__(shelf.rules(), "reserve_megabytes", 1)
back_up_daily(w)
choose_second_place(w, stick)
home = lambda: Path(get_second_place(w).path)
go = lambda: copy_to_second_place(w, get_second_place(w), home())
go()
old = home() / "auto-2026-11-22.tgb"
before = old.read_bytes()
for options in ("rw", "ro"):
    clock.moment += timedelta(days=1)
    back_up_daily(w)
    if options == "rw":
        filler = stick / "filler"
        filler.write_bytes(b"0" * (os.statvfs(stick).f_bavail * os.statvfs(stick).f_frsize - 100_000))
    else:
        filler.unlink()
        subprocess.run(["mount", "-o", "remount,ro", str(stick)], check=True)
    try:
        go()
    except Exception as error:
        print(options, type(error).__name__, error)
    print("kept", old.read_bytes() == before, sorted(path.name for path in home().iterdir()))
subprocess.run(["mount", "-o", "remount,rw", str(stick)], check=True)
print("then", go().name)
"""
    done = run_on_small_disk(workspace, tmp_path, body)
    assert "rw NoRoomError 磁盘满了，放不下要拷过去的备份" in done.stdout, done.stderr
    assert "ro ProblemOutsideError 第二个地方不能写入" in done.stdout, done.stdout
    assert done.stdout.count("kept True") == 2
    assert ".part" not in done.stdout
    assert "then auto-2026-11-24.tgb" in done.stdout
