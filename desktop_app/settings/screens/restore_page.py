"""Before a restore: what is in the backup, what would be lost against now. Then the window closes and comes back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext
from desktop_app.settings.screens.backup_runner import BackupDeeds
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.storage.restore_preview import RestorePreview, look_into
from desktop_app.storage.shelf import list_backups
from desktop_app.widgets.buttons import Button, button
from desktop_app.widgets.card import Card, ScrollColumn
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px
from desktop_app.widgets.progress_strip import ProgressStrip
from desktop_app.widgets.question import ask
from village_core.domain.clock import today
from village_core.domain.staff.rights import Right

_EXPLAIN = "恢复会先关上这个窗口，换好资料以后请重新填口令。登记过县里的，恢复后同步一次，县里有的都会回来。"


class RestorePage(Page):
    """`open(path=…)` reads the backup."""

    title = "看看这份备份"

    def __init__(self, context: PageContext, parent: QWidget | None = None, *, deeds: BackupDeeds) -> None:
        super().__init__(context, parent)
        self._deeds = deeds
        self._path: Path | None = None
        self.preview: RestorePreview | None = None
        self.progress = ProgressStrip()
        self.sentences = QVBoxLayout()
        self.names = paragraph("")
        self.names_card = Card("没送到县里、恢复后就没有了的")
        self.restore_button: Button = button("恢复到这一份", self.ask_restore)
        self.back_button: Button = button("不恢复", lambda: self.context.navigate.back())
        self._build()

    def open(self, **arguments: object) -> None:
        path = arguments.get("path")
        if isinstance(path, Path):
            self._path = path
        self.load()

    def load(self) -> None:
        path, workspace = self._path, self.context.workspace
        if path is None:
            return
        self.preview = None
        now = today(workspace.clock)
        known = next((one.words_on(now) for one in list_backups(path.parent) if one.path == path), path.name)
        self.set_heading("看看这份备份", known)
        self.restore_button.setEnabled(False)
        self.names_card.hide()
        self._say([])
        self.progress.start("正在读备份，打开检查", can_stop=False)

        def work(task: TaskContext) -> RestorePreview:
            def told(done: int, total: int) -> None:
                task.raise_if_cancelled()
                task.progress(done, total)

            return look_into(workspace, path, progress=told)

        self.context.tasks.run(
            work,
            lane=Lane.IO,
            owner=self,
            on_done=self._show,
            on_error=self._on_failed,
            on_progress=self.progress.show_progress,
        )

    def ask_restore(self) -> None:
        """The last question; the safe answer is first."""
        preview = self.preview
        if preview is None:
            return
        losses = preview.losses
        lost = losses.unsent if losses else 0
        detail = f"有 {lost} 条会没有了。" if lost else "没有会丢掉的东西。"
        ask(
            self,
            f"恢复到 {preview.made_words} 的样子？",
            detail=detail + "现在的资料会先备份一份，反悔了还能换回来。",
            safe="先不恢复",
            act="恢复",
            on_act=self.restore,
        )

    def restore(self) -> None:
        """Hand over to the window, if the person at the keyboard may."""
        path, workspace, deeds = self._path, self.context.workspace, self._deeds
        if path is None:
            return

        def work(_: TaskContext) -> None:
            workspace.require(Right.RESTORE)

        self.context.tasks.run(
            work, lane=Lane.IO, owner=self, on_done=lambda _: deeds.restore(path), on_error=self.context.messages.fail
        )

    def _show(self, preview: RestorePreview) -> None:
        self.preview = preview
        self.progress.finish()
        self._say(preview.sentences)
        names = preview.losses.unsent_names if preview.losses else ()
        self.names.setText("、".join(names))
        self.names_card.setVisible(len(names) > 20)
        self.restore_button.setEnabled(True)

    def _on_failed(self, error: Exception) -> None:
        self.progress.finish()
        self._say([str(error)])
        self.context.messages.fail(error)

    def _say(self, sentences: list[str]) -> None:
        while (old := self.sentences.takeAt(0)) is not None:
            widget = old.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for sentence in sentences:
            tone = "bad" if "就没有了" in sentence or "损坏" in sentence else "plain"
            self.sentences.addWidget(paragraph(sentence, tone=tone))

    def _build(self) -> None:
        page = ScrollColumn()
        card = Card("里面有什么，恢复会怎样")
        self.sentences.setSpacing(px(10))
        card.body.addLayout(self.sentences)
        card.body.addWidget(paragraph(_EXPLAIN, tone="second"))
        buttons = QHBoxLayout()
        buttons.setSpacing(px(12))
        buttons.addWidget(self.back_button)
        buttons.addWidget(self.restore_button)
        buttons.addStretch(1)
        card.body.addLayout(buttons)
        self.names_card.body.addWidget(self.names)
        page.body.addWidget(self.progress)
        page.body.addWidget(card)
        page.body.addWidget(self.names_card)
        page.body.addStretch(1)
        page.body.setAlignment(Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(page)
