"""A workspace that the frozen older program wrote, to be copied and upgraded."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_app.storage.key_file import unlock_key
from desktop_app.storage.workspace import KEY_FILE
from tests.older_client import Program
from tests.workspaces import PASSPHRASE, VILLAGE


@pytest.fixture(scope="session")
def older_workspace(older_program: Program, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A workspace of schema 1 and its key."""
    folder = tmp_path_factory.mktemp("older") / "workspace"
    older_program(folder, "init", "--village", VILLAGE, "--name", "太平村", "--person", "李琼仙")
    older_program.deed(folder, "vouchers", "2")
    return folder, unlock_key(folder / KEY_FILE, PASSPHRASE)
