"""The idle lock: covers the window and leaves everything below as it is, until the person is back or another comes.

What runs goes on: exchange, printing, backup. What is shown does not: pages, dialogs, previews, the clipboard.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QClipboard, QGuiApplication, QResizeEvent, QShortcut, QWindow
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from shiboken6 import isValid

from desktop_app.shell.lock_cover import LockCover
from village_core.domain.errors import UserError

if TYPE_CHECKING:
    from desktop_app.shell.main_window import MainWindow

IDLE_MINUTES = "window.idle_minutes"
"""Key of `device_state`."""
USUAL_MINUTES, LEAST_MINUTES, MOST_MINUTES = 10, 1, 60

_LOOK_MS = 10_000
_SIGNS_OF_LIFE = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.InputMethod,
    }
)


class WindowLock(QObject):
    """One for a window. Whoever made it checks the secrets: `secret_given` → `open()` or `cover.show_trouble`."""

    secret_given = Signal(str)
    own_given = Signal(str, str)
    enrolment_given = Signal(object, str)
    locked_changed = Signal(bool)

    def __init__(
        self, window: MainWindow, *, minutes: int = USUAL_MINUTES, now: Callable[[], tuple[float, float]] | None = None
    ) -> None:
        super().__init__(window)
        self._window = window
        self.minutes = minutes
        self._now = now or (lambda: (time.monotonic(), time.time()))
        self._alive = self._now()
        self._hidden: list[tuple[QWidget, bool]] = []
        self.stopped = False
        self._keys: list[QShortcut] = []
        self._focus: QWidget | None = None
        self.cover: LockCover | None = None
        self.locked = self.stopped = False
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()
        app = QGuiApplication.instance()
        assert isinstance(app, QApplication)
        app.focusWindowChanged.connect(self._on_focus_window)
        window.installEventFilter(self)
        self.watch(window.windowHandle())
        self._copied_here = False
        QGuiApplication.clipboard().dataChanged.connect(self._on_copied)

    def watch(self, window: QWindow | None) -> None:
        """Key and mouse events reach the system's window first: few objects to watch, and none is missed."""
        if window is not None:
            window.removeEventFilter(self)
            window.installEventFilter(self)

    def look(self) -> None:
        """Lock when nothing was touched for long; a laptop that slept counts by the time of day."""
        monotonic, wall = self._now()
        if not self.locked and max(monotonic - self._alive[0], wall - self._alive[1]) >= self.minutes * 60:
            self.lock()

    def lock(self, *, why: str = "") -> None:
        """Cover the window until the secret is given."""
        self._cover_up()
        assert self.cover is not None
        self.locked, self.stopped = True, False
        self.cover.show_locked(self._window.person_words, why=why)
        self.locked_changed.emit(True)

    def stop(self, error: UserError, *, county_url: str = "") -> None:
        """Nobody goes on with this window until the laptop was enrolled anew."""
        if self.stopped:
            return
        self._cover_up()
        assert self.cover is not None
        self.locked = self.stopped = True
        self.cover.show_stopped(error, county_url=county_url)

    def ask_change(self) -> None:
        """Somebody else wants the keyboard; until then 返回 goes back without a secret."""
        if not self.locked:
            self._cover_up()
            assert self.cover is not None
            self.cover.show_change(self._window.person_words)

    def open(self, *, another: bool = False) -> None:
        """Take the cover away: everything is as it was, the cursor too. `another` person gets no dialogs of hers."""
        if self.cover is None:
            return
        self.locked = False
        self._alive = self._now()
        cover, self.cover = self.cover, None
        cover.hide()
        cover.deleteLater()
        self._centre().show()
        for shortcut in self._keys:
            if isValid(shortcut):
                shortcut.setEnabled(True)
        hidden, self._hidden = self._hidden, []
        for widget, modal in hidden:
            if isValid(widget) and another:
                widget.close()
            elif isValid(widget):
                _show_again(widget, modal=modal)
        if self._focus is not None and isValid(self._focus):
            self._focus.setFocus()
        self._focus = None
        self.locked_changed.emit(False)

    def keep_below(self, dialog: QDialog) -> bool:
        """While the cover is on, a dialog is shown after it."""
        if self.cover is not None:
            self._hidden.append((dialog, True))
        return self.cover is not None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in _SIGNS_OF_LIFE:
            self._alive = self._now()
        elif watched is self._window:
            if kind is QEvent.Type.Resize and self.cover is not None and isinstance(event, QResizeEvent):
                self.cover.resize(event.size())
            elif kind is QEvent.Type.Show:
                self.watch(self._window.windowHandle())
        return False

    def _cover_up(self) -> None:
        """Keep what is typed, hide all other windows, empty the clipboard of ours, put the cover on."""
        if self.cover is not None:
            return
        self._window.keep_typing()
        self._focus = QApplication.focusWidget()
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        self._hide_others()
        self._empty_clipboard()
        self._keys = [shortcut for shortcut in self._window.findChildren(QShortcut) if shortcut.isEnabled()]
        for shortcut in self._keys:
            shortcut.setEnabled(False)
        self._centre().hide()
        self.cover = LockCover(self._window)
        self.cover.setGeometry(self._window.rect())
        self.cover.secret_given.connect(self.secret_given)
        self.cover.own_given.connect(self.own_given)
        self.cover.enrolment_given.connect(self.enrolment_given)
        self.cover.gone_back.connect(self.open)
        self.cover.show()
        self.cover.raise_()

    def _on_focus_window(self, window: QWindow | None) -> None:
        if isValid(self) and self._window.isVisible():
            self.watch(window)
            if self.cover is not None:
                self._hide_others()

    def _hide_others(self) -> None:
        """Also what a task opens while the cover is on: it waits below."""
        for widget in QApplication.topLevelWidgets():
            if widget is not self._window and widget.isVisible():
                self._hidden.append((widget, isinstance(widget, QDialog) and widget.isModal()))
                widget.hide()

    def _on_copied(self) -> None:
        """Whoever changes the clipboard while this program has the keyboard is this program."""
        self._copied_here = QGuiApplication.focusWindow() is not None

    def _empty_clipboard(self) -> None:
        """Only what this program put there: what was copied elsewhere is not ours."""
        clipboard = QGuiApplication.clipboard()
        if self._copied_here or clipboard.ownsClipboard():
            clipboard.clear()
        if clipboard.supportsSelection() and clipboard.ownsSelection():
            clipboard.clear(QClipboard.Mode.Selection)

    def _centre(self) -> QWidget:
        centre = self._window.centralWidget()
        assert centre is not None
        return centre


def _show_again(widget: QWidget, *, modal: bool) -> None:
    if isinstance(widget, QDialog) and modal:
        widget.open()
    else:
        widget.show()
