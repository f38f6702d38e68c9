"""A workspace whose making was cut off: nothing was ever entered in it, so its folder is free again.

A mark stands in the folder, locked, while one is made. A mark that nobody holds was left by a process that died.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from desktop_app.storage.files import flush_folder
from desktop_app.storage.key_file import copy_of
from desktop_app.storage.one_at_a_time import alone
from desktop_app.storage.workspace import DATABASE_FILE, KEY_FILE
from village_core.domain.errors import ProblemOutsideError

MARK = ".making"


@contextmanager
def making(folder: Path) -> Iterator[None]:
    """The mark is gone from the disk before anybody can enter the first thing."""
    with ExitStack() as held:
        held.enter_context(alone(folder / MARK, what="新建资料"))
        try:
            flush_folder(folder)
            yield
        finally:
            held.close()  # Windows removes no file that is open
            _unmark(folder)


def settle_unfinished(folder: Path) -> None:
    """Put aside what a dead process left of its making; nothing is deleted. One that is at it now is left alone."""
    if not (folder / MARK).exists():
        return
    try:
        with alone(folder / MARK, what="新建资料"):
            _put_aside(folder)
    except ProblemOutsideError:
        return
    _unmark(folder)


def _put_aside(folder: Path) -> None:
    beside = next(path for path in (folder / f".unfinished-{number}" for number in count(1)) if not path.exists())
    key = folder / KEY_FILE
    for path in (*(folder / f"{DATABASE_FILE}{end}" for end in ("-wal", "-shm", "")), copy_of(key), key):
        if path.exists():
            beside.mkdir(exist_ok=True)
            path.replace(beside / path.name)
    flush_folder(folder)


def _unmark(folder: Path) -> None:
    (folder / MARK).unlink(missing_ok=True)
    flush_folder(folder)
