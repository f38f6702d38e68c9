"""Back to the keyboard, or another person instead of her, while the workspace is open: the secret tells who it is."""

from __future__ import annotations

from uuid import UUID

from desktop_app.staff.keys import change_own_passphrase, holders_of
from desktop_app.staff.pins import find_by_pin, looks_like_pin
from desktop_app.storage.entry import (
    Admission,
    MustChangeError,
    NotAdmittedError,
    actor_of,
    admit,
    check_device,
    check_person,
    settle_entry,
)
from desktop_app.storage.entry_guard import FREE_TRIES, EntryGuard
from desktop_app.storage.key_file import WrongPassphraseError, check_passphrase
from desktop_app.storage.workspace import Workspace


def come_to_keyboard(workspace: Workspace, secret: str) -> Workspace:
    """The workspace in the name of whose secret it is: the same object when it is the person who was here.

    Raises `WaitError`, `WrongPassphraseError`, `NotAdmittedError`; `MustChangeError` for a passphrase for one use.
    """
    guard = EntryGuard(workspace.folder)
    guard.check()
    check_device(workspace)
    slot = find_by_pin(workspace, secret) if guard.wrong < FREE_TRIES else None
    if slot is not None:
        person = UUID(holders_of(workspace)[slot].person)
        check_person(workspace, person)
        return _in_name(workspace, person, slot=slot)
    admission = _admitted(workspace, secret, guard)
    if admission.must_change:
        raise MustChangeError(
            "这是一次性口令，要先换成自己的。", safe="这里填了一半的都还在。", next_step="请想一句只有自己知道的话。"
        )
    return _take_place(workspace, admission)


def come_with_own(workspace: Workspace, one_time: str, *, own: str) -> Workspace:
    """Like `come_to_keyboard`, with a passphrase for one use that becomes her own first."""
    guard = EntryGuard(workspace.folder)
    guard.check()
    check_device(workspace)
    check_passphrase(own)
    admission = _admitted(workspace, one_time, guard)
    person = admission.person or workspace.actor.person_id
    check_person(workspace, person)
    named = workspace.in_name_of(actor_of(workspace.engine, person), slot=admission.opened.slot.id)
    change_own_passphrase(named, one_time, new=own)
    return _take_place(workspace, admission)


def _admitted(workspace: Workspace, secret: str, guard: EntryGuard) -> Admission:
    try:
        admission = admit(workspace.folder, secret, guard=guard)
    except WrongPassphraseError as error:
        if looks_like_pin(secret) and guard.wrong >= FREE_TRIES:
            error.next_step += "现在数字密码不管用，要填完整的口令。"
            raise WrongPassphraseError(error.what, safe=error.safe, next_step=error.next_step) from error
        raise
    if admission.opened.key != workspace.key:
        raise NotAdmittedError("钥匙文件换成了另一份资料的。", safe="资料没有动过。", next_step="请关掉田埂再打开。")
    return admission


def _take_place(workspace: Workspace, admission: Admission) -> Workspace:
    person = admission.person or workspace.actor.person_id
    check_person(workspace, person)
    other = _in_name(workspace, person, slot=admission.opened.slot.id)
    settle_entry(other, admission)
    return other


def _in_name(workspace: Workspace, person: UUID, *, slot: str) -> Workspace:
    if person == workspace.actor.person_id:
        workspace.log_access("unlock", "workspace")
        return workspace
    other = workspace.in_name_of(actor_of(workspace.engine, person), slot=slot)
    other.log_access("login", "workspace", f"从 {workspace.actor.name} 换到 {other.actor.name}")
    return other
