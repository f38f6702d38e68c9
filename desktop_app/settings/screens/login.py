"""Asks for the passphrase and opens the workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskRunner
from desktop_app.settings.screens.entry_frame import EntryFrame
from desktop_app.widgets.buttons import Button, primary_button
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.form import FormSheet
from desktop_app.widgets.progress_strip import ProgressStrip
from village_core.domain.errors import UserError

if TYPE_CHECKING:
    from desktop_app.storage.workspace import Workspace

OpenDeed = Callable[[str], "Workspace"]
"""passphrase → open workspace, off the main thread; raises `UserError`."""


class Login(EntryFrame):
    """One field and one button."""

    opened = Signal(object)
    failed = Signal(object)

    def __init__(self, open_workspace: OpenDeed, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fit_screen(640, 460)
        self._open_workspace = open_workspace
        self._tasks = tasks
        self.sheet = FormSheet(columns=1)
        self.sheet.add("passphrase", TextEdit(most=200, secret=True), label="口令", required=True)
        self.progress = ProgressStrip(self)
        self.open_button: Button = primary_button("打开", self.open_now)
        self.set_title("请填口令", "村里的资料是加密的，用口令打开。")
        content = QWidget()
        rows = QVBoxLayout(content)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.sheet)
        rows.addStretch(1)
        foot = QVBoxLayout()
        foot.addWidget(self.progress)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self.open_button)
        foot.addLayout(line)
        self.fill(content, foot)
        self.sheet.finished.connect(self.open_now)
        self.sheet.focus_first()

    def open_now(self) -> None:
        """Try the passphrase; what was typed stays when it is wrong."""
        mistakes = self.sheet.problems()
        self.sheet.mark(mistakes)
        self.trouble.set_clause("", "")
        if mistakes or not self.open_button.isEnabled():
            return
        passphrase: str = self.sheet.values()["passphrase"]
        self.open_button.setEnabled(False)
        self.progress.start("正在打开", can_stop=False)
        deed = self._open_workspace
        self._tasks.run(
            lambda _: deed(passphrase),
            lane=Lane.IO,
            owner=self,
            on_done=self._on_opened,
            on_error=self._on_failed,
        )

    def _on_opened(self, workspace: Workspace) -> None:
        self.progress.finish()
        self.opened.emit(workspace)

    def _on_failed(self, error: Exception) -> None:
        self.progress.finish()
        self.open_button.setEnabled(True)
        if isinstance(error, UserError):
            self.show_trouble(error)
            self.sheet.focus_first()
        else:
            self.failed.emit(error)
