"""The main window on the screen, as a test finds it and leaves it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from desktop_app.shell.main_window import MainWindow

P = TypeVar("P")


@contextmanager
def in_front(window: MainWindow, qtbot: QtBot) -> Iterator[MainWindow]:
    """The window at 1366×768 with the keyboard, settled on its start page; closed at the end."""
    window.resize(1366, 768)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    window.start()
    qtbot.waitUntil(lambda: not window.tasks.busy)
    yield window
    window.close()
    window.deleteLater()


def page_of(window: MainWindow, kind: type[P]) -> P:
    """The page that is open, which is of this kind."""
    page = window.navigator.page
    assert isinstance(page, kind), page
    return page
