"""From the passphrase, or the first run, to the window of one folder."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from desktop_app import bootstrap
from desktop_app.background.tasks import Lane, TaskRunner
from desktop_app.settings.screens.backup_runner import BackupRunner, RestoreWish
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.error_dialog import ErrorDialog, describe
from desktop_app.shell.main_window import MainWindow, install_hooks
from desktop_app.staff.recovery_due import PAGE as RECOVERY_PAGE
from desktop_app.storage.entry_guard import EntryGuard
from desktop_app.window.backups import start_backups
from desktop_app.window.keyboard import Keyboard
from desktop_app.window.registration import build_registry
from desktop_app.window.support import start_support
from desktop_app.window.sync import start_exchange
from village_core.domain.errors import ProblemOutsideError
from village_core.domain.staff.rights import Right

if TYPE_CHECKING:
    from desktop_app.settings.screens.first_run import FirstRun, NewVillage
    from desktop_app.settings.screens.login import Login
    from desktop_app.shell.enrolment_sheet import GivenByCounty
    from desktop_app.storage.workspace import Workspace
    from desktop_app.support.run_guard import RunGuard

_NOTHING_MADE = "村里的资料还没有建，您填的都还在。"
_WITHOUT_COUNTY = "请检查网址和网络，再点一次；也可以先不勾“现在登记”，以后在“同步”里登记。"


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
        self.backups: BackupRunner | None = None
        self._new = False
        self.guard: RunGuard | None = None
        self._settled = False

    def start(self, passphrase: str = "") -> None:
        """Ask for what is needed; with a passphrase open at once."""
        if not bootstrap.has_workspace(self.folder):
            self._begin()
        elif passphrase:
            self._on_opened(self._open(passphrase))
        else:
            self._ask_passphrase()

    def close(self) -> None:
        """Let the lanes finish, then close the workspace."""
        self._stop_backups()
        sys.excepthook = sys.__excepthook__
        self.tasks.shutdown()
        if self.window is not None:
            self.window.tasks.shutdown()
            self.window.workspace.close()
        self._end_guard()

    def back_up(self) -> None:
        """What is due of backups, now, in the background."""
        if self.backups is not None:
            self.backups.run_now()

    def restore(self, source: Path) -> None:
        """Close the window, put the backup in place of what was open, ask for the passphrase again."""
        window = self.window
        if window is None:
            return
        self._ask_passphrase()
        self._stop_backups()
        sys.excepthook = self.on_defect
        window.tasks.shutdown()
        closed, self.window = window.workspace, None
        closed.close()
        self._end_guard()
        window.close()
        window.deleteLater()
        self._restore_behind(source, closed)

    def _restore_behind(self, source: Path, closed: Workspace) -> None:
        from desktop_app.settings.screens.login import Login
        from desktop_app.storage.restore import restore_backup

        entry = self.entry
        assert isinstance(entry, Login)
        entry.setEnabled(False)
        entry.progress.start("正在恢复备份，现在的资料先备份一份", can_stop=False)

        def end() -> None:
            entry.progress.finish()
            entry.setEnabled(True)

        def done(_: object) -> None:
            end()
            entry.set_title("恢复好了，请填口令", "口令还是现在用的那个。登记过县里的，打开以后同步一次。")

        def failed(error: Exception) -> None:
            end()
            ErrorDialog(describe(error), entry).open()

        def restore(_: object) -> None:
            """Whoever did it is told by the journal of what is there now."""
            result = restore_backup(source, self.folder, key=closed.key)
            restored = bootstrap.open_with_key(self.folder, result.key)
            restored.actor = closed.actor
            restored.log_access("restore", source.name)
            restored.close()

        self.tasks.run(
            restore,
            lane=Lane.IO,
            owner=entry,
            on_done=done,
            on_error=failed,
            keep=True,
        )

    def _end_guard(self) -> None:
        if self.guard is not None:
            self.guard.end()
            self.guard = None

    def _stop_backups(self) -> None:
        if self.backups is not None:
            self.backups.stop()
            self.backups = None

    def _begin(self) -> None:
        from desktop_app.settings.screens.first_run import FirstRun, FirstRunDeeds

        self._show_entry(FirstRun(FirstRunDeeds(create=self._create, restore=self._restore), self.tasks))

    def _ask_passphrase(self) -> None:
        from desktop_app.settings.screens.login import Login, LoginDeeds

        guard = EntryGuard(self.folder)
        deeds = LoginDeeds(
            open=self._open, change=self._change, recover=self._recover, enrol=self._enrol, wait=guard.remaining
        )
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

    def _enrol(self, passphrase: str, given: GivenByCounty) -> Workspace:
        """A laptop that the county had stopped and allows again."""
        from desktop_app.staff.keys import check_own_passphrase
        from desktop_app.sync.enrolment import join_county

        workspace = bootstrap.open_workspace(self.folder, passphrase, stopped=True, must_change=True)
        try:
            join_county(
                workspace,
                url=given.url,
                code=given.code,
                ca_file=given.ca_file,
                again=True,
                other_county=given.other_county,
            )
            check_own_passphrase(workspace)
        except BaseException:
            workspace.close()
            raise
        workspace.log_access("login", "workspace")
        return workspace

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
        self._new = True
        return workspace

    def _restore(self, source: Path, passphrase: str) -> Workspace:
        from desktop_app.storage.restore import restore_backup

        restore_backup(source, self.folder, passphrase=passphrase)
        workspace = bootstrap.open_workspace(self.folder, passphrase)
        workspace.log_access("restore", source.name)
        return workspace

    def _on_opened(self, workspace: Workspace) -> None:
        self.window = build_window(workspace, appearance=self.appearance)
        sys.excepthook = install_hooks(self.window)
        self.window.show()
        self.window.start()
        self.guard = start_support(self.window, self.folder)
        self.keyboard = Keyboard(self.window)
        start_exchange(self.window.context)
        self.window.tasks.busy_changed.connect(self._on_settled)
        self.backups = start_backups(self.window.context)
        self.backups.done.connect(self.window.refresh_status)
        RestoreWish.of(self.window.context).wanted.connect(self.restore)
        self._offer_recovery_key(self.window)
        if self.entry is not None:
            self.entry.close()
            self.entry.deleteLater()
            self.entry = None

    def _offer_recovery_key(self, window: MainWindow) -> None:
        """Right after the village's files were made: who forgets the only passphrase has nothing else."""
        if self._new and window.workspace.duties().may(Right.MANAGE_PEOPLE):
            window.navigator.open(RECOVERY_PAGE, first=True)
        self._new = False

    def _on_settled(self, busy: bool) -> None:
        """The window has its first page: what was loaded until now stays for good and is never looked at again."""
        if not busy and not self._settled:
            self._settled = True
            gc.freeze()

    def on_defect(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Before there is a window: Python would print the message, which may hold what was typed."""
        if isinstance(error, Exception):
            self._on_failed(error)
        else:
            sys.__excepthook__(kind, error, trace)

    def _on_failed(self, error: Exception) -> None:
        ErrorDialog(describe(error), self.window or self.entry).open()


def run_window(folder: Path, *, passphrase: str = "") -> int:
    """Open the window on the workspace in `folder` and stay until it is closed."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    desk = Desk(app, folder)
    sys.excepthook = desk.on_defect
    desk.start(passphrase)
    try:
        return app.exec()
    finally:
        desk.close()
