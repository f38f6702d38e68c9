"""同步: what waits, what is held, what was proved, and what the last exchanges did."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.sync.loop import ExchangeReport
from desktop_app.sync.photos import PhotoView, choose_originals, get_photo_view
from desktop_app.sync.queries import PastExchange, SyncView, get_sync_view
from desktop_app.sync.screens.photos_card import PhotosCard
from desktop_app.sync.screens.rights_card import RightsCard
from desktop_app.sync.screens.runner import SyncRunner
from desktop_app.sync.service import pause_sync
from desktop_app.widgets.buttons import Button, button, primary_button
from desktop_app.widgets.card import Card, FactList, ScrollColumn
from desktop_app.widgets.empty import EmptyState
from desktop_app.widgets.labels import hint, paragraph, phrase
from desktop_app.widgets.look import px
from desktop_app.widgets.progress_strip import ProgressStrip
from village_core.domain.clock import CHINA


class SyncPage(Page):
    """Everything in words; the one button exchanges now."""

    title = "同步"
    topics = frozenset({"sync", "households", "relief", "ledger", "notices", "settings"})
    help_text = (
        "田埂不连网也能用。连上县里时，这里记的会送上去，别的电脑记的会取下来。\n"
        "送到县里、又和县里逐条核对过，才算“核对一致”。\n"
        "两台电脑改得不一样、合不到一起的，先到的生效，后到的放在“要您拿主意”里，一条也不会丢。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.runner = SyncRunner.of(context)
        self._wants_cursor = False
        self.sync_button: Button = primary_button("现在同步", self._on_sync_clicked)
        self.stick_button: Button = button("用 U 盘带", lambda: context.navigate.open("sync_stick"))
        self.sheet_button: Button = button("打印核对单", lambda: context.navigate.open("preview", kind="check_sheet"))
        self.join_button: Button = primary_button("登记到县里", lambda: context.navigate.open("sync_join"))
        self.progress = ProgressStrip(self)
        self.state_card = Card("这台电脑和县里")
        self.marks = _Marks()
        self.facts = FactList()
        self.automatic = QCheckBox("连得上县里时自动同步")
        self.rights_card = RightsCard()
        self.photos_card = PhotosCard()
        self.question_card = Card("要您拿主意")
        self.past_card = Card("最近的同步")
        self.question_button: Button = button("去拿主意", lambda: context.navigate.open("questions"))
        self._questions = _Lines()
        self._past = _Lines()
        self.alone = EmptyState(
            "这份资料还没有登记到县里，只在这台电脑上。\n要和县里、和村里别的电脑合到一起，请先向县里要一个登记码。",
            action=self.join_button,
        )
        self._build()
        self._connect()

    def take_cursor(self) -> None:
        """The button is there when it is known whether there is a county."""
        self._wants_cursor = True

    def header_buttons(self) -> list[QWidget]:
        return [self.sheet_button, self.stick_button, self.sync_button]

    def load(self) -> None:
        store = self.context.workspace.attachments
        self.fetch(lambda reader: (get_sync_view(reader), get_photo_view(reader, store)), self._show)

    def _build(self) -> None:
        self.state_card.body.addWidget(self.marks)
        self.state_card.body.addWidget(self.facts)
        self.state_card.body.addWidget(self.automatic)
        self.question_card.body.addWidget(self._questions)
        self.question_card.body.addWidget(self.question_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.past_card.body.addWidget(self._past)
        self._left, self._right = ScrollColumn(), ScrollColumn()
        self._left.body.addWidget(self.state_card)
        self._left.body.addWidget(self.rights_card)
        self._left.body.addWidget(self.photos_card)
        self._left.body.addWidget(self.past_card)
        self._left.body.addStretch(1)
        self._right.body.addWidget(self.question_card)
        self._right.body.addStretch(1)
        self._columns = QWidget(self)
        columns = QHBoxLayout(self._columns)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(px(14))
        columns.addWidget(self._left, 1)
        columns.addWidget(self._right, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(12))
        layout.addWidget(self.progress)
        layout.addWidget(self._columns, 1)
        layout.addWidget(self.alone, 1)
        self._columns.hide()
        self.alone.hide()
        self.sync_button.hide()
        self.stick_button.hide()
        self.sheet_button.hide()

    def _connect(self) -> None:
        self.automatic.clicked.connect(self._on_automatic_clicked)
        self.photos_card.originals_chosen.connect(self._on_originals_chosen)
        self.progress.stop_pressed.connect(self.runner.stop)
        self.runner.started.connect(self._on_started)
        self.runner.ended.connect(self._on_ended)
        self.runner.finished.connect(self._on_finished)
        self.runner.failed.connect(self._on_failed)

    def _show(self, views: tuple[SyncView, PhotoView]) -> None:
        view, photos = views
        self.photos_card.show_view(photos)
        joined = view.county is not None
        self._columns.setVisible(joined)
        self.alone.setVisible(not joined)
        self.sync_button.setVisible(joined)
        self.stick_button.setVisible(joined)
        self.sheet_button.setVisible(joined and view.last_equal_at is not None)
        self.sync_button.setEnabled(not self.runner.running)
        if self._wants_cursor:
            self._wants_cursor = False
            (self.sync_button if joined else self.join_button).setFocus(Qt.FocusReason.OtherFocusReason)
        if view.county is None:
            self.set_heading("同步", "还没有登记到县里")
            return
        self.set_heading("同步", f"{view.county.village_name} · {view.county.device} 号电脑")
        self.marks.show_view(view, self.today())
        self.facts.set_facts(_facts(view))
        self.rights_card.show_rights(view.county.rights, self.today().astimezone(CHINA).date())
        self.automatic.setChecked(not view.paused)
        self._show_questions(view.open_questions)
        self._past.set_widgets(
            [_past_line(one, self.today()) for one in view.exchanges] or [paragraph("还没有同步过。", tone="second")]
        )

    def _show_questions(self, count: int) -> None:
        self.question_button.setText("去拿主意" if count else "看定过的")
        words = f"{count} 件要您拿主意。" if count else "没有要您拿主意的。"
        self._questions.set_widgets([paragraph(words, tone="soon" if count else "second")])

    def today(self) -> datetime:
        """Now, for words like 今天."""
        return self.context.workspace.clock.now()

    def _on_sync_clicked(self) -> None:
        self.runner.sync_now()

    def _on_automatic_clicked(self, checked: bool) -> None:
        self.perform(lambda uow: pause_sync(uow, paused=not checked), reason="自动同步的开关")

    def _on_originals_chosen(self, any_line: bool) -> None:
        self.perform(lambda uow: choose_originals(uow, any_line=any_line), reason="原图什么时候传")

    def _on_started(self) -> None:
        self.sync_button.setEnabled(False)
        self.progress.start("正在和县里交换")

    def _on_ended(self) -> None:
        self.progress.finish()
        self.sync_button.setEnabled(True)

    def _on_finished(self, report: ExchangeReport) -> None:
        if not self.isVisible():
            return
        moved = f"送出 {report.sent} 条，收到 {report.received} 条，" if report.sent or report.received else ""
        if report.equal:
            self.context.messages.tell(f"同步好了：{moved}与县里核对一致。")
        else:
            again = "，请过一会儿再同步一次" if report.comparable else ""
            self.context.messages.warn(f"同步了，{moved}{report.proof}{again}。")

    def _on_failed(self, error: Exception) -> None:
        self.context.messages.fail(error)


class _Lines(QWidget):
    """A column of widgets that is replaced as a whole."""

    def __init__(self) -> None:
        super().__init__()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(px(10))

    def set_widgets(self, widgets: list[QWidget]) -> None:
        _clear(self._layout)
        for widget in widgets:
            self._layout.addWidget(widget)


class _Marks(_Lines):
    """The three honest marks: saved here, arrived at the county, compared and equal."""

    def show_view(self, view: SyncView, now: datetime) -> None:
        lines = [phrase("✓ 都已存在这台电脑上", tone="good")]
        if view.waiting_count:
            parts = "、".join(f"{word} {count:,} 条" for word, count in view.waiting[:4])
            rest = " 等" if len(view.waiting) > 4 else ""
            lines.append(paragraph(f"● 还有 {view.waiting_count:,} 条没送到县里：{parts}{rest}", tone="soon"))
        else:
            lines.append(phrase("✓ 都送到县里了", tone="good"))
        if view.last_equal_at is None:
            lines.append(paragraph("● 还没有与县里核对过", tone="soon"))
        else:
            words = f"上次与县里核对一致：{_day(view.last_equal_at, now)}"
            holds = view.equal_now and not view.waiting_count
            later = "" if view.equal_now else "；这一次还没有核对一致"
            lines.append(paragraph(("✓ " if holds else "● ") + words + later, tone="good" if holds else "second"))
        if view.skew_minutes:
            ahead = "快" if view.skew_minutes > 0 else "慢"
            lines.append(
                paragraph(
                    f"● 这台电脑的时间比县里{ahead}了约 {_span(abs(view.skew_minutes))}，请对一下时间。", tone="soon"
                )
            )
        self.set_widgets(list(lines))


def _facts(view: SyncView) -> list[tuple[str, str]]:
    assert view.county is not None
    return [("县服务器", view.county.url), ("登记为", view.county.role)]


def _past_line(past: PastExchange, now: datetime) -> QWidget:
    box = QWidget()
    layout = QVBoxLayout(box)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(px(2))
    layout.addWidget(hint(f"{_day(past.at, now)} · {_size(past.bytes_up + past.bytes_down)}"))
    done = past.outcome == "done"
    layout.addWidget(paragraph(past.words if done else f"● {past.words}", tone="plain" if done else "soon"))
    return box


def _day(moment: datetime, now: datetime) -> str:
    here, today = moment.astimezone(CHINA), now.astimezone(CHINA)
    days = (today.date() - here.date()).days
    if days == 0:
        return f"今天 {here:%H:%M}"
    if days == 1:
        return f"昨天 {here:%H:%M}"
    year = "" if here.year == today.year else f"{here.year}年"
    return f"{year}{here.month}月{here.day}日 {here:%H:%M}"


def _span(minutes: int) -> str:
    if minutes < 120:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 48 * 60 else f"{minutes // 1440} 天"


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} 字节"
    return f"{count / 1024:.1f} KB" if count < 1 << 20 else f"{count / (1 << 20):.1f} MB"


def _clear(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
