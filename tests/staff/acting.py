"""Other people at the keyboard of a test's workspace."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from desktop_app.staff import service
from desktop_app.staff.queries import list_staff
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.storage.workspace import Workspace
from tests.workspaces import do


def add(workspace: Workspace, name: str, *roles: str, relatives: str = "", note: str = "") -> UUID:
    """A further person; `note` puts 兼任 on record."""

    def deed(uow: UnitOfWork) -> None:
        service.save_person(uow, name=name, roles=roles, may_combine_duties=bool(note), note=note)

    do(workspace, deed)
    with workspace.reader() as reader:
        person = next(one.id for one in list_staff(reader) if one.name == name)
    if relatives:
        do(workspace, lambda uow: service.declare_relatives(uow, person, lines=relatives))
    return person


def sit_down(workspace: Workspace, person: UUID) -> None:
    """This person is at the keyboard from now on."""
    with workspace.reader() as reader:
        known = next(one for one in list_staff(reader, left=True) if one.id == person)
    workspace.actor = replace(workspace.actor, person_id=person, name=known.name, role=known.roles[0])
