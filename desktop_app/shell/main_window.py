"""The window: header, navigation, page area, status bar, and the keys that work everywhere."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QGridLayout, QMainWindow, QWidget
from shiboken6 import isValid

from desktop_app.background.tasks import Lane, TaskContext, TaskHandle, TaskRunner
from desktop_app.shell.appearance import Appearance
from desktop_app.shell.context import ChangeBroadcast, PageContext
from desktop_app.shell.crash_report import crash_text, write_crash_report
from desktop_app.shell.error_dialog import ErrorDialog, describe
from desktop_app.shell.header import Header
from desktop_app.shell.help_dialog import HelpDialog
from desktop_app.shell.navigation import Navigation
from desktop_app.shell.navigator import PageNavigator, Place
from desktop_app.shell.page import Page
from desktop_app.shell.page_frame import PageFrame
from desktop_app.shell.registry import Registry, Section
from desktop_app.shell.search import SearchHit
from desktop_app.shell.search_box import SearchBox
from desktop_app.shell.status import StatusItem
from desktop_app.shell.status_bar import StatusBar
from village_core.domain.errors import UserError

if TYPE_CHECKING:
    from desktop_app.shell.lock import WindowLock
    from desktop_app.storage.changes import Changes
    from desktop_app.storage.workspace import Workspace

HOME = "home"
_USUAL_SIZE = (1366, 768)


class MainWindow(QMainWindow):
    """One window a program. Implements `shell.context.Messages`."""

    change_asked = Signal()
    """Another person wants the keyboard."""
    lock_asked = Signal()
    diagnosis_asked = Signal()
    """Facts for those who help are wanted."""

    def __init__(self, workspace: Workspace, *, registry: Registry, appearance: Appearance) -> None:
        super().__init__()
        self.workspace = workspace
        self.registry = registry
        self.appearance = appearance
        self.tasks = TaskRunner(self)
        self.changes = ChangeBroadcast(self)
        self.navigator = PageNavigator(registry, home=HOME)
        self.context = PageContext(
            workspace=workspace,
            tasks=self.tasks,
            changes=self.changes,
            navigate=self.navigator,
            messages=self,
        )
        self._pending_topics: frozenset[str] = frozenset()
        self._names = ("", self.person_words)
        self._status: list[StatusItem] = []
        self._status_fetch: TaskHandle | None = None
        self._watched: QObject | None = None
        self.lock: WindowLock | None = None
        self.trouble: ErrorDialog | None = None
        self._left_at: dict[UUID, list[Place]] = {}
        self.setWindowTitle("田埂")
        self._build_frame()
        self._connect()
        self._restore_geometry()

    @property
    def person_words(self) -> str:
        """李琼仙 · 报账员."""
        actor = self.workspace.actor
        return f"{actor.name} · {actor.role}" if actor.role else actor.name

    # Messages

    def tell(self, text: str, *, undo: Callable[[], None] | None = None) -> None:
        self.frame.messages.show_message(text, undo=undo)

    def warn(self, text: str) -> None:
        self.frame.messages.show_message(text, tone="soon")

    def fail(self, error: Exception) -> None:
        report = None
        if not isinstance(error, UserError):
            if self._told_already(error):
                return
            report = write_crash_report(error, self.workspace.folder, now=self.workspace.clock.now())
        self.trouble = ErrorDialog(describe(error, report), self)
        if self.lock is None or not self.lock.keep_below(self.trouble):
            self.trouble.open()

    def _told_already(self, error: Exception) -> bool:
        """What fails at every repaint would otherwise bury the window, and all older reports, in copies of itself."""
        shown = self.findChildren(ErrorDialog)
        return any(isValid(one) and one.trouble.report == crash_text(error) for one in shown)

    # Start and end

    def start(self) -> None:
        """Show the page where she left, then ask for the status."""
        place = self.workspace.state("window.page") or HOME
        self.navigator.open(place if self.navigator.knows(place) and self._may_see(place) else HOME)
        self.refresh_status()

    def refresh_status(self) -> None:
        """Ask the providers for the bottom line, the village for its name, and the county's list for the role."""
        if self._status_fetch is not None:
            self._status_fetch.drop()

        def read(_: TaskContext) -> tuple[str, str, list[StatusItem]]:
            with self.workspace.reader() as reader:
                name = self.registry.village_name(reader) if self.registry.village_name else ""
                role = next(iter(reader.duties.roles), "") if reader.duties else ""
                return name, role, [item for provider in self.registry.status for item in provider(reader)]

        self._status_fetch = self.tasks.run(read, lane=Lane.DB, owner=self, on_done=self._show_status)

    def keep_typing(self) -> None:
        """Before the window is covered: what is typed on this page is written down as her draft, and stays there."""
        self._on_page(lambda page: page.keep_typing())

    def change_person(self, workspace: Workspace) -> None:
        """Another person is at the keyboard: the frame and all pages are made anew in her name, where she left.

        What the first one typed is her draft; what runs goes on in the name of who began it.
        """
        if self.navigator.page is not None:
            self.navigator.page.may_leave()
        self._left_at[self.workspace.actor.person_id] = self.navigator.leave()
        self.workspace = workspace
        self.context = replace(self.context, workspace=workspace)
        self._names = (self._names[0], self.person_words)
        self._build_frame()
        self.navigator.return_to(self._left_at.pop(workspace.actor.person_id, []))
        self.refresh_status()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.navigator.page is not None and not self.navigator.page.may_leave():
            event.ignore()
            return
        place = self.navigator.place
        if place is not None:
            section = self.registry.section_of.get(place.key) or HOME
            self.tasks.run(lambda _: self.workspace.set_state("window.page", section), owner=self, keep=True)
        self.appearance.state.geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self.appearance.remember()
        self.tasks.shutdown()
        super().closeEvent(event)

    # Frame

    def _build_frame(self) -> None:
        self.search = SearchBox(self.registry.search)
        self.header = Header(self.search)
        self._sections = self._allowed_sections()
        self.navigation = Navigation(self._sections)
        self.frame = PageFrame()
        self.status = StatusBar()
        centre = QWidget(self)
        centre.setObjectName("ground")
        layout = QGridLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header, 0, 0, 1, 2)
        layout.addWidget(self.navigation, 1, 0)
        layout.addWidget(self.frame, 1, 1)
        layout.addWidget(self.status, 2, 0, 1, 2)
        layout.setColumnStretch(1, 1)
        layout.setRowStretch(1, 1)
        self.setCentralWidget(centre)
        self.search.start(self.context, self)
        self.header.change_pressed.connect(self.change_asked)
        self.header.lock_pressed.connect(self.lock_asked)
        self.search.hit_chosen.connect(self._on_hit_chosen)
        self.navigation.chosen.connect(self.navigator.open)
        self.status.asked_for.connect(self.navigator.open)
        self.navigator.start(self.context, self.frame.stack)
        self.status.show_saved(self.workspace.clock.now())
        self.status.show_items(self._status)
        self.header.show_names(village=self._names[0], person=self._names[1])

    def _connect(self) -> None:
        self.tasks.failed.connect(self.fail)
        self.tasks.busy_changed.connect(lambda busy: self.frame.set_busy(busy))
        self.changes.changed.connect(self._on_changed)
        self.navigator.made.connect(lambda page: self.frame.adopt(page))
        self.navigator.arrived.connect(self._on_arrived)
        self.appearance.resized.connect(self._on_resized_type)
        for keys, deed in (
            ("Ctrl+K", self._to_search),
            ("Esc", self._on_escape),
            ("Ctrl+N", lambda: self._on_page(lambda page: page.add_new())),
            ("Ctrl+S", lambda: self._on_page(lambda page: page.save_now())),
            ("Ctrl+P", lambda: self._on_page(lambda page: page.print_page())),
            ("Ctrl+Z", self._on_undo),
            ("F1", self.show_help),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(deed)
        for number, section in enumerate(self.registry.sections, start=1):
            shortcut = QShortcut(QKeySequence(f"Alt+{number}"), self)
            shortcut.activated.connect(lambda key=section.key: self._open_section(key))
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_focus_changed)

    def show_help(self) -> None:
        """F1: what this page is for and which keys it knows."""
        page = self.navigator.page
        if page is not None:
            help_dialog = HelpDialog(page.title, page.help_text, self)
            help_dialog.diagnosis_asked.connect(self.diagnosis_asked)
            help_dialog.open()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Line edits would take Ctrl+K for 'delete to the end of the line' (a habit of X11)."""
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_K
            and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        ):
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        if not isValid(self):
            return
        if old is not None and isValid(old):
            old.removeEventFilter(self)
        if new is not None and new.window() is self:
            new.installEventFilter(self)

    def _restore_geometry(self) -> None:
        kept = self.appearance.state.geometry
        if kept and self.restoreGeometry(QByteArray.fromBase64(kept.encode("ascii"))):
            return
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(min(_USUAL_SIZE[0], screen.width()), min(_USUAL_SIZE[1], screen.height()))

    # What happens

    def _on_page(self, deed: Callable[[Page], None]) -> None:
        if self.navigator.page is not None:
            deed(self.navigator.page)

    def _allowed_sections(self) -> list[Section]:
        """What the person at the keyboard may not see is not there."""
        duties = self.workspace.duties()
        return [one for one in self.registry.sections if one.needs is None or duties.may(one.needs)]

    def _may_see(self, place: str) -> bool:
        hidden = {one.key for one in self.registry.sections if one not in self._sections}
        return self.registry.section_of.get(place, "") not in hidden

    def _open_section(self, key: str) -> None:
        if self.navigation.shows(key):
            self.navigator.open(key)

    def _to_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _on_escape(self) -> None:
        if self.search.popup.isVisible() or (self.search.hasFocus() and self.search.text()):
            self.search.close_popup()
            self.search.clear()
        elif self.search.hasFocus() and self.navigator.page is not None:
            self.navigator.page.take_cursor()
        else:
            self.navigator.back()

    def _on_undo(self) -> None:
        if self.frame.messages.can_undo:
            self.frame.messages.undo()

    def _on_hit_chosen(self, hit: SearchHit) -> None:
        self.navigator.open(hit.page, **hit.arguments)

    def _on_arrived(self, key: str, page: Page) -> None:
        self.frame.show_page(page)
        self.navigation.mark(self.registry.section_of.get(key, ""))
        page.take_cursor()

    def _on_changed(self, changes: Changes) -> None:
        """Several changes in one go load the page once."""
        self.status.show_saved(self.workspace.clock.now())
        if not self._pending_topics:
            QTimer.singleShot(0, self, self._reload)
        self._pending_topics |= changes.topics

    def _reload(self) -> None:
        topics, self._pending_topics = self._pending_topics, frozenset()
        if self._allowed_sections() != self._sections:
            self._build_frame()
            self.navigator.reopen()
        self.navigator.on_changes(topics)
        self.refresh_status()

    def _show_status(self, answer: tuple[str, str, list[StatusItem]]) -> None:
        name, role, self._status = answer
        if role != self.workspace.actor.role:
            self.workspace.actor = replace(self.workspace.actor, role=role)
        self._names = (name, self.person_words)
        self.header.show_names(village=name, person=self.person_words)
        self.status.show_items(self._status)

    def _on_resized_type(self) -> None:
        """Everything is made anew at the new type size."""
        self._build_frame()
        self.navigator.reopen()


def install_hooks(window: MainWindow) -> Callable[[type[BaseException], BaseException, object], None]:
    """A hook for exceptions that nobody caught on the main thread: shown like any other defect."""

    def hook(kind: type[BaseException], error: BaseException, trace: object) -> None:
        del kind, trace
        if isinstance(error, Exception) and threading.current_thread() is threading.main_thread():
            told = window.trouble
            window.fail(error)
            if window.trouble is not told:  # once for each defect: keeping what is typed may be what fails
                QTimer.singleShot(0, window, window.keep_typing)

    return hook
