"""登记到县里, and 重新登记: the county's address, the one-time code, and its certificate."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext
from desktop_app.shell.context import PageContext
from desktop_app.shell.enrolment_sheet import EnrolmentSheet
from desktop_app.shell.page import Page
from desktop_app.storage.changes import Changes
from desktop_app.sync.enrolment import Joined, enrol_anew, join_county
from desktop_app.sync.screens.runner import SyncRunner
from desktop_app.widgets.buttons import Button, primary_button
from desktop_app.widgets.card import Card, ScrollColumn
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px
from desktop_app.widgets.progress_strip import ProgressStrip
from village_core.domain.errors import UserError

_FIRST = "登记以后，这里记的会送到县里，村里别的电脑记的会取下来。现在的资料一条也不会少。"
_AGAIN = (
    "县里说要重新登记时才用。请向县里要一个新的登记码。资料一条也不会少，没送到的会接着送；"
    "登记好以后，这台电脑在县里是另一个号。"
)


class JoinPage(Page):
    """What was typed stays until the county has said yes. `open(again=True, url=…)`: the laptop was enrolled before."""

    title = "登记到县里"
    help_text = (
        "登记码由县里发，一个码只能登记一台电脑，24 小时内有效。登记以后，这里的人和户都保留原样，一起送到县里。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._again = False
        self.words = paragraph("", tone="second")
        self.enrolment = EnrolmentSheet()
        self.sheet = self.enrolment.sheet
        self.join_button: Button = primary_button("登记这台电脑", self._on_join_clicked)
        self.trouble = ClauseBox(self)
        self.progress = ProgressStrip(self)
        self._build()

    def open(self, **arguments: object) -> None:
        again = bool(arguments.get("again"))
        if again != self._again:
            self._again = again
            self.enrolment.clear(url=str(arguments.get("url", "")))
            self.trouble.hide()
        self.set_heading("重新登记" if again else "登记到县里")
        self.words.setText(_AGAIN if again else _FIRST)
        self.enrolment.ask_passphrase(asked=again)
        self.enrolment.forget()
        super().open()

    def may_leave(self) -> bool:
        self.enrolment.forget()
        return True

    def take_cursor(self) -> None:
        self.enrolment.focus_first()

    def save_now(self) -> None:
        self._on_join_clicked()

    def _build(self) -> None:
        card = Card()
        for part in (self.words, self.enrolment, self.trouble):
            card.body.addWidget(part)
        foot = QHBoxLayout()
        foot.addWidget(self.progress, 1)
        foot.addStretch(1)
        foot.addWidget(self.join_button)
        card.body.addLayout(foot)
        card.setMaximumWidth(px(760))
        self.enrolment.finished.connect(self._on_join_clicked)
        column = ScrollColumn()
        column.body.addWidget(card)
        column.body.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(column)

    def _on_join_clicked(self) -> None:
        given = self.enrolment.check() if self.join_button.isEnabled() else None
        if given is None:
            return
        workspace, again, passphrase = self.context.workspace, self._again, self.enrolment.passphrase
        url, code, ca_file, other_county = given.url, given.code, given.ca_file, given.other_county

        def work(_: TaskContext) -> Joined:
            if again:
                return enrol_anew(workspace, passphrase, url=url, code=code, ca_file=ca_file, other_county=other_county)
            return join_county(workspace, url=url, code=code, ca_file=ca_file)

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
        self.enrolment.take_refusal(error)
        self.enrolment.focus_first()
        self.trouble.set_clause("", "", message=str(error), tone="bad")
        self.trouble.show()

    def _finish(self) -> None:
        self.progress.finish()
        self.join_button.setEnabled(True)
