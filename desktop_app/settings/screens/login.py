"""Asks for the passphrase and opens the workspace; also: a first passphrase of one's own, the recovery key, and
enrolling anew a laptop that the county had stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskRunner
from desktop_app.settings.screens.entry_frame import EntryFrame, PageStack
from desktop_app.shell.enrolment_sheet import EnrolmentSheet, GivenByCounty
from desktop_app.shell.new_passphrase_sheet import NewPassphraseSheet
from desktop_app.storage.entry import MustChangeError, StoppedError
from desktop_app.storage.entry_guard import wait_words
from desktop_app.widgets.buttons import Button, button, link_button, primary_button
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.form import FormSheet
from desktop_app.widgets.progress_strip import ProgressStrip
from village_core.domain.errors import UserError

if TYPE_CHECKING:
    from desktop_app.storage.workspace import Workspace

_OPEN, _OWN, _RECOVER, _ENROL = range(4)
_SECOND_MS = 1000
_HEIGHTS = {_OPEN: 460, _OWN: 560, _RECOVER: 720, _ENROL: 660}
_TITLES = {
    _OPEN: ("请填口令", "村里的资料是加密的。填自己的口令，就知道是谁在用。", "打开"),
    _OWN: ("换成自己的口令", "刚才那个是一次性的，别人知道。请想一句只有自己知道的话。", "换好，打开"),
    _RECOVER: (
        "用恢复钥匙重设口令",
        "照着封存的那张纸，把 8 组都填上，组和组之间空一格或用横线。用过的事会记在操作日志里。",
        "重设，打开",
    ),
    _ENROL: ("重新登记", "县里停用过这台电脑。县里让接着用的，请填新给的登记码。", "登记，打开"),
}


@dataclass(frozen=True)
class LoginDeeds:
    """What the window does for the login, off the main thread. Each raises `UserError`."""

    open: Callable[[str], Workspace]
    """passphrase"""
    change: Callable[[str, str], Workspace]
    """passphrase for one use, her own"""
    recover: Callable[[str, str, str], Workspace]
    """recovery key, new passphrase, whose (empty: who made the workspace)"""
    enrol: Callable[[str, GivenByCounty], Workspace]
    """passphrase, what the county gave: for a laptop that it had stopped"""
    wait: Callable[[], float]
    """Seconds to wait after wrong tries. Called on the main thread."""


class Login(EntryFrame):
    """One field and one button; three more cards for when that is not enough."""

    opened = Signal(object)
    failed = Signal(object)

    def __init__(self, deeds: LoginDeeds, tasks: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fit_screen(640, 560)
        self._deeds = deeds
        self._tasks = tasks
        self._secret = ""
        self.sheet = FormSheet(columns=1)
        self.sheet.add("passphrase", TextEdit(most=200, secret=True), label="口令", required=True)
        self.own = NewPassphraseSheet()
        self.own.add_passphrase()
        self.recovery = NewPassphraseSheet()
        self.recovery.add("key", TextEdit(most=200), label="恢复钥匙", required=True)
        self.recovery.add("user", TextEdit(most=30), label="给谁重设", hint="姓名。空着就是最早建这份资料的人。")
        self.recovery.add_passphrase()
        self.enrolment = EnrolmentSheet()
        self.stack = PageStack(self)
        self.progress = ProgressStrip(self)
        self.open_button: Button = primary_button("打开", self.open_now)
        self.back_button: Button = button("返回", lambda: self.go(_OPEN))
        self.forgotten_button: Button = link_button("忘了口令", lambda: self.go(_RECOVER))
        self._timer = QTimer(self)
        self._timer.setInterval(_SECOND_MS)
        self._timer.timeout.connect(self._count_down)
        self._build()
        QShortcut(QKeySequence("Esc"), self).activated.connect(self._on_escape)
        self.go(_OPEN)

    def go(self, card: int) -> None:
        """Show one of the cards."""
        title, lead, words = _TITLES[card]
        self.stack.show_page(card)
        self.set_title(title, lead)
        self.open_button.setText(words)
        self.back_button.setVisible(card != _OPEN)
        self.forgotten_button.setVisible(card == _OPEN)
        self.trouble.set_clause("", "")
        self.fit_screen(640, _HEIGHTS[card])
        self._count_down()
        self._focus_first()

    def open_now(self) -> None:
        """Try; what was typed stays when it is wrong."""
        sheet = self._shown_sheet()
        mistakes = sheet.problems()
        sheet.mark(mistakes)
        self.trouble.set_clause("", "")
        if mistakes or not self.open_button.isEnabled():
            return
        work = self._work()
        self.open_button.setEnabled(False)
        self.progress.start("正在打开", can_stop=False)
        self._tasks.run(lambda _: work(), lane=Lane.IO, owner=self, on_done=self._on_opened, on_error=self._on_failed)

    def _work(self) -> Callable[[], Workspace]:
        deeds, values, card, secret = self._deeds, self._shown_sheet().values(), self.stack.shown, self._secret
        if card == _OWN:
            return lambda: deeds.change(secret, values["new"])
        if card == _RECOVER:
            self._secret = values["new"]
            return lambda: deeds.recover(values["key"], values["new"], values["user"])
        if card == _ENROL:
            given = self.enrolment.check()
            assert given is not None, "what was typed was looked at before"
            return lambda: deeds.enrol(secret, given)
        self._secret = values["passphrase"]
        return lambda: deeds.open(values["passphrase"])

    def _on_opened(self, workspace: Workspace) -> None:
        self.progress.finish()
        self.opened.emit(workspace)

    def _on_failed(self, error: Exception) -> None:
        self.progress.finish()
        self.open_button.setEnabled(True)
        if isinstance(error, MustChangeError):
            self.go(_OWN)
        elif isinstance(error, StoppedError):
            self.enrolment.clear(url=error.county_url)
            self.go(_ENROL)
            self.set_title(_TITLES[_ENROL][0], str(error))
        elif isinstance(error, UserError):
            self.enrolment.take_refusal(error)
            self.show_trouble(error)
            self._focus_first()
            self._count_down()
        else:
            self.failed.emit(error)

    def _count_down(self) -> None:
        """No passphrase can be tried while there is something to wait for; the recovery key nobody guesses."""
        left = self._deeds.wait() if self.stack.shown == _OPEN else 0.0
        self.stack.setEnabled(left <= 0)
        self.open_button.setEnabled(left <= 0)
        if left > 0:
            words = f"口令试错太多次，还要等{wait_words(left)}。资料没有动过。"
            self.trouble.set_clause("", "", message=words, tone="soon")
            self._timer.start()
        elif self._timer.isActive():
            self._timer.stop()
            self.trouble.set_clause("", "", message="可以再试了。")
            self._focus_first()

    def _focus_first(self) -> None:
        shown = self.enrolment if self.stack.shown == _ENROL else self._shown_sheet()
        shown.focus_first()

    def _on_escape(self) -> None:
        if self.stack.shown != _OPEN and self.open_button.isEnabled():
            self.go(_OPEN)

    def _shown_sheet(self) -> FormSheet:
        return (self.sheet, self.own, self.recovery, self.enrolment.sheet)[self.stack.shown]

    def _build(self) -> None:
        for content in (self.sheet, self.own, self.recovery, self.enrolment):
            self.stack.add(content)
            content.finished.connect(self.open_now)
        foot = QVBoxLayout()
        foot.addWidget(self.progress)
        line = QHBoxLayout()
        line.addWidget(self.forgotten_button)
        line.addStretch(1)
        line.addWidget(self.back_button)
        line.addWidget(self.open_button)
        foot.addLayout(line)
        self.fill(self.stack, foot)
