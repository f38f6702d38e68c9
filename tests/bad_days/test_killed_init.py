"""kill -9 while a workspace is made: the folder is free again, or holds the whole."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_app.bootstrap import create_workspace, has_workspace, open_with_key, open_workspace
from desktop_app.storage.backup import write_backup
from desktop_app.storage.one_at_a_time import alone
from desktop_app.storage.restore import restore_backup
from desktop_app.storage.unfinished import MARK, making
from desktop_app.storage.workspace import Workspace
from tests.workspaces import PASSPHRASE, VILLAGE
from village_core.domain.errors import ProblemOutsideError

SCRIPT = """
import os, struct, sys
from pathlib import Path
from sqlalchemy import Engine, event
from desktop_app.bootstrap import create_workspace
from tests.storage.backup_kills import STEPS, Fuse
folder, steps = Path(sys.argv[1]), [int(word) for word in sys.argv[2:]]
for fatal in steps:
    struct.pack_into("q", STEPS, 0, 0)
    child = os.fork()
    if child == 0:
        fuse = Fuse(fatal)
        fuse.lay()
        event.listen(Engine, "commit", fuse.burn)
        create_workspace(folder / str(fatal), village="532327101201", name="太平村", person="李琼仙",
                         passphrase="田埂连着家家户户").close()
        os._exit(0)
    os.waitpid(child, 0)
    print(struct.unpack_from("q", STEPS)[0])
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 and fork are of Unix")


def make_and_kill(folder: Path, *steps: int) -> list[int]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), *map(str, steps)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(line) for line in done.stdout.splitlines()]


def test_a_folder_whose_making_was_killed_can_be_used_again(tmp_path: Path) -> None:
    (steps,) = make_and_kill(tmp_path, 0)
    moments = sorted({2, 4, 6, 9, *range(12, steps, max(steps // 5, 1)), steps})
    make_and_kill(tmp_path, *moments)
    free = [moment for moment in moments if not has_workspace(tmp_path / str(moment))]
    whole = [moment for moment in moments if moment not in free]
    assert len(free) > 6
    for moment in whole:
        open_workspace(tmp_path / str(moment), PASSPHRASE).close()
    for moment in (free[0], free[-1]):
        folder = tmp_path / str(moment)
        create_workspace(folder, village=VILLAGE, name="太平村", person="李琼仙", passphrase=PASSPHRASE).close()
        open_workspace(folder, PASSPHRASE).close()
        assert not (folder / MARK).exists()


def test_one_that_is_being_made_elsewhere_is_left_alone(tmp_path: Path) -> None:
    with making(tmp_path):
        (tmp_path / "village.db").write_bytes(b"half")
        assert has_workspace(tmp_path)
        with pytest.raises(ProblemOutsideError, match="正在进行"), alone(tmp_path / MARK, what="新建资料"):
            pass
    assert (tmp_path / "village.db").exists()


def test_a_restore_into_a_folder_whose_making_was_killed_stays(workspace: Workspace, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    make_and_kill(tmp_path, 12)
    (tmp_path / "12").rename(folder)
    assert (folder / MARK).exists()
    write_backup(workspace, tmp_path / "a.tgb")
    restore_backup(tmp_path / "a.tgb", folder, key=workspace.key)
    assert has_workspace(folder)
    open_with_key(folder, workspace.key).close()
