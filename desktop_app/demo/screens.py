"""Takes pictures of the pages, as one sees them, when nothing is left to load."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from desktop_app.shell.main_window import MainWindow

_SECONDS = 20.0
_TICK_MS = 15


def grab_pages(
    window: MainWindow,
    out_dir: Path,
    *,
    pages: Sequence[tuple[str, str, Mapping[str, object]]] | None = None,
    prefix: str = "",
) -> list[Path]:
    """One PNG a page: of `pages` as (file name, page key, arguments), else of each section of the navigation."""
    if pages is None:
        pages = [(section.key, section.key, {}) for section in window.registry.sections]
    out_dir.mkdir(parents=True, exist_ok=True)
    pictures = []
    for number, (name, key, arguments) in enumerate(pages, start=1):
        window.navigator.open(key, **arguments)
        pictures.append(grab_window(window, out_dir / f"{prefix}{number:02d}-{name}.png"))
    return pictures


def grab_window(window: MainWindow, path: Path) -> Path:
    """A picture of the window as it stands, once it has settled."""
    settle(window)
    window.grab().save(str(path))
    return path


def settle(window: MainWindow) -> None:
    """Let the event loop run until no task is left and everything is painted."""
    loop = QEventLoop()
    ticker = QTimer()
    ticker.setInterval(_TICK_MS)
    until = time.monotonic() + _SECONDS
    calm = 0

    def look() -> None:
        nonlocal calm
        calm = 0 if window.tasks.busy else calm + 1
        if calm >= 2 or time.monotonic() > until:
            loop.quit()

    ticker.timeout.connect(look)
    ticker.start()
    loop.exec()
    ticker.stop()
    QApplication.processEvents()
