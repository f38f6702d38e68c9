"""Who opens this laptop: people and their passphrases. Nothing here is ever encrypted anew, only the key's slots.

Each deed reads the key file, writes it whole, and goes to the journal. Setting a passphrase takes a moment (Argon2id).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from desktop_app.staff.queries import Person, list_staff
from desktop_app.storage.entry import MustChangeError, confirm_person
from desktop_app.storage.key_file import (
    RECOVERY,
    Holder,
    KeyFile,
    Slot,
    check_passphrase,
    check_unused,
    new_slot,
    put_secret,
    read_key_file,
    write_key_file,
)
from desktop_app.storage.key_wrapping import wrap_key
from desktop_app.storage.recovery_key import SHOWN, STANDING, new_recovery_key
from desktop_app.storage.workspace import KEY_FILE, Workspace
from village_core.domain.errors import RefusedError
from village_core.domain.staff.rights import Right

_ONE_TIME_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_ONE_TIME_GROUPS, _ONE_TIME_SIZE = 3, 4


@dataclass(frozen=True)
class KeyPerson:
    """One of those who work here, and whether the person can open this laptop."""

    person: Person
    slot: str
    must_change: bool
    has_pin: bool

    @property
    def words(self) -> str:
        """李琼仙（报账员） and how it stands with her passphrase."""
        if not self.slot:
            return self.person.words
        state = "等本人换掉一次性口令" if self.must_change else "有口令，也有数字密码" if self.has_pin else "有口令"
        return f"{self.person.words}　{state}"


def list_key_people(workspace: Workspace) -> list[KeyPerson]:
    """Everybody who works here; those who can open this laptop first."""
    holders = holders_of(workspace)
    by_person = {holder.person: (slot, holder) for slot, holder in holders.items() if holder.person}
    with workspace.reader() as reader:
        people = list_staff(reader)
    found = []
    for person in people:
        slot, holder = by_person.get(person.id.hex, ("", Holder("")))
        found.append(KeyPerson(person, slot, holder.must_change, bool(holder.pin_hash)))
    return sorted(found, key=lambda one: not one.slot)


def add_person(workspace: Workspace, person_id: UUID, *, passphrase: str) -> None:
    """Let a person open this laptop with a passphrase that the person typed without anybody looking."""
    workspace.require(Right.MANAGE_PEOPLE)
    _set(workspace, person_id, passphrase=passphrase, must_change=False)
    workspace.log_access("key_added", _name(workspace, person_id), "可以用自己的口令打开这台电脑", about=person_id)


def make_one_time_passphrase(workspace: Workspace, person_id: UUID) -> str:
    """For who is not here, or forgot: a passphrase for one use, told once. The old one opens nothing any more."""
    workspace.require(Right.MANAGE_PEOPLE)
    passphrase = "-".join(
        "".join(secrets.choice(_ONE_TIME_LETTERS) for _ in range(_ONE_TIME_SIZE)) for _ in range(_ONE_TIME_GROUPS)
    )
    _set(workspace, person_id, passphrase=passphrase, must_change=True)
    workspace.log_access("key_reset", _name(workspace, person_id), "重设了口令，本人第一次打开时要换", about=person_id)
    return passphrase


def remove_person(workspace: Workspace, person_id: UUID) -> None:
    """The person's passphrase opens this laptop no more. What the person did stays on record."""
    workspace.require(Right.MANAGE_PEOPLE)
    if person_id == workspace.actor.person_id:
        raise RefusedError("不能去掉正在用的人。", safe="资料没有改动。", next_step="请由别人来去掉。")
    file = _file(workspace)
    gone = [slot for slot, holder in file.holders(workspace.key).items() if holder.person == person_id.hex]
    write_key_file(workspace.folder / KEY_FILE, file.without(gone, key=workspace.key))
    workspace.log_access("key_removed", _name(workspace, person_id), "不能再打开这台电脑", about=person_id)


