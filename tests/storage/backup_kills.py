"""A program for tests of kill -9 around backups: `backup_kills.py JOB FOLDER KEY BACKUP` reads numbers, one a line.

For each it starts a process that does the job and is killed at that step; 0 kills none. A step is a call that reaches
the disk (a file opened, flushed, renamed, removed) or an SQL statement; the processes are forked from one that has
loaded everything. Prints the signal that ended each, or 0, and its steps.
"""

from __future__ import annotations

import mmap
import os
import shutil
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from desktop_app.bootstrap import open_with_key
from desktop_app.storage.backup import write_backup
from desktop_app.storage.restore import restore_backup
from desktop_app.storage.second_place import copy_to_second_place, get_second_place
from village_core.domain.clock import SystemClock

STEPS = mmap.mmap(-1, 8)
"""Shared with the process that dies."""
_AUDITED = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree", "shutil.copyfile")


class Fuse:
    """Kills the process at a given step."""

    def __init__(self, fatal: int) -> None:
        self._fatal = fatal

    def burn(self, *_: Any) -> None:
        (count,) = struct.unpack_from("q", STEPS)
        struct.pack_into("q", STEPS, 0, count + 1)
        if count + 1 == self._fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def lay(self) -> None:
        """From now on each step counts."""
        real_fsync = os.fsync

        def fsync(handle: int) -> None:
            self.burn()
            real_fsync(handle)
            self.burn()

        os.fsync = fsync  # type: ignore[assignment]
        sys.addaudithook(self._audit)
        event.listen(Engine, "before_cursor_execute", self.burn)

    def _audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in _AUDITED or (name == "open" and isinstance(arguments[1], str) and arguments[1][:1] in "wax"):
            self.burn()


def back_up(folder: Path, key: bytes, backup: Path) -> None:
    """A backup over an older one."""
    workspace = open_with_key(folder, key, clock=SystemClock())
    write_backup(workspace, backup)


def restore(folder: Path, key: bytes, backup: Path) -> None:
    """A restore in place of what is there."""
    restore_backup(backup, folder, key=key)


def copy(folder: Path, key: bytes, backup: Path) -> None:
    """A copy to the second place, whose folder is `backup`."""
    workspace = open_with_key(folder, key, clock=SystemClock())
    place = get_second_place(workspace)
    assert place is not None
    copy_to_second_place(workspace, place, backup)


JOBS: dict[str, Callable[[Path, bytes, Path], None]] = {"backup": back_up, "restore": restore, "copy": copy}


def main() -> None:
    job, folder, key, backup = JOBS[sys.argv[1]], Path(sys.argv[2]), bytes.fromhex(sys.argv[3]), Path(sys.argv[4])
    shutil.disk_usage(folder)  # loaded before the fuse
    for told in sys.stdin:
        struct.pack_into("q", STEPS, 0, 0)
        child = os.fork()
        if child == 0:
            Fuse(int(told)).lay()
            job(folder, key, backup)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        end = os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)
        sys.stdout.write(f"{end} {struct.unpack_from('q', STEPS)[0]}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
