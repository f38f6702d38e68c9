"""A village with three people who work there; Argon2 at its least cost, since it is not what is tried here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from desktop_app.staff.keys import add_person
from desktop_app.staff.service import save_person
from desktop_app.storage import key_wrapping
from desktop_app.storage.key_file import put_secret, read_key_file
from desktop_app.storage.workspace import KEY_FILE, Workspace
from tests.workspaces import PASSPHRASE, MakeWorkspace
from village_core.domain.ids import new_id

SECOND = "稻子黄了就去收割"


@dataclass
class Village:
    """李琼仙 made it, 普建国 (会计) has a passphrase too, 张秀英 (村监委会) has none."""

    workspace: Workspace
    second: UUID
    third: UUID

    @property
    def first(self) -> UUID:
        return self.workspace.actor.person_id


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The cost is kept with each slot, so that only new ones are cheap."""
    monkeypatch.setitem(key_wrapping.ARGON2, "time_cost", 1)
    monkeypatch.setitem(key_wrapping.ARGON2, "memory_cost", 64)
    yield


@pytest.fixture
def village(cheap: None, make_workspace: MakeWorkspace) -> Village:
    workspace = make_workspace()
    people = [new_id(), new_id()]
    with workspace.unit_of_work(reason="登记人员") as uow:
        save_person(uow, people[0], name="普建国", roles=["会计"])
        save_person(uow, people[1], name="张秀英", roles=["村监委会"])
        uow.commit()
    add_person(workspace, people[0], passphrase=SECOND)
    path = workspace.folder / KEY_FILE
    (workspace.slot,) = (slot.id for slot in read_key_file(path).slots if _is_first(workspace, slot.id))
    put_secret(path, read_key_file(path), workspace.slot, key=workspace.key, secret=PASSPHRASE)
    return Village(workspace, *people)


def _is_first(workspace: Workspace, slot: str) -> bool:
    holders = read_key_file(workspace.folder / KEY_FILE).holders(workspace.key)
    return holders[slot].person == workspace.actor.person_id.hex
