"""The program's own start: `python -m bench.start_product FOLDER start|key`, the key as hex on stdin.

Loads what the entry point loads, in the same order. `start` opens the window at once; `key` shows the question for
the passphrase first, as every day, and says when the key was there.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_app.window.desk import Desk

_TYPING_MS = 600
"""Stands for the time in which the passphrase is typed and stretched: the question has come to rest."""


def main() -> None:
    """Open the workspace, show the window on its start page, say when it rested, end."""
    import desktop_app.__main__  # noqa: F401 - what the entry point loads first
    from desktop_app import bootstrap

    folder, way = Path(sys.argv[1]), sys.argv[2]
    key = bytes.fromhex(sys.stdin.readline())
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from desktop_app.window.desk import Desk

    def open_with_the_key(_folder: Path, _passphrase: str) -> object:
        return bootstrap.open_with_key(folder, key)

    bootstrap.open_workspace = open_with_the_key  # type: ignore[assignment]  # Argon2 is not what is measured
    app = QApplication(sys.argv[:1])
    desk = Desk(app, folder)
    if way == "start":
        desk.start("given")
        _watch(desk, since=None)
    else:
        desk.start()

        def key_is_there() -> None:
            since = time.monotonic()
            desk.start("given")
            _watch(desk, since=since)

        QTimer.singleShot(_TYPING_MS, key_is_there)
    app.exec()
    desk.close()


def _watch(desk: Desk, *, since: float | None) -> None:
    from bench.settled import SettledWatch

    window = desk.window
    assert window is not None
    window.resize(1366, 768)
    SettledWatch(window, busy=lambda: window.tasks.busy, since=since)


if __name__ == "__main__":
    main()
