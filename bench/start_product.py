"""The program's own start: `python -m bench.start_product FOLDER start|key|unlock`, the key as hex on stdin.

Loads what the entry point loads, in the same order. `start` opens the window at once; `key` shows the question for
the passphrase first, as every day, and says when the key was there; `unlock` takes the passphrase on stdin instead
and says when it was entered.
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
    given = sys.stdin.readline().rstrip("\n")
    key = b"" if way == "unlock" else bytes.fromhex(given)
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from desktop_app.window.desk import Desk

    def open_with_the_key(_folder: Path, _passphrase: str) -> object:
        return bootstrap.open_with_key(folder, key)

    if way != "unlock":
        bootstrap.open_workspace = open_with_the_key  # type: ignore[assignment]  # Argon2 is not what is measured
    app = QApplication(sys.argv[:1])
    desk = Desk(app, folder)
    if way == "start":
        desk.start("given")
        _watch(desk, since=None)
    elif way == "unlock":
        desk.start()
        QTimer.singleShot(_TYPING_MS, lambda: _enter(desk, given))
    else:
        desk.start()

        def key_is_there() -> None:
            since = time.monotonic()
            desk.start("given")
            _watch(desk, since=since)

        QTimer.singleShot(_TYPING_MS, key_is_there)
    app.exec()
    desk.close()


def _enter(desk: Desk, passphrase: str) -> None:
    """As a person does: the words are in the field and Enter is pressed."""
    from PySide6.QtWidgets import QWidget

    login = desk.entry
    assert isinstance(login, QWidget)
    login.sheet.set_values({"passphrase": passphrase})  # type: ignore[union-attr]
    since = time.monotonic()
    login.opened.connect(lambda _: _watch(desk, since=since))
    login.open_now()  # type: ignore[union-attr]


def _watch(desk: Desk, *, since: float | None) -> None:
    from bench.settled import SettledWatch

    window = desk.window
    assert window is not None
    window.resize(1366, 768)
    SettledWatch(window, busy=lambda: window.tasks.busy, since=since)


if __name__ == "__main__":
    main()
