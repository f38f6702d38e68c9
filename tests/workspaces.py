"""Real encrypted workspaces for tests. One is made a session and copied, since stretching a passphrase is slow."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import pytest

from desktop_app.bootstrap import create_workspace, open_with_key
from desktop_app.storage.key_file import unlock_key
from desktop_app.storage.unit_of_work import UnitOfWork
from desktop_app.storage.workspace import Workspace
from village_core.domain.clock import FixedClock

T = TypeVar("T")

VILLAGE = "532327101201"
PASSPHRASE = "田埂连着家家户户"
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
"""10:00 in the morning of 22 November 2026 in China."""

MakeWorkspace = Callable[..., Workspace]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture(scope="session")
def template_workspace(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A closed workspace of 太平村 with 李琼仙 as its one person, and its key."""
    folder = tmp_path_factory.mktemp("template") / "workspace"
    create_workspace(
        folder, village=VILLAGE, name="太平村", person="李琼仙", passphrase=PASSPHRASE, clock=FixedClock(NOW)
    ).close()
    return folder, unlock_key(folder / "key.json", PASSPHRASE)


@pytest.fixture
def make_workspace(
    tmp_path: Path, template_workspace: tuple[Path, bytes], clock: FixedClock
) -> Iterator[MakeWorkspace]:
    """`make_workspace("name")`: a workspace of its own for this test, closed at its end.

    All of them are copies of one and share person and key; laptops that meet at a county come from `init`.
    """
    opened: list[Workspace] = []
    template, key = template_workspace

    def make(name: str = "workspace", *, at: FixedClock | None = None) -> Workspace:
        folder = tmp_path / name
        shutil.copytree(template, folder)
        workspace = open_with_key(folder, key, clock=at or clock)
        opened.append(workspace)
        return workspace

    yield make
    for workspace in opened:
        workspace.close()


@pytest.fixture
def workspace(make_workspace: MakeWorkspace) -> Workspace:
    return make_workspace()


def do(workspace: Workspace, deed: Callable[[UnitOfWork], T], *, reason: str = "试") -> T:
    """One deed, committed."""
    with workspace.unit_of_work(reason=reason) as uow:
        outcome = deed(uow)
        uow.commit()
    return outcome
