"""Back to the keyboard, or another person instead of her, while the workspace is open: the secret tells who it is."""

from __future__ import annotations

from uuid import UUID

from desktop_app.staff.keys import holders_of
from desktop_app.staff.pins import find_by_pin, looks_like_pin
from desktop_app.storage.entry import (
    MustChangeError,
    NotAdmittedError,
    actor_of,
    admit,
    check_device,
    check_person,
    settle_entry,
)
from desktop_app.storage.entry_guard import FREE_TRIES, EntryGuard
from desktop_app.storage.key_file import WrongPassphraseError
from desktop_app.storage.workspace import Workspace


def come_to_keyboard(workspace: Workspace, secret: str) -> Workspace:
    """The workspace in the name of whose secret it is: the same object when it is the person who was here.

    Raises `WaitError`, `WrongPassphraseError`, `NotAdmittedError`.
    """
    guard = EntryGuard(workspace.folder)
    guard.check()
    check_device(workspace)
    slot = find_by_pin(workspace, secret) if guard.wrong < FREE_TRIES else None
    if slot is not None:
        person = UUID(holders_of(workspace)[slot].person)
        check_person(workspace, person)
        return _in_name(workspace, person, slot=slot)
    try:
        admission = admit(workspace.folder, secret, guard=guard)
    except WrongPassphraseError as error:
        if looks_like_pin(secret) and guard.wrong >= FREE_TRIES:
            error.next_step += "现在数字密码不管用，要填完整的口令。"
            raise WrongPassphraseError(error.what, safe=error.safe, next_step=error.next_step) from error
        raise
    if admission.opened.key != workspace.key:
        raise NotAdmittedError("钥匙文件换成了另一份资料的。", safe="资料没有动过。", next_step="请关掉田埂再打开。")
    if admission.must_change:
        raise MustChangeError(
            "这是一次性口令，要先换成自己的。",
            safe="这里填了一半的都还在。",
            next_step="请让现在的人存好、关掉田埂，再用一次性口令打开，就会请您换。",
        )
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
