"""From the passphrase, or the first run, to the window of one folder."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from desktop_app import bootstrap
from desktop_app.background.tasks import Lane, TaskRunner
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.error_dialog import ErrorDialog, describe
from desktop_app.shell.main_window import MainWindow, install_hooks
from desktop_app.storage.automatic_backup import back_up_daily
from desktop_app.storage.entry_guard import EntryGuard
from desktop_app.window.keyboard import Keyboard
from desktop_app.window.registration import build_registry
from desktop_app.window.sync import start_exchange
from village_core.domain.errors import ProblemOutsideError

if TYPE_CHECKING:
    from desktop_app.settings.screens.first_run import FirstRun, NewVillage
    from desktop_app.settings.screens.login import Login
    from desktop_app.storage.workspace import Workspace

_NOTHING_MADE = "村里的资料还没有建，您填的都还在。"
_WITHOUT_COUNTY = "请检查网址和网络，再点一次；也可以先不勾“现在登记”，以后在“同步”里登记。"
_FIRST_BACKUP_MS = 5_000
_HOUR_MS = 3_600_000


def build_window(workspace: Workspace, *, appearance: Appearance | None = None) -> MainWindow:
    """The window of an open workspace; `start()` shows its first page. Needs a QApplication."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    appearance = appearance or Appearance(app, workspace.folder)
    return MainWindow(workspace, registry=build_registry(appearance), appearance=appearance)


class Desk(QObject):
    """From the passphrase (or the first run) to the window, for one folder."""

    def __init__(self, app: QApplication, folder: Path) -> None:
        super().__init__(app)
        self.folder = folder
        self.appearance = Appearance(app, folder)
        self.tasks = TaskRunner(self)
        self.entry: FirstRun | Login | None = None
        self.window: MainWindow | None = None
        self.tasks.failed.connect(self._on_failed)
        self._backup_timer = QTimer(self)
        self._backup_timer.setSingleShot(True)
        self._backup_timer.timeout.connect(self.back_up)

    def start(self, passphrase: str = "") -> None:
        """Ask for what is needed; with a passphrase open at once."""
        if not bootstrap.has_workspace(self.folder):
            self._begin()
        elif passphrase:
            self._on_opened(bootstrap.open_workspace(self.folder, passphrase))
        else:
            self._ask_passphrase()

    def close(self) -> None:
        """Let the lanes finish, then close the workspace."""
        self._backup_timer.stop()
        sys.excepthook = sys.__excepthook__
        self.tasks.shutdown()
        if self.window is not None:
            self.window.tasks.shutdown()
            self.window.workspace.close()

    def back_up(self) -> None:
        """The backup of the day, in the background; asked again each hour for who never switches off."""
        window = self.window
        if window is None:
            return
        workspace = window.workspace
        window.tasks.run(
            lambda _: back_up_daily(workspace),
            lane=Lane.IO,
            owner=window,
            on_done=lambda path: window.refresh_status() if path is not None else None,
            on_error=lambda error: window.warn(f"自动备份没有做成。{error}"),
        )
        self._backup_timer.start(_HOUR_MS)

    def _begin(self) -> None:
        from desktop_app.settings.screens.first_run import FirstRun, FirstRunDeeds

        self._show_entry(FirstRun(FirstRunDeeds(create=self._create, restore=self._restore), self.tasks))

    def _ask_passphrase(self) -> None:
        from desktop_app.settings.screens.login import Login, LoginDeeds

        guard = EntryGuard(self.folder)
        deeds = LoginDeeds(open=self._open, change=self._change, recover=self._recover, wait=guard.remaining)
        self._show_entry(Login(deeds, self.tasks))

    def _show_entry(self, entry: FirstRun | Login) -> None:
        self.entry = entry
        entry.opened.connect(self._on_opened)
        entry.failed.connect(self._on_failed)
        entry.show()

    def _open(self, passphrase: str) -> Workspace:
        workspace = bootstrap.open_workspace(self.folder, passphrase)
        workspace.log_access("login", "workspace")
        return workspace

    def _change(self, one_time: str, own: str) -> Workspace:
        """A passphrase for one use becomes her own."""
        from desktop_app.staff.keys import change_own_passphrase

        workspace = bootstrap.open_workspace(self.folder, one_time, must_change=True)
        try:
            change_own_passphrase(workspace, one_time, new=own)
        except BaseException:
            workspace.close()
            raise
        return workspace

    def _recover(self, key: str, passphrase: str, user: str) -> Workspace:
        bootstrap.recover_workspace(self.folder, key, passphrase=passphrase, user=user).close()
        return bootstrap.open_workspace(self.folder, passphrase)

    def _create(self, new: NewVillage) -> Workspace:
        workspace = bootstrap.create_workspace(
            self.folder, village=new.village, name=new.name, person=new.person, passphrase=new.passphrase
        )
        if new.county_url:
            from desktop_app.sync.enrolment import join_county

            try:
                join_county(workspace, url=new.county_url, code=new.code, ca_file=new.ca_file)
            except BaseException as error:
                workspace.close()
                bootstrap.remove_workspace(self.folder)
                if isinstance(error, ProblemOutsideError):
                    raise ProblemOutsideError(error.what, safe=_NOTHING_MADE, next_step=_WITHOUT_COUNTY) from error
                raise
        return workspace

    def _restore(self, source: Path, passphrase: str) -> Workspace:
        from desktop_app.storage.restore import restore_backup

        restore_backup(source, self.folder, passphrase=passphrase)
        return bootstrap.open_workspace(self.folder, passphrase)

    def _on_opened(self, workspace: Workspace) -> None:
        self.window = build_window(workspace, appearance=self.appearance)
        sys.excepthook = install_hooks(self.window)
        self.window.show()
        self.window.start()
        self.keyboard = Keyboard(self.window)
        start_exchange(self.window.context)
        self.window.tasks.busy_changed.connect(self._on_settled)
        self._backup_timer.start(_FIRST_BACKUP_MS)
        if self.entry is not None:
            self.entry.close()
            self.entry.deleteLater()
            self.entry = None

    def _on_settled(self, busy: bool) -> None:
        """The window has its first page: what was loaded until now stays for good and is never looked at again."""
        if not busy and not gc.isenabled():
            gc.freeze()
            gc.enable()

    def _on_failed(self, error: Exception) -> None:
        ErrorDialog(describe(error), self.window or self.entry).open()


def run_window(folder: Path, *, passphrase: str = "") -> int:
    """Open the window on the workspace in `folder` and stay until it is closed."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    desk = Desk(app, folder)
    desk.start(passphrase)
    try:
        return app.exec()
    finally:
        desk.close()
