"""Who is at the keyboard of the open window: locks it, lets the same person go on, or changes places."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence, QShortcut

from desktop_app.background.tasks import Lane
from desktop_app.shell.lock import IDLE_MINUTES, LEAST_MINUTES, MOST_MINUTES, USUAL_MINUTES, WindowLock
from desktop_app.shell.main_window import MainWindow
from desktop_app.staff.switching import come_to_keyboard, come_with_own
from desktop_app.storage.changes import Changes
from desktop_app.storage.entry import MustChangeError, StoppedError, check_device
from desktop_app.storage.entry_guard import EntryGuard
from desktop_app.storage.workspace import Workspace
from village_core.domain.errors import UserError

if TYPE_CHECKING:
    from desktop_app.shell.enrolment_sheet import GivenByCounty
    from desktop_app.sync.enrolment import Joined

T = TypeVar("T")

LOCK_KEYS, CHANGE_KEYS = "Ctrl+L", "Ctrl+Shift+L"


class Keyboard(QObject):
    """One for a window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._guard = EntryGuard(window.workspace.folder)
        self.lock = WindowLock(window, minutes=idle_minutes(window.workspace))
        window.lock = self.lock
        self.lock.secret_given.connect(self._on_secret)
        self.lock.own_given.connect(self._on_own)
        self.lock.enrolment_given.connect(self._on_enrolment)
        self.lock.locked_changed.connect(self._on_locked)
        window.changes.changed.connect(self._on_changed)
        window.change_asked.connect(self.lock.ask_change)
        window.lock_asked.connect(self.lock.lock)
        for keys, deed in ((LOCK_KEYS, self.lock.lock), (CHANGE_KEYS, self.lock.ask_change)):
            QShortcut(QKeySequence(keys), window).activated.connect(deed)

    def _on_secret(self, secret: str) -> None:
        workspace = self._window.workspace
        self._check(lambda: come_to_keyboard(workspace, secret), self._on_admitted)

    def _on_own(self, one_time: str, own: str) -> None:
        workspace = self._window.workspace
        self._check(lambda: come_with_own(workspace, one_time, own=own), self._on_admitted)

    def _on_enrolment(self, given: GivenByCounty, passphrase: str) -> None:
        from desktop_app.sync.enrolment import enrol_anew

        workspace = self._window.workspace

        def enrol() -> Joined:
            return enrol_anew(
                workspace,
                passphrase,
                url=given.url,
                code=given.code,
                ca_file=given.ca_file,
                other_county=given.other_county,
            )

        self._check(enrol, self._on_enrolled)

    def _check(self, deed: Callable[[], T], done: Callable[[T], None]) -> None:
        """Off the main thread: stretching a secret takes a moment, the county longer."""
        self._window.tasks.run(lambda _: deed(), lane=Lane.IO, owner=self, on_done=done, on_error=self._on_refused)

    def _on_enrolled(self, joined: Joined) -> None:
        """Who goes on with it is asked now: who enrolled it may have been another."""
        from desktop_app.sync.screens.runner import SyncRunner

        self.lock.lock(why=f"登记好了，这台电脑现在是 {joined.device} 号。")
        self._window.changes.announce(Changes.of("sync", "settings"))
        SyncRunner.of(self._window.context).sync_now()

    def _on_admitted(self, workspace: Workspace) -> None:
        another = workspace is not self._window.workspace
        if another:
            self._window.change_person(workspace)
        self.lock.open(another=another)

    def _on_refused(self, error: Exception) -> None:
        cover = self.lock.cover
        if cover is None or not isinstance(error, UserError):
            self._window.tasks.failed.emit(error)
            return
        if isinstance(error, MustChangeError):
            cover.show_own()
            return
        cover.show_trouble(error)
        self._count_down()

    def _count_down(self) -> None:
        if self.lock.cover is not None:
            left = self._guard.remaining()
            self.lock.cover.show_waiting(left)

    def _on_locked(self, locked: bool) -> None:
        cover = self.lock.cover
        if locked and cover is not None:
            cover.ticked.connect(self._count_down)
            self._count_down()
            workspace = self._window.workspace
            self._window.tasks.run(lambda _: workspace.log_access("lock", "workspace"), owner=self, keep=True)

    def _on_changed(self, changes: Changes) -> None:
        """After an exchange the county may have stopped this laptop; in 设置 the minutes may be others."""
        if not changes.topics & {"sync", "settings"}:
            return
        workspace = self._window.workspace

        def look(_: object) -> tuple[int, StoppedError | None]:
            try:
                check_device(workspace)
            except StoppedError as error:
                return idle_minutes(workspace), error
            return idle_minutes(workspace), None

        self._window.tasks.run(look, owner=self, on_done=self._on_looked)

    def _on_looked(self, found: tuple[int, StoppedError | None]) -> None:
        self.lock.minutes, stopped = found
        if stopped is not None:
            self.lock.stop(stopped, county_url=stopped.county_url)


def idle_minutes(workspace: Workspace) -> int:
    """After how many minutes without a touch the window is locked."""
    kept = workspace.state(IDLE_MINUTES) or ""
    return min(max(int(kept), LEAST_MINUTES), MOST_MINUTES) if kept.isdigit() else USUAL_MINUTES
