"""Using the recovery key: a new passphrase for somebody who works here, put on record."""

from __future__ import annotations

from desktop_app.staff.keys import set_passphrase_of
from desktop_app.staff.queries import Person, list_staff
from desktop_app.storage.entry import Admission, actor_of
from desktop_app.storage.recovery_key import STANDING, USED
from desktop_app.storage.unit_of_work import Actor
from desktop_app.storage.workspace import Workspace
from village_core.domain.errors import RefusedError


def list_recoverable(workspace: Workspace) -> list[Person]:
    """Who may get a new passphrase: those who work here and have a role, who made the workspace first."""
    with workspace.reader() as reader:
        people = [person for person in list_staff(reader) if person.roles]
    first = workspace.state("person")
    return sorted(people, key=lambda person: person.id.hex != first)


def set_passphrase_by_recovery(workspace: Workspace, admission: Admission, *, passphrase: str, user: str = "") -> Actor:
    """A new passphrase for `user`, without a name for who made the workspace; from then on she is at the keyboard."""
    people = list_recoverable(workspace)
    person = next((one for one in people if not user or one.name == user), None)
    if person is None:
        names = "、".join(one.name for one in people) or "没有人"
        raise RefusedError(
            f"在岗的人里没有“{user}”。" if user else "人员名单上没有在岗的人。",
            safe="资料没有动过，恢复钥匙还能用。",
            next_step=f"现在在岗的：{names}。",
        )
    set_passphrase_of(workspace, person.id, passphrase)
    admission.guard.note_right("")
    workspace.actor = actor_of(workspace.engine, person.id)
    workspace.set_state(STANDING, USED)
    workspace.log_access("recovery_used", person.name, "用恢复钥匙打开，重设了口令", about=person.id)
    return workspace.actor
