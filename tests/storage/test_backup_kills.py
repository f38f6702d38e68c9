"""kill -9 at any step of a backup, of a restore and of a copy to the stick: the old or the new, nothing half."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from desktop_app.bootstrap import has_workspace, open_with_key
from desktop_app.storage.automatic_backup import back_up_daily
from desktop_app.storage.backup import write_backup
from desktop_app.storage.container import check_container
from desktop_app.storage.frozen_copy import prove_copy
from desktop_app.storage.second_place import (
    SECOND_PLACE,
    choose_second_place,
    copy_to_second_place,
    get_second_place,
)
from desktop_app.storage.workspace import Workspace
from tests.storage.test_keys_and_backup import add_household, heads
from tests.workspaces import MakeWorkspace

ROOT = Path(__file__).parents[2]
KILLS = 20
Kill = Callable[[int], tuple[int, int]]


@contextmanager
def killer(job: str, folder: Path, key: bytes, backup: Path) -> Iterator[Kill]:
    """`kill(step)` does the job in a process of its own and kills it at this step; tells the signal, or 0, and the
    steps that were done."""
    command = [sys.executable, "-m", "tests.storage.backup_kills", job, str(folder), key.hex(), str(backup)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def kill(step: int) -> tuple[int, int]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{step}\n")
        process.stdin.flush()
        end, count = process.stdout.readline().split()
        return int(end), int(count)

    yield kill
    process.stdin.close()
    assert process.wait(20) == 0
    process.stdout.close()


def steps(kill: Kill, prepare: Callable[[], None]) -> list[int]:
    """Steps to die at, spread by chance over the whole job."""
    prepare()
    end, count = kill(0)
    assert end == 0
    return sorted(random.Random(20261123).sample(range(1, count + 1), KILLS))


def check_whole(folder: Path, key: bytes, *contents: str) -> list[str | None]:
    """What the restored workspace holds; it is opened as every day, and must be whole."""
    assert has_workspace(folder)
    again = open_with_key(folder, key)
    try:
        with again.engine.connect() as connection:
            prove_copy(connection)
        for content in contents:
            assert again.attachments.get(content) == b"photo" * 1000
        return heads(again)
    finally:
        again.close()


def test_a_backup_that_is_killed_leaves_the_old_one_or_the_new_one(workspace: Workspace, tmp_path: Path) -> None:
    target = tmp_path / "a.tgb"
    add_household(workspace, "旧")
    workspace.attachments.put(b"photo" * 1000)
    write_backup(workspace, target)
    old = target.read_bytes()
    add_household(workspace, "新")
    workspace.engine.dispose()

    def prepare() -> None:
        target.write_bytes(old)

    with killer("backup", workspace.folder, workspace.key, target) as kill:
        for step in steps(kill, prepare):
            prepare()
            assert kill(step)[0] == 9
            if target.read_bytes() != old:
                check_container(target)
            assert [path.name for path in tmp_path.glob("*.tgb")] == ["a.tgb"]
        assert kill(0)[0] == 0, "a backup after all of that is as any other"
    check_container(target)
    assert not [*tmp_path.glob(".*"), *workspace.folder.glob(".backup.db*")]
    assert check_whole(workspace.folder, workspace.key) == ["旧", "新"]


@pytest.mark.parametrize("over", ["same", "empty"])
def test_a_restore_that_is_killed_leaves_the_old_state_or_the_new_one(
    make_workspace: MakeWorkspace, tmp_path: Path, over: str
) -> None:
    workspace = make_workspace()
    add_household(workspace, "备份里的")
    content = workspace.attachments.put(b"photo" * 1000)
    write_backup(workspace, tmp_path / "a.tgb")
    add_household(workspace, "后来的")
    workspace.close()
    kept, folder = tmp_path / "kept", tmp_path / "target"
    if over == "same":
        workspace.attachments.path_of(content).unlink()
        shutil.copytree(workspace.folder, kept)
    else:
        kept.mkdir()

    def prepare() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(kept, folder)

    seen = set()
    with killer("restore", folder, workspace.key, tmp_path / "a.tgb") as kill:
        for step in steps(kill, prepare):
            prepare()
            assert kill(step)[0] == 9
            if over == "empty" and not has_workspace(folder):
                seen.add("nothing")
                continue
            found = check_whole(folder, workspace.key)
            if "后来的" not in found:
                check_whole(folder, workspace.key, content)
            seen.add("old" if "后来的" in found else "new")
            assert found in (["备份里的"], ["备份里的", "后来的"])
            assert not (folder / ".restoring").exists()
    assert seen == ({"old", "new"} if over == "same" else {"nothing", "new"})


def test_a_copy_to_the_stick_that_is_killed_is_taken_up_again(workspace: Workspace, tmp_path: Path) -> None:
    for number in range(5):
        workspace.attachments.put(f"photo {number}".encode() * 1000)
    (tmp_path / "stick").mkdir()
    choose_second_place(workspace, tmp_path / "stick")
    place = get_second_place(workspace)
    assert place is not None
    home = Path(place.path)
    back_up_daily(workspace)
    copy_to_second_place(workspace, place, home)
    (old,) = home.glob("*.tgb")
    kept = old.read_bytes()
    for daily in (workspace.folder / "backups").glob("*.tgb"):
        daily.rename(daily.with_name("auto-2026-11-23.tgb"))
    workspace.engine.dispose()

    def prepare() -> None:
        shutil.rmtree(home / "attachments", ignore_errors=True)
        (home / "auto-2026-11-23.tgb").unlink(missing_ok=True)
        workspace.set_state(SECOND_PLACE, before)
        workspace.engine.dispose()

    before = workspace.state(SECOND_PLACE) or ""
    with killer("copy", workspace.folder, workspace.key, home) as kill:
        for step in steps(kill, prepare):
            prepare()
            assert kill(step)[0] == 9
            assert old.read_bytes() == kept
            new = home / "auto-2026-11-23.tgb"
            if new.exists():
                check_container(new)
        assert kill(0)[0] == 0
    assert len(list(home.glob("attachments/??/*"))) == 5
    assert list(home.rglob("*.part")) == []
