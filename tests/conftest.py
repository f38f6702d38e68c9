"""Shared fixtures: the real window without a screen; workspaces, counties and laptops from the modules named here."""

from __future__ import annotations

import faulthandler
import gc
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key
from _pytest.nodeid import coerce_node_id
from hypothesis import settings

from desktop_app.background.garbage import collect_what_is_due
from tests.windows import in_front

pytest_plugins = ("tests.workspaces", "tests.counties", "tests.laptops", "tests.older_client")
"""Each after those it imports, so that the asserts of all of them tell what they compared."""

# How long an example takes says nothing on a machine that others use, too; pytest's own timeout ends what hangs.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LANG"] = os.environ["LC_ALL"] = "C.UTF-8"
# Each deed waits until the disk has it, 8 ms on a slow one; what a killed program leaves is the same in memory.
_MEMORY, _ROOM = Path("/dev/shm"), 2 << 30
if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from desktop_app.shell.appearance import Appearance
    from desktop_app.shell.main_window import MainWindow
    from desktop_app.storage.workspace import Workspace


_with_windows: set[Path] = set()
"""The modules in which a test opens a window."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The offscreen plugin warns about every window that has a smallest size; that is no news. Of tests with one id
    xdist runs one only, and schemathesis gives the tests of all routes one id."""
    for item in items:
        if not item.nodeid.endswith(item.name) and item.parent is not None:
            item._id = coerce_node_id(f"{item.parent.nodeid}::{item.name}")
        if "qtbot" in getattr(item, "fixturenames", ()):
            _with_windows.add(item.path)
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", extend=True))
    twice = [name for name, times in Counter(item.nodeid for item in items).items() if times > 1]
    if twice:
        raise pytest.UsageError(f"tests of one id, of which one would run: {twice}")


def pytest_collection_finish() -> None:
    """What is loaded stays until the end; looking through it again and again takes minutes."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Where the interpreter dies is told, also after a test whose program wrote that into a file of its own; and what
    is left of a window must not be found by a server's thread of a later test: Qt's objects would end there."""
    if not faulthandler.is_enabled():
        faulthandler.enable(item.config.stash[fault_handler_stderr_fd_key])
    if item.path in _with_windows:
        gc.disable()
        collect_what_is_due()
    elif not gc.isenabled():
        gc.collect()
        gc.enable()


@pytest.fixture
def appearance(qtbot: QtBot, tmp_path: Path) -> Iterator[Appearance]:
    """Our fonts and style sheet at 标准 type."""
    del qtbot
    from PySide6.QtWidgets import QApplication

    from desktop_app.shell.appearance import Appearance

    app = QApplication.instance()
    assert isinstance(app, QApplication)
    made = Appearance(app, tmp_path)
    yield made
    made.set_percent(100)
    made.deleteLater()


@pytest.fixture
def window(qtbot: QtBot, workspace: Workspace, appearance: Appearance) -> Iterator[MainWindow]:
    """The real window of that workspace at 1366×768, settled on its start page."""
    from desktop_app.window import build_window

    with in_front(build_window(workspace, appearance=appearance), qtbot) as made:
        yield made


@pytest.fixture
def settle(qtbot: QtBot, window: MainWindow) -> Callable[[], None]:
    """Wait until no task is left, as a person waits until the window has answered.

    A minute, because a busy machine is no fault of the window: what hangs still fails."""

    def wait() -> None:
        from PySide6.QtWidgets import QApplication

        QApplication.processEvents()
        qtbot.waitUntil(lambda: not window.tasks.busy, timeout=60_000)
        QApplication.processEvents()
        qtbot.waitUntil(lambda: not window.tasks.busy, timeout=60_000)

    return wait


@pytest.fixture
def show(qtbot: QtBot, appearance: Appearance) -> Callable[[QWidget], QWidget]:
    """Show a widget by itself in our look and wait until it is on the screen."""
    del appearance

    def put(widget: QWidget) -> QWidget:
        qtbot.addWidget(widget)
        with qtbot.waitExposed(widget):
            widget.show()
        return widget

    return put
