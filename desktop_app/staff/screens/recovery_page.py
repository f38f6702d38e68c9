"""恢复钥匙: what it is for, how it stands with it, and one button to make it and see it as it will be printed."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext
from desktop_app.pdf_kit.paper import Paper
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.staff.keys import has_recovery_key
from desktop_app.staff.recovery_paper import OneTimePaper, make_recovery_paper
from desktop_app.storage.changes import Changes
from desktop_app.widgets.buttons import Button, button, primary_button
from desktop_app.widgets.card import Card, ScrollColumn
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px
from desktop_app.widgets.progress_strip import ProgressStrip
from village_core.domain.staff.rights import Right

_WHAT = (
    "口令忘了，谁也打不开村里的资料，我们也没有办法。恢复钥匙是备用的一把：印在一张 A5 纸上，"
    "装进信封、封口盖章，交乡镇保管。真的都忘了口令，才当着两个人的面拆开，用它重设。"
)
_HOW = "它只在打印预览里出现这一次，电脑里不留底。请先接好打印机；没有打印机，可以存到 U 盘上，拿到乡镇去印，印完删掉。"
_VOID = "以前做过一把。另做一把，以前那一把从此作废。"
_LATER = "现在没有打印机也不要紧：以后在“设置 → 使用这台电脑的人”里做，过几天首页也会提醒。"


class RecoveryPage(Page):
    """`open(first=True)` right after the village's files were made."""

    title = "恢复钥匙"
    topics = frozenset({"settings"})
    help_text = f"{_WHAT}\n{_HOW}"

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.void = paragraph(_VOID, tone="soon")
        self.later = paragraph(_LATER, tone="second")
        self.progress = ProgressStrip()
        self.make_button: Button = self.guard(primary_button("现在做，看打印预览", self.make), Right.MANAGE_PEOPLE)
        self.later_button: Button = button("以后再做", context.navigate.back)
        self._build()

    def open(self, **arguments: object) -> None:
        first = bool(arguments.get("first"))
        self.set_heading("印一张恢复钥匙" if first else "恢复钥匙", "村里的资料已经建好" if first else "")
        self.later.setVisible(first)
        self.void.hide()
        super().open()

    def load(self) -> None:
        workspace = self.context.workspace
        self.context.tasks.run(
            lambda _: has_recovery_key(workspace), lane=Lane.IO, owner=self, on_done=self.void.setVisible
        )

    def take_cursor(self) -> None:
        self.make_button.setFocus()

    def make(self) -> None:
        """One press: the key is made and its sheet stands in the preview, from where one comes back to before."""
        workspace = self.context.workspace

        def work(_: TaskContext) -> Paper:
            return make_recovery_paper(workspace)

        self.make_button.setEnabled(False)
        self.progress.start("正在做恢复钥匙", can_stop=False)
        self.context.tasks.run(work, lane=Lane.IO, owner=self, on_done=self._on_made, on_error=self._on_failed)

    def _on_made(self, paper: Paper) -> None:
        self._finish()
        self.context.navigate.replace("preview", kind="recovery_key", paper=OneTimePaper(paper))
        self.context.changes.announce(Changes.of("settings"))

    def _on_failed(self, error: Exception) -> None:
        self._finish()
        self.context.messages.fail(error)

    def _finish(self) -> None:
        self.progress.finish()
        self.make_button.setEnabled(True)

    def _build(self) -> None:
        card = Card()
        card.setMaximumWidth(px(760))
        for part in (paragraph(_WHAT), paragraph(_HOW), self.void, self.later, self.progress):
            card.body.addWidget(part)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(12))
        buttons.addWidget(self.make_button)
        buttons.addWidget(self.later_button)
        buttons.addStretch(1)
        card.body.addLayout(buttons)
        column = ScrollColumn()
        column.body.addWidget(card)
        column.body.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(column)
