"""A laptop's program for tests of kill -9: `killed_laptop.py FOLDER KEY` reads numbers from stdin, one a line. For each
it starts a process that exchanges once with the county and is killed at that SQL statement; 0 kills none.

The processes are forked from one that has loaded everything, since a start costs half a second. Prints the signal that
ended each, or 0 when it came through.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event

from desktop_app.bootstrap import open_with_key
from desktop_app.sync.loop import exchange_once
from desktop_app.sync.state import find_link
from desktop_app.sync.transport import Line
from village_core.domain.clock import SystemClock


def exchange_until(folder: Path, key: bytes, fatal: int) -> None:
    """One exchange; the statement number `fatal`, or the commit in its place, is never carried out."""
    workspace = open_with_key(folder, key, clock=SystemClock())
    left = fatal

    def burn(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(workspace.engine, "before_cursor_execute", burn)
    event.listen(workspace.engine, "commit", burn)
    link = find_link(workspace)
    assert link is not None
    exchange_once(workspace, Line(link.url))


def main() -> None:
    folder, key = Path(sys.argv[1]), bytes.fromhex(sys.argv[2])
    for told in sys.stdin:
        child = os.fork()
        if child == 0:
            exchange_until(folder, key, int(told))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
