"""One process at a time at a piece of work. The system lets go of the lock when the process ends, however it ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from desktop_app.storage.problems import explain_system
from village_core.domain.errors import ProblemOutsideError


@contextmanager
def alone(path: Path, *, what: str) -> Iterator[None]:
    """Hold the lock on `path`, an empty file; `ProblemOutsideError` says that `what` is under way elsewhere."""
    try:
        file = path.open("ab")
    except OSError as error:
        raise explain_system(error) from error
    with file:
        if not _lock(file):
            raise ProblemOutsideError(
                f"{what}正在进行，可能是另一个田埂窗口在做。", safe="资料没有改动。", next_step="请等它做完，再试一次。"
            )
        yield


def _lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
