"""Keys, backups and broken files: nothing is lost, and each trouble has its own sentence."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text

from desktop_app.bootstrap import NoWorkspaceError, create_workspace, open_with_key, open_workspace
from desktop_app.storage.attachments import AttachmentMissingError
from desktop_app.storage.backup import DamagedBackupError, check_container, write_backup
from desktop_app.storage.container import MANIFEST
from desktop_app.storage.engine import open_engine
from desktop_app.storage.key_file import WrongPassphraseError, change_passphrase, create_key, unlock_key
from desktop_app.storage.migrate import NewerDatabaseError
from desktop_app.storage.problems import DamagedDatabaseError
from desktop_app.storage.restore import restore_backup
from desktop_app.storage.verify import verify_workspace
from desktop_app.storage.workspace import DATABASE_FILE, KEY_FILE, Workspace
from tests.wholeness import is_whole
from tests.workspaces import PASSPHRASE, VILLAGE, MakeWorkspace
from village_core.domain.clock import FixedClock
from village_core.domain.errors import ProblemOutsideError, RefusedError
from village_core.domain.ids import new_id
from village_core.records.households import Household


def add_household(workspace: Workspace, head: str) -> None:
    with workspace.unit_of_work() as uow:
        uow.session.add(Household(village=uow.village, id=new_id(), head_name=head))
        uow.commit()


def heads(workspace: Workspace) -> list[str | None]:
    with workspace.reader() as reader:
        return list(reader.session.scalars(select(Household.head_name).order_by(Household.id)))


def test_a_wrong_passphrase_is_said_and_a_right_one_opens(tmp_path: Path) -> None:
    key = create_key(tmp_path / KEY_FILE, "一二三四五六七八")
    assert unlock_key(tmp_path / KEY_FILE, "一二三四五六七八") == key
    with pytest.raises(WrongPassphraseError, match="口令不对"):
        unlock_key(tmp_path / KEY_FILE, "一二三四五六七")


def test_a_changed_passphrase_keeps_the_key(tmp_path: Path) -> None:
    key = create_key(tmp_path / KEY_FILE, "old passphrase")
    change_passphrase(tmp_path / KEY_FILE, "old passphrase", new="new passphrase")
    assert unlock_key(tmp_path / KEY_FILE, "new passphrase") == key
    with pytest.raises(WrongPassphraseError):
        unlock_key(tmp_path / KEY_FILE, "old passphrase")


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="至少要 8 个字"):
        create_key(tmp_path / KEY_FILE, "1234567")
    assert not (tmp_path / KEY_FILE).exists()


def test_a_damaged_key_file_is_said(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text("{}")
    with pytest.raises(ProblemOutsideError, match="钥匙文件有损坏"):
        unlock_key(tmp_path / KEY_FILE, PASSPHRASE)


@pytest.mark.parametrize("village", ["53232710120", "53232710120x", ""])
def test_a_workspace_needs_a_village_code_of_twelve_digits(tmp_path: Path, village: str) -> None:
    with pytest.raises(RefusedError, match="12 位"):
        create_workspace(tmp_path, village=village, name="太平村", person="李琼仙", passphrase=PASSPHRASE)
    assert list(tmp_path.iterdir()) == []


def test_a_second_workspace_in_the_same_folder_is_refused(workspace: Workspace) -> None:
    with pytest.raises(RefusedError, match="已经有一份"):
        create_workspace(workspace.folder, village=VILLAGE, name="x", person="y", passphrase=PASSPHRASE)


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoWorkspaceError, match="还没有村里的资料"):
        open_workspace(tmp_path, PASSPHRASE)


def test_a_newer_database_is_refused_and_left_alone(workspace: Workspace) -> None:
    with workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabaseError, match="更新版本"):
        open_with_key(workspace.folder, workspace.key)


def test_a_database_that_is_no_database_is_said(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / KEY_FILE).write_bytes((workspace.folder / KEY_FILE).read_bytes())
    (folder / DATABASE_FILE).write_bytes(b"\0" * 8192)
    with pytest.raises(ProblemOutsideError, match="资料文件打不开"):
        open_with_key(folder, workspace.key)


def test_the_clock_of_changes_never_goes_back(make_workspace: MakeWorkspace, clock: FixedClock) -> None:
    workspace = make_workspace()
    add_household(workspace, "先")
    clock.moment = datetime(1970, 1, 1, tzinfo=UTC)
    add_household(workspace, "后")
    workspace.close()
    again = open_with_key(workspace.folder, workspace.key, clock=clock)
    add_household(again, "再后")
    with again.engine.connect() as connection:
        clocks = connection.scalars(text("SELECT min(clock) FROM change_log GROUP BY tx ORDER BY min(seq)")).all()
    again.close()
    assert clocks == sorted(set(clocks))


def test_attachments_come_back_and_damage_is_found(workspace: Workspace) -> None:
    sha256 = workspace.attachments.put(b"photo")
    assert workspace.attachments.put(b"photo") == sha256
    assert workspace.attachments.get(sha256) == b"photo"
    path = workspace.attachments.path_of(sha256)
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(AttachmentMissingError, match="有损坏"):
        workspace.attachments.get(sha256)
    path.unlink()
    with pytest.raises(AttachmentMissingError, match="不在这台电脑上"):
        workspace.attachments.get(sha256)


def test_a_backup_brings_everything_back(make_workspace: MakeWorkspace, tmp_path: Path) -> None:
    workspace = make_workspace()
    add_household(workspace, "罗铉")
    sha256 = workspace.attachments.put(b"photo")
    result = write_backup(workspace, tmp_path / "a.tgb")
    assert result.bytes == (tmp_path / "a.tgb").stat().st_size
    add_household(workspace, "后来的")
    workspace.close()
    restore_backup(tmp_path / "a.tgb", workspace.folder, passphrase=PASSPHRASE)
    restore_backup(tmp_path / "a.tgb", tmp_path / "empty", passphrase=PASSPHRASE)
    for folder in (workspace.folder, tmp_path / "empty"):
        again = open_workspace(folder, PASSPHRASE)
        assert heads(again) == ["罗铉"]
        assert again.attachments.get(sha256) == b"photo"
        assert again.state("restored") == "1"
        assert is_whole(again)
        again.close()


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "text"])
def test_a_damaged_backup_is_refused_and_changes_nothing(workspace: Workspace, tmp_path: Path, damage: str) -> None:
    add_household(workspace, "罗铉")
    path = tmp_path / "a.tgb"
    write_backup(workspace, path)
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(
        {
            "cut": content[:middle],
            "flip": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
            "empty": b"",
            "text": b"not a backup",
        }[damage]
    )
    with pytest.raises(DamagedBackupError, match="不完整"):
        restore_backup(path, workspace.folder, passphrase=PASSPHRASE)
    assert heads(workspace) == ["罗铉"]


@pytest.mark.parametrize("evil", ["attachments/../../evil", "../evil", "attachments/../evil", "evil"])
@pytest.mark.parametrize("listed", ["files", "outside"])
def test_a_backup_with_a_path_that_climbs_out_is_refused_though_its_list_is_right(
    workspace: Workspace, tmp_path: Path, evil: str, listed: str
) -> None:
    """Made by who has the key: the bytes fit the list, and the list is sealed. Only the name is wrong."""
    written, made = tmp_path / "a.tgb", tmp_path / "stick" / "a.tgb"
    write_backup(workspace, written)
    manifest = check_container(written)
    hashes = {**manifest.files, evil: hashlib.sha256(b"evil").hexdigest()} if listed == "files" else manifest.files
    outside = {evil: 4} if listed == "outside" else {}
    made.parent.mkdir()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(made, "w") as container:
        for name in manifest.files:
            container.writestr(name, source.read(name))
        if listed == "files":
            container.writestr(evil, b"evil")
        container.writestr(MANIFEST, replace(manifest, files=hashes, outside=outside).sealed(workspace.key).as_json())
    workspace.close()
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    for key in (workspace.key, None):
        with pytest.raises(DamagedBackupError):
            restore_backup(made, tmp_path / "new", passphrase=PASSPHRASE, key=key)
    after = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert {path for path in after - before if not path.is_relative_to(tmp_path / "new")} == set()
    assert not any(path.name == "evil" for path in after)


def test_a_backup_does_not_replace_another_workspace(make_workspace: MakeWorkspace, tmp_path: Path) -> None:
    workspace = make_workspace()
    write_backup(workspace, tmp_path / "a.tgb")
    other = tmp_path / "other"
    create_workspace(other, village=VILLAGE, name="太平村", person="别人", passphrase=PASSPHRASE).close()
    with pytest.raises(RefusedError, match="不是这里这份资料的"):
        restore_backup(tmp_path / "a.tgb", other, passphrase=PASSPHRASE)


def test_a_failed_backup_keeps_the_old_one(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "a.tgb"
    write_backup(workspace, path)
    before = path.read_bytes()
    workspace.attachments.put(b"photo")
    file = next(workspace.attachments.files())
    file.chmod(0)
    file.rename(file.with_name(file.name + "x"))
    file.mkdir()
    with pytest.raises(ProblemOutsideError):
        write_backup(workspace, path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


def test_verify_names_what_is_wrong(workspace: Workspace) -> None:
    add_household(workspace, "罗铉")
    assert is_whole(workspace)
    with workspace.engine.execution_options(write=True).begin() as connection:
        connection.execute(text("DROP TRIGGER tg_household_update"))
    report = verify_workspace(workspace, digests=lambda _: {}, checks=[lambda _: ["凭证不平"]])
    assert not report.ok
    assert any("机关不完整" in problem for problem in report.problems)
    assert "凭证不平" in report.problems


def flip(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 0xFF
    path.write_bytes(bytes(content))


def test_verify_finds_a_flipped_page(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "w", village=VILLAGE, name="太平村", person="李琼仙", passphrase=PASSPHRASE)
    for number in range(50):
        add_household(workspace, f"第{number}户")
    with workspace.engine.connect() as connection:
        page = connection.scalar(text("SELECT rootpage FROM sqlite_schema WHERE name = 'device_state'"))
    workspace.close()
    path = workspace.folder / DATABASE_FILE
    flip(path, -2000)
    engine = open_engine(path, workspace.key, clock=workspace.hybrid_clock)
    workspace.engine = engine
    report = verify_workspace(workspace, digests=lambda _: {})
    engine.dispose()
    assert not report.ok
    assert any("损坏" in problem and "最近一次备份" in problem and "同步" in problem for problem in report.problems)
    # Opening reads few pages; one that it needs is said at once.
    flip(path, (page - 1) * 4096 + 2000)
    with pytest.raises(DamagedDatabaseError, match="一处损坏") as refusal:
        open_with_key(workspace.folder, workspace.key)
    assert "最近一次备份" in refusal.value.next_step
    assert "县里" in refusal.value.next_step
