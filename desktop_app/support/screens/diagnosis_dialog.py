"""What support would get, to be read before it is saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QWidget

from desktop_app.background.tasks import Lane, TaskContext
from desktop_app.shell.context import PageContext
from desktop_app.support.diagnosis import Diagnosis, Facts, diagnose, save_diagnosis
from desktop_app.widgets.buttons import button, primary_button
from desktop_app.widgets.dialog import SentenceDialog
from desktop_app.widgets.labels import heading, hint, paragraph
from desktop_app.widgets.look import px
from desktop_app.widgets.saving import ask_where_to_save

_WORDS = (
    "只有版本、大小、条数和出毛病的位置，没有姓名、证件号、账号、村名和您填的内容。"
    "存成文件后，由您自己发给乡镇的技术人员。"
)


class DiagnosisDialog(SentenceDialog):
    """Shows all of the file; nothing leaves the computer by itself."""

    def __init__(self, context: PageContext, parent: QWidget) -> None:
        super().__init__("导出诊断", parent, width=680)
        self._context = context
        self._window = parent
        self.diagnosis: Diagnosis | None = None
        self.body.addWidget(heading("给技术人员看的诊断", self))
        self.body.addWidget(paragraph(_WORDS, self))
        self.shown = QPlainTextEdit(self)
        self.shown.setReadOnly(True)
        self.shown.setTabChangesFocus(True)
        self.shown.setAccessibleName("诊断的全部内容")
        self.body.addWidget(self.shown, 1)
        self.progress = hint("正在检查资料……", self)
        self.body.addWidget(self.progress)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(button("不存了", self.reject))
        self.save = primary_button("存成文件", self.choose_file)
        self.save.setEnabled(False)
        row.addWidget(self.save)
        self.body.addLayout(row)
        self._collect()

    def showEvent(self, event: QShowEvent) -> None:
        """As high as the window allows, since there is much to read."""
        super().showEvent(event)
        self.resize(self.width(), min(px(560), max(self._window.height() - px(60), self.height())))

    def choose_file(self) -> None:
        """Ask where to, then write there."""
        name = f"田埂诊断-{self._context.workspace.clock.now():%Y%m%d}.zip"
        ask_where_to_save(self, "存诊断文件", name=name, on_chosen=self.save_to)

    def save_to(self, target: Path) -> None:
        """Write what is shown, nothing else; that is noted in the journal."""
        diagnosis, workspace = self.diagnosis, self._context.workspace
        if diagnosis is None:
            return

        def write(_: TaskContext) -> None:
            save_diagnosis(diagnosis, target)
            workspace.log_access("export", "诊断", "给技术人员的诊断，不含个人信息")

        def done(_: object) -> None:
            self._context.messages.tell(f"诊断存好了，在 {target.name}。")
            self.accept()

        self._context.tasks.run(write, lane=Lane.DB, owner=self, on_done=done)

    def _collect(self) -> None:
        workspace, screen = self._context.workspace, screen_facts(self._window)

        def read(task: TaskContext) -> Diagnosis:
            def tell(done: int, total: int) -> None:
                task.raise_if_cancelled()
                task.progress(done, total)

            return diagnose(workspace, screen=screen, progress=tell)

        handle = self._context.tasks.run(
            read, lane=Lane.IO, owner=self, on_done=self._show, on_progress=self._tell_progress
        )
        cancel: Callable[[int], None] = lambda _: handle.cancel()  # noqa: E731 - typed for mypy
        self.finished.connect(cancel)

    def _tell_progress(self, done: int, total: int) -> None:
        self.progress.setText(f"正在检查资料，{100 * done // max(total, 1)}%")

    def _show(self, diagnosis: Diagnosis) -> None:
        self.diagnosis = diagnosis
        self.shown.setPlainText(diagnosis.text)
        self.progress.setText("上面就是文件里的全部内容。")
        self.save.setEnabled(True)
        self.save.setFocus()


def screen_facts(window: QWidget) -> Facts:
    """Size, scale and kind of each screen, and the size of the window."""
    screens = [
        f"{one.size().width()}×{one.size().height()}，{one.devicePixelRatio():g} 倍，{one.logicalDotsPerInch():.0f} dpi"
        for one in QGuiApplication.screens()
    ]
    return (
        ("屏幕", "；".join(screens)),
        ("窗口", f"{window.width()}×{window.height()}"),
        ("窗口系统", f"Qt {qVersion()}，{QGuiApplication.platformName()}"),
    )