def change_own_passphrase(workspace: Workspace, old: str, *, new: str) -> None:
    """Of the person at the keyboard, who must know the old one; wrong ones count like at the door."""
    check_passphrase(new)
    slot = confirm_own(workspace, old).slot
    file = _file(workspace)
    check_unused(file, new, but=slot)
    if new == old:
        raise RefusedError("新口令和原来的一样。", safe="原来的口令没有变。", next_step="请另想一句。")
    put_secret(workspace.folder / KEY_FILE, file, slot, key=workspace.key, secret=new)
    workspace.log_access("passphrase", "workspace")


def confirm_own(workspace: Workspace, passphrase: str) -> Workspace:
    """That it is she who sits at the open window; wrong ones count like at the door. Tells her slot."""
    named = confirm_person(workspace, passphrase)
    if named.actor.person_id != workspace.actor.person_id:
        raise RefusedError("现在的口令不对。", safe="原来的口令没有变。", next_step="请填您自己现在用的口令。")
    return named


def check_own_passphrase(workspace: Workspace) -> None:
    """Whoever came with a passphrase for one use changes it before anything else. Raises `MustChangeError`."""
    holder = holder_of(workspace)
    if holder is not None and holder.must_change:
        raise MustChangeError(
            "这是一次性口令，要先换成自己的。", safe="资料没有动过。", next_step="请想一句只有自己知道的话。"
        )


def make_recovery_key(workspace: Workspace) -> str:
    """A new recovery key, told once and stored nowhere; one made before opens nothing any more."""
    workspace.require(Right.MANAGE_PEOPLE)
    text = new_recovery_key()
    file = _file(workspace)
    old = [slot.id for slot in file.slots if slot.kind == RECOVERY]
    slot = new_slot(workspace.key, text, kind=RECOVERY)
    file = file.without(old, key=workspace.key).with_slot(slot, Holder(""), key=workspace.key)
    write_key_file(workspace.folder / KEY_FILE, file)
    workspace.set_state(STANDING, SHOWN)
    workspace.log_access("recovery_made", "workspace", "原来的恢复钥匙作废" if old else "")
    return text


def has_recovery_key(workspace: Workspace) -> bool:
    return _file(workspace).recovery is not None


def holders_of(workspace: Workspace) -> dict[str, Holder]:
    """Slot id → holder, of all slots."""
    return _file(workspace).holders(workspace.key)


def holder_of(workspace: Workspace) -> Holder | None:
    """The holder of the slot that the workspace was opened with."""
    return holders_of(workspace).get(workspace.slot)


def write_holders(workspace: Workspace, holders: Mapping[str, Holder]) -> None:
    """Write the list of holders; the slots stay."""
    write_key_file(workspace.folder / KEY_FILE, _file(workspace).with_holders(holders, key=workspace.key))


def set_passphrase_of(workspace: Workspace, person_id: UUID, passphrase: str) -> None:
    """Without asking for rights: after the recovery key, or in place of a passphrase for one use."""
    _set(workspace, person_id, passphrase=passphrase, must_change=False)


def _set(workspace: Workspace, person_id: UUID, *, passphrase: str, must_change: bool) -> None:
    check_passphrase(passphrase)
    file = _file(workspace)
    holders = file.holders(workspace.key)
    slot_id = next((slot for slot, holder in holders.items() if holder.person == person_id.hex), None)
    check_unused(file, passphrase, but=slot_id or "")
    slot = (
        new_slot(workspace.key, passphrase)
        if slot_id is None
        else replace(_slot(file, slot_id), wrapped=wrap_key(workspace.key, passphrase))
    )
    holder = Holder(person_id.hex, must_change=must_change)
    write_key_file(workspace.folder / KEY_FILE, file.with_slot(slot, holder, key=workspace.key))


def _slot(file: KeyFile, slot_id: str) -> Slot:
    slot = file.slot(slot_id)
    assert slot is not None, "the list of holders names only slots of its file"
    return slot


def _file(workspace: Workspace) -> KeyFile:
    """The key file; one of the first version is told as belonging to who made the workspace."""
    file = read_key_file(workspace.folder / KEY_FILE)
    if file.sealed:
        return file
    person = workspace.state("person") or ""
    return file.with_holders({slot.id: Holder(person) for slot in file.slots}, key=workspace.key)


def _name(workspace: Workspace, person_id: UUID) -> str:
    with workspace.reader() as reader:
        return next((one.name for one in list_staff(reader, left=True) if one.id == person_id), "")
