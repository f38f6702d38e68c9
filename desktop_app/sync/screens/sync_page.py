"""同步: how it stands with the county, what waits, what is held, what was proved, and what the exchanges did."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.sync.loop import ExchangeReport
from desktop_app.sync.photos import PhotoView, choose_originals, get_photo_view
from desktop_app.sync.queries import SyncView, get_sync_view
from desktop_app.sync.screens.history_card import HistoryCard
from desktop_app.sync.screens.rights_card import RightsCard
from desktop_app.sync.screens.runner import SyncRunner
from desktop_app.sync.screens.side_by_side import SideBySide
from desktop_app.sync.screens.standing_card import StandingCard
from desktop_app.sync.screens.waiting_card import WaitingCard
from desktop_app.sync.service import pause_sync
from desktop_app.widgets.buttons import Button, button, link_button, primary_button
from desktop_app.widgets.card import Card, ScrollColumn
from desktop_app.widgets.empty import EmptyState
from desktop_app.widgets.labels import hint, paragraph
from desktop_app.widgets.look import px, set_tone
from village_core.domain.clock import CHINA
from village_core.domain.errors import UserError

_TICK_MS = 1000


class SyncPage(Page):
    """At the top all at a glance; below it short cards, the most urgent first."""

    title = "同步"
    topics = frozenset({"sync", "households", "relief", "ledger", "notices", "settings"})
    help_text = (
        "没有网照样记。有了网，田埂自己把这里记的送上去，把别的电脑记的取下来，一般不用管。\n"
        "“县里已收到”是送到了；“已核对一致”是和县里逐条比过，不比过不说一致。\n"
        "等不及就点“现在同步”，按一次回车也行；再点是“停下”，送到的都算数。流量紧的时候可以“暂停自动同步”。\n"
        "断了线不用守着，它会接着断的地方自己再试。照片先传小图，原图等网络快的地方，或者用 U 盘带。\n"
        "合不到一起的放在“要您拿主意”里，一条也不会丢。Tab 键往下走，Ctrl+P 打印核对单。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.runner = SyncRunner.of(context)
        self._wants_cursor = False
        self._can_print = False
        self.standing = StandingCard()
        self.sync_button: Button = self.standing.sync_button
        self.pause_button: Button = self.standing.pause_button
        self.question_card = Card("要您拿主意")
        self._questions = paragraph("")
        self.question_button: Button = button("去拿主意", lambda: context.navigate.open("questions"))
        self.waiting_card = WaitingCard()
        self.rights_card = RightsCard()
        self.stick_card = Card("用 U 盘带")
        self.stick_button: Button = button("用 U 盘带", lambda: context.navigate.open("sync_stick"))
        self.sheet_card = Card("核对单")
        self._sheet_words = paragraph("", tone="second")
        self.sheet_button: Button = button("打印核对单", self.print_page)
        self.history_card = HistoryCard()
        self._registered = hint("")
        self._url = ""
        self.enrol_button: Button = self.standing.enrol_button
        self.enrol_link: Button = link_button("县里让重新登记", self._on_enrol_pressed)
        self.join_button: Button = primary_button("登记到县里", lambda: context.navigate.open("sync_join"))
        self.alone = EmptyState(
            "这份资料只在这台电脑上，还没有登记到县里。\n"
            "要和县里、和村里别的电脑合到一起：向县里要一个登记码，点下面的按钮填进去。\n"
            "不登记也能照常用，记得按时备份到 U 盘。",
            action=self.join_button,
        )
        self._tick = QTimer(self)
        self._tick.setInterval(_TICK_MS)
        self._build()
        self._connect()

    def take_cursor(self) -> None:
        """The button is there when it is known whether there is a county. How it stands is at the top."""
        self._wants_cursor = True
        self._column.verticalScrollBar().setValue(0)

    def print_page(self) -> None:
        """The sheet of the last receipt."""
        if self._can_print:
            self.context.navigate.open("preview", kind="check_sheet")

    def load(self) -> None:
        store = self.context.workspace.attachments
        self.fetch(lambda reader: (get_sync_view(reader), get_photo_view(reader, store)), self._show)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tick.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tick.stop()

    def _build(self) -> None:
        for card, words, pressed in (
            (self.question_card, self._questions, self.question_button),
            (
                self.stick_card,
                paragraph("没有网，或者照片太多，用 U 盘送到乡镇或县里。", tone="second"),
                self.stick_button,
            ),
            (self.sheet_card, self._sheet_words, self.sheet_button),
        ):
            card.body.addWidget(words)
            card.body.addWidget(pressed, 0, Qt.AlignmentFlag.AlignLeft)
        self._column = ScrollColumn()
        self._column.body.addWidget(self.standing)
        self._column.body.addWidget(
            SideBySide(
                [self.question_card, self.waiting_card, self.history_card],
                [self.rights_card, self.stick_card, self.sheet_card],
            )
        )
        foot = QHBoxLayout()
        foot.addWidget(self._registered, 1)
        foot.addWidget(self.enrol_link)
        self._column.body.addLayout(foot)
        self._column.body.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(12))
        layout.addWidget(self._column, 1)
        layout.addWidget(self.alone, 1)
        self._column.hide()
        self.alone.hide()

    def _connect(self) -> None:
        self.standing.sync_pressed.connect(self.runner.sync_now)
        self.standing.stop_pressed.connect(self.runner.stop)
        self.standing.stop_pressed.connect(self._show_doing)
        self.enrol_button.clicked.connect(self._on_enrol_pressed)
        self.standing.pause_pressed.connect(self._on_pause_pressed)
        self.waiting_card.originals_chosen.connect(self._on_originals_chosen)
        self._tick.timeout.connect(self._show_doing)
        for moved in (self.runner.started, self.runner.progressed, self.runner.moved_on):
            moved.connect(self._show_doing)
        self.runner.ended.connect(self._on_ended)
        self.runner.finished.connect(self._on_finished)
        self.runner.failed.connect(self._on_failed)

    def _show(self, views: tuple[SyncView, PhotoView]) -> None:
        view, photos = views
        joined = view.county is not None
        self._column.setVisible(joined)
        self.alone.setVisible(not joined)
        if self._wants_cursor:
            self._wants_cursor = False
            (self.sync_button if joined else self.join_button).setFocus(Qt.FocusReason.OtherFocusReason)
        if view.county is None:
            self.set_heading("同步", "还没有登记到县里")
            return
        now = self.today()
        self.set_heading("同步", f"{view.county.village_name} · {view.county.device} 号电脑")
        self.standing.show_view(view, self.runner.doing, now)
        self._show_questions(view.open_questions)
        self.waiting_card.show_view(view, photos)
        self.rights_card.show_rights(view.county.rights, now.astimezone(CHINA).date(), stopped=view.stopped)
        self.history_card.show_past(view.exchanges, now)
        self._can_print = view.last_equal_at is not None
        self.sheet_button.setEnabled(self._can_print)
        self._sheet_words.setText(
            "和县里核对一致的凭据：户、人、凭证、救助案各多少，和 8 位核对码。"
            if self._can_print
            else "和县里核对过一次以后，就能打印。"
        )
        self._url = view.county.url
        self._registered.setText(f"县服务器：{view.county.url}　登记为：{view.county.role}")

    def _show_questions(self, count: int) -> None:
        self.question_button.setText("去拿主意" if count else "看定过的")
        self._questions.setText(f"● {count} 件两台电脑合不到一起，等您定。" if count else "✓ 没有要您拿主意的。")
        set_tone(self._questions, "soon" if count else "good")

    def _show_doing(self) -> None:
        self.standing.show_doing(self.runner.doing, self.today())

    def today(self) -> datetime:
        """Now, for words like 今天."""
        return self.context.workspace.clock.now()

    def _on_enrol_pressed(self) -> None:
        self.context.navigate.open("sync_join", again=True, url=self._url)

    def _on_pause_pressed(self, paused: bool) -> None:
        self.perform(lambda uow: pause_sync(uow, paused=paused), reason="自动同步的开关")

    def _on_originals_chosen(self, any_line: bool) -> None:
        self.perform(lambda uow: choose_originals(uow, any_line=any_line), reason="原图什么时候传")

    def _on_ended(self) -> None:
        """What waited before does not wait any more: nothing is said before it was read anew."""
        if self.isVisible():
            self.load()

    def _on_finished(self, report: ExchangeReport) -> None:
        """The line at the top says how it stands; what moved is worth a message."""
        if self.isVisible() and (report.sent or report.received):
            rest = "与县里核对一致" if report.equal else report.proof
            self.context.messages.tell(f"同步好了：送出 {report.sent} 条，收到 {report.received} 条，{rest}。")

    def _on_failed(self, error: Exception) -> None:
        """The page itself tells it where she can see it; elsewhere one line does."""
        if not isinstance(error, UserError):
            self.context.messages.fail(error)
        elif not self.isVisible():
            self.context.messages.warn(f"没有同步成：{error.what}")
