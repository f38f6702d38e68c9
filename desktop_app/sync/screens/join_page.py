"""登记到县里: the county's address, the one-time code, and its certificate."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.storage.changes import Changes
from desktop_app.sync.enrolment import Joined, join_county
from desktop_app.sync.screens.runner import SyncRunner
from desktop_app.widgets.buttons import Button, button, primary_button
from desktop_app.widgets.card import Card, ScrollColumn
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.form import FormSheet
from desktop_app.widgets.labels import hint, paragraph
from desktop_app.widgets.look import px
from desktop_app.widgets.progress_strip import ProgressStrip
from village_core.domain.errors import UserError


class JoinPage(Page):
    """What was typed stays until the county has said yes. The network is asked in the background."""

    title = "登记到县里"
    help_text = (
        "登记码由县里发，一个码只能登记一台电脑，24 小时内有效。登记以后，这里的人和户都保留原样，一起送到县里。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.sheet = FormSheet(columns=1)
        self.join_button: Button = primary_button("登记这台电脑", self._on_join_clicked)
        self.choose_button: Button = button("选证书文件", self._on_choose_clicked)
        self.certificate = hint("没有选证书：用系统认得的证书。", self)
        self.trouble = ClauseBox(self)
        self.progress = ProgressStrip(self)
        self._ca_file: Path | None = None
        self._build()

    def _build(self) -> None:
        self.sheet.add(
            "url", TextEdit(most=200), label="县服务器的网址", hint="照县里给的写，例如 https://xian.example.cn:8443",
            required=True,
        )  # fmt: skip
        self.sheet.add(
            "code", TextEdit(most=40), label="登记码", hint="12 位字母和数字，大小写、横线都不要紧", required=True
        )
        self.sheet.finished.connect(self._on_join_clicked)
        card = Card()
        card.body.addWidget(
            paragraph("登记以后，这里记的会送到县里，村里别的电脑记的会取下来。现在的资料一条也不会少。", tone="second")
        )
        card.body.addWidget(self.sheet)
        certificate = QHBoxLayout()
        certificate.setSpacing(px(12))
        certificate.addWidget(self.choose_button)
        certificate.addWidget(self.certificate, 1)
        card.body.addLayout(certificate)
        card.body.addWidget(self.trouble)
        foot = QHBoxLayout()
        foot.addWidget(self.progress, 1)
        foot.addStretch(1)
        foot.addWidget(self.join_button)
        card.body.addLayout(foot)
        card.setMaximumWidth(px(760))
        column = ScrollColumn()
        column.body.addWidget(card)
        column.body.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(column)

    def take_cursor(self) -> None:
        self.sheet.focus_first()

    def save_now(self) -> None:
        self._on_join_clicked()

    def choose_certificate(self, path: Path) -> None:
        """Use this certificate of the county."""
        self._ca_file = path
        self.certificate.setText(f"用这个证书：{path.name}")

    def _on_choose_clicked(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "选县里给的证书文件", "", "证书 (*.pem *.crt *.cer)")
        if name:
            self.choose_certificate(Path(name))

    def _on_join_clicked(self) -> None:
        if not self.join_button.isEnabled():
            return
        mistakes = self.sheet.problems()
        self.sheet.mark(mistakes)
        if mistakes:
            return
        values, ca_file, workspace = self.sheet.values(), self._ca_file, self.context.workspace

        def work(_: TaskContext) -> Joined:
            return join_county(workspace, url=values["url"].strip(), code=values["code"], ca_file=ca_file)

        self.trouble.hide()
        self.join_button.setEnabled(False)
        self.progress.start("正在向县里登记", can_stop=False)
        self.context.tasks.run(work, lane=Lane.IO, owner=self, on_done=self._on_joined, on_error=self._on_failed)

    def _on_joined(self, joined: Joined) -> None:
        self._finish()
        right = "这台电脑有记账权。" if joined.may_post else "这台电脑先只写凭证草稿。"
        self.context.changes.announce(Changes.of("sync", "settings"))
        self.context.navigate.back()
        self.context.messages.tell(f"登记好了，是 {joined.device} 号电脑。{right}正在送第一次。")
        SyncRunner.of(self.context).sync_now()

    def _on_failed(self, error: Exception) -> None:
        self._finish()
        if not isinstance(error, UserError):
            self.context.messages.fail(error)
            return
        self.trouble.set_clause("", "", message=str(error), tone="bad")
        self.trouble.show()

    def _finish(self) -> None:
        self.progress.finish()
        self.join_button.setEnabled(True)
