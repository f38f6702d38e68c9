"""The key file: what it shows, what damage does to it, what a removed slot is worth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_app.bootstrap import create_workspace, open_workspace
from desktop_app.storage import key_file
from desktop_app.storage.key_file import (
    Holder,
    KeyFileError,
    WrongPassphraseError,
    copy_of,
    create_key,
    new_slot,
    read_key_file,
    unlock,
    write_key_file,
)
from desktop_app.storage.key_wrapping import WrappedKey, unwrap_key
from desktop_app.storage.workspace import KEY_FILE
from tests.keys.conftest import SECOND, Village
from tests.workspaces import PASSPHRASE, VILLAGE
from village_core.domain.errors import RefusedError


def test_each_passphrase_tells_whose_it_is_and_the_file_shows_no_name(village: Village) -> None:
    path = village.workspace.folder / KEY_FILE
    first, second = unlock(path, PASSPHRASE), unlock(path, SECOND)
    assert first.key == second.key == village.workspace.key
    assert first.holder and second.holder
    assert (first.holder.person, second.holder.person) == (village.first.hex, village.second.hex)
    shown = path.read_text()
    for word in ("李琼仙", "普建国", "报账员", "会计", VILLAGE, village.first.hex, village.second.hex):
        assert word not in shown
    assert {frozenset(slot) for slot in json.loads(shown)["keys"]} == {
        frozenset({"id", "kind", "argon2id", "salt", "wrapped"})
    }


def test_opening_finds_the_person_of_the_passphrase(village: Village) -> None:
    folder = village.workspace.folder
    for passphrase, name, role in ((PASSPHRASE, "李琼仙", "报账员"), (SECOND, "普建国", "会计")):
        opened = open_workspace(folder, passphrase)
        assert (opened.actor.name, opened.actor.role) == (name, role)
        with opened.unit_of_work(reason="试") as uow:
            assert uow.actor.person_id == (village.first if name == "李琼仙" else village.second)
        opened.close()


def test_a_file_of_the_first_version_opens_and_becomes_one_of_the_second(cheap: None, tmp_path: Path) -> None:
    folder = tmp_path / "old"
    create_workspace(folder, village=VILLAGE, name="太平村", person="李琼仙", passphrase=PASSPHRASE).close()
    path = folder / KEY_FILE
    (entry,) = json.loads(path.read_bytes())["keys"]
    path.write_text(json.dumps({"version": 1, "keys": [{n: entry[n] for n in ("argon2id", "salt", "wrapped")}]}))
    copy_of(path).unlink()
    opened = open_workspace(folder, PASSPHRASE)
    assert opened.actor.name == "李琼仙"
    holders = read_key_file(path).holders(opened.key)
    assert [holder.person for holder in holders.values()] == [opened.actor.person_id.hex]
    assert copy_of(path).read_bytes() == path.read_bytes()
    opened.close()


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.floats(0, 0.999), how=st.sampled_from(["flip", "cut", "zeros", "empty", "gone"]))
def test_one_damaged_file_locks_nobody_out(cheap: None, tmp_path: Path, where: float, how: str) -> None:
    path = tmp_path / KEY_FILE
    path.unlink(missing_ok=True)
    key = create_key(path, PASSPHRASE, person="ab" * 16)
    good = path.read_bytes()
    at = int(where * len(good))
    for damaged in (path, copy_of(path)):
        path.write_bytes(good)
        copy_of(path).write_bytes(good)
        match how:
            case "flip":
                damaged.write_bytes(good[:at] + bytes([good[at] ^ 4]) + good[at + 1 :])
            case "cut":
                damaged.write_bytes(good[:at])
            case "zeros":
                damaged.write_bytes(good[:at] + bytes(len(good) - at))
            case "empty":
                damaged.write_bytes(b"")
            case _:
                damaged.unlink()
        assert unlock(path, PASSPHRASE).key == key


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"null", b'{"version": 2, "keys": []}', b'{"keys": 3}', b"\xff"]
)
def test_both_damaged_is_said_and_is_no_wrong_passphrase(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / KEY_FILE
    for one in (path, copy_of(path)):
        one.write_bytes(content)
    with pytest.raises(KeyFileError, match=r"损坏.*备份") as told:
        unlock(path, PASSPHRASE)
    assert told.value.exit_status == 3


def test_a_lost_key_file_never_looks_like_an_empty_folder(village: Village) -> None:
    folder = village.workspace.folder
    for path in (folder / KEY_FILE, copy_of(folder / KEY_FILE)):
        path.unlink()
    with pytest.raises(KeyFileError, match=r"钥匙文件不见了.*备份"):
        open_workspace(folder, PASSPHRASE)
    with pytest.raises(RefusedError, match="已经有一份"):
        create_workspace(folder, village=VILLAGE, name="太平村", person="甲", passphrase=PASSPHRASE)
    assert (folder / "village.db").stat().st_size > 0


def test_a_damaged_copy_is_mended_at_the_next_opening_and_journalled(village: Village) -> None:
    folder = village.workspace.folder
    copy_of(folder / KEY_FILE).write_bytes(b"x")
    opened = open_workspace(folder, PASSPHRASE)
    assert copy_of(folder / KEY_FILE).read_bytes() == (folder / KEY_FILE).read_bytes()
    assert "key_mended" in kinds(village)
    opened.close()


def test_a_slot_put_in_by_hand_opens_nothing(village: Village) -> None:
    """Who kept the file of before his removal can put his slot back, but not into the sealed list."""
    path = village.workspace.folder / KEY_FILE
    file, key = read_key_file(path), village.workspace.key
    foreign = new_slot(key, "以前的口令还记得")
    write_key_file(path, type(file)((*file.slots, foreign), file.sealed))
    with pytest.raises(KeyFileError):
        unlock(path, "以前的口令还记得")
    assert unlock(path, PASSPHRASE).key == key


def test_absurd_costs_are_damage_and_take_no_memory(tmp_path: Path, cheap: None) -> None:
    path = tmp_path / KEY_FILE
    create_key(path, PASSPHRASE)
    plain = json.loads(path.read_bytes())
    plain["keys"][0]["argon2id"]["memory_cost"] = 1 << 40
    for one in (path, copy_of(path)):
        one.write_text(json.dumps(plain | {"version": 1}))
    with pytest.raises(KeyFileError):
        unlock(path, PASSPHRASE)


def test_the_last_used_slot_is_tried_first(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[WrappedKey] = []

    def counted(one: WrappedKey, secret: str) -> bytes | None:
        tried.append(one)
        return unwrap_key(one, secret)

    monkeypatch.setattr(key_file, "unwrap_key", counted)
    open_workspace(village.workspace.folder, SECOND).close()
    tried.clear()
    open_workspace(village.workspace.folder, SECOND).close()
    assert len(tried) == 1


def test_holders_grow_without_the_file_telling_who_has_a_pin(village: Village) -> None:
    path, key = village.workspace.folder / KEY_FILE, village.workspace.key
    file = read_key_file(path)
    before = len(file.sealed)
    holders = {
        slot: Holder(one.person, pin_salt="ab" * 16, pin_hash="cd" * 32) for slot, one in file.holders(key).items()
    }
    assert len(file.with_holders(holders, key=key).sealed) == before


def test_a_wrong_passphrase_says_how_many_tries_are_left(village: Village) -> None:
    with pytest.raises(WrongPassphraseError, match="再错 4 次要等"):
        open_workspace(village.workspace.folder, "没有这句口令呀呀")


def kinds(village: Village) -> list[str]:
    from desktop_app.storage.access_log import list_access

    with village.workspace.reader() as reader:
        return [entry.kind for entry in list_access(reader.session)]
