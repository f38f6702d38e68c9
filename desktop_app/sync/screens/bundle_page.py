"""用 U 盘带: plug in, press one button, print the slip; and later read back what the county answered."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext, TaskHandle
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.storage.changes import Changes
from desktop_app.sync.bundle import WrittenBundle, write_bundle
from desktop_app.sync.bundle_queries import BundleView, get_bundle_view
from desktop_app.sync.bundle_reading import read_bundle
from desktop_app.sync.bundle_report import ReadBundle
from desktop_app.sync.bundle_slip import range_words, size_words
from desktop_app.sync.screens.runner import ALL_TOPICS
from desktop_app.sync.screens.sticks import Stick, folder_as_stick, list_sticks
from desktop_app.sync.watch import Watch
from desktop_app.sync.words import DeviceStoppedError
from desktop_app.widgets.buttons import Button, button, primary_button
from desktop_app.widgets.card import Card, FactList, ScrollColumn
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.labels import hint, paragraph
from desktop_app.widgets.look import px
from desktop_app.widgets.progress_strip import ProgressStrip
from village_core.domain.errors import UserError

_LOOK_EVERY_MS = 2000

SticksLister = Callable[[], list[Stick]]


class BundlePage(Page):
    """Two buttons: 写到 U 盘 and 从 U 盘读回. What came of it stands below, with what to do next."""

    title = "用 U 盘带"
    subtitle = "没有网络，也能和县里交换"
    topics = frozenset({"sync", "households", "relief", "ledger", "notices"})
    help_text = (
        "插上 U 盘，点“写到 U 盘”，把 U 盘和交接单送到乡镇或县里；对方读了，会把回执写回 U 盘。\n"
        "带回来点“从 U 盘读回”，才算送到。U 盘上的文件加了锁，只有县里打得开；丢了，村里的资料一条也不少。\n"
        "写过 U 盘以后又连上了网，照样同步，不会重复。"
    )

    def __init__(
        self, context: PageContext, parent: QWidget | None = None, *, sticks: SticksLister = list_sticks
    ) -> None:
        super().__init__(context, parent)
        self._list_sticks = sticks
        self._sticks: list[Stick] = []
        self._folder: Stick | None = None
        self._view: BundleView | None = None
        self._written: WrittenBundle | None = None
        self._waiting_when_written: int | None = None
        self._handle: TaskHandle | None = None
        self._wants_cursor = False
        self.chips = FilterChips()
        self.no_stick = paragraph("还没有看到 U 盘。插上以后等几秒，会自己出来。", self, tone="second")
        self.folder_button: Button = button("选一个文件夹", self._on_folder_clicked)
        self.waiting = paragraph("", self)
        self.write_button: Button = primary_button("写到 U 盘", self._on_write_clicked)
        self.back = paragraph("", self)
        self.read_button: Button = button("从 U 盘读回", self._on_read_clicked)
        self.progress = ProgressStrip(self)
        self.trouble = ClauseBox(self)
        self.result = Card("办好了")
        self.result_words = paragraph("")
        self.facts = FactList(name_width=96)
        self.next_steps = paragraph("", tone="second")
        self.print_button: Button = primary_button("打印交接单", self.print_page)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look_for_sticks)
        self._build()

    def _build(self) -> None:
        where = Card("用哪个 U 盘")
        choice = QHBoxLayout()
        choice.setSpacing(px(12))
        choice.addWidget(self.no_stick, 1)
        choice.addWidget(self.chips, 1)
        choice.addWidget(self.folder_button, 0, Qt.AlignmentFlag.AlignTop)
        where.body.addLayout(choice)
        columns = QHBoxLayout()
        columns.setSpacing(px(14))
        for title, words, pressed, under in (
            ("送到县里去", self.waiting, self.write_button, "写完会自己读回来核对一遍。"),
            ("县里的回执带回来了", self.back, self.read_button, "读几遍都不要紧，不会重复。"),
        ):
            card = Card(title)
            card.body.addWidget(words)
            card.body.addStretch(1)
            card.body.addWidget(hint(under))
            card.body.addWidget(pressed, 0, Qt.AlignmentFlag.AlignLeft)
            columns.addWidget(card, 1)
        for one in (self.result_words, self.facts, self.next_steps):
            self.result.body.addWidget(one)
        self.result.body.addWidget(self.print_button, 0, Qt.AlignmentFlag.AlignLeft)
        column = self._column = ScrollColumn()
        column.body.addWidget(where)
        column.body.addLayout(columns)
        for below in (self.progress, self.trouble, self.result):
            column.body.addWidget(below)
        column.body.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(column)
        self.chips.chosen.connect(lambda _: self._show_choice())
        self.progress.stop_pressed.connect(self._on_stop)
        self.result.hide()
        self.trouble.hide()

    def load(self) -> None:
        store = self.context.workspace.attachments
        self.fetch(lambda reader: get_bundle_view(reader, store), self._show)

    def take_cursor(self) -> None:
        """On the button that is likely wanted, as soon as there is a stick."""
        self._wants_cursor = True
        self.folder_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_choice()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look_for_sticks()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def print_page(self) -> None:
        """The slip of what was written last."""
        if self._written is not None:
            self.context.navigate.open("preview", kind="stick_slip", written=self._written)

    def look_for_sticks(self) -> None:
        """Show what is plugged in now; a folder that was chosen stays in the list."""
        if self._running:
            return
        found = self._list_sticks() + ([self._folder] if self._folder is not None else [])
        if found != self._sticks:
            self._sticks = found
            self.chips.set_chips([Chip(str(one.path), one.words) for one in found])
        self.chips.setVisible(bool(found))
        self.no_stick.setVisible(not found)
        self._show_choice()

    def use_folder(self, path: Path) -> None:
        """Take a folder for a stick."""
        self._folder = folder_as_stick(path)
        self.look_for_sticks()
        self.chips.choose(str(path))
        self._show_choice()

    @property
    def _running(self) -> bool:
        return self._handle is not None and not self._handle.finished

    @property
    def _stick(self) -> Stick | None:
        return next((one for one in self._sticks if str(one.path) == self.chips.current), None)

    def _show(self, view: BundleView) -> None:
        self._view = view
        self._show_choice()

    def _show_choice(self) -> None:
        view, stick = self._view, self._stick
        if view is None:
            return
        self.waiting.setText(_waiting_words(view, written=view.waiting == self._waiting_when_written))
        answers = view.ways_back(stick.path) if stick is not None else 0
        if stick is None:
            self.back.setText("插上带回来的 U 盘，这里会说有没有给这台电脑的回执。")
        elif answers:
            self.back.setText(f"这里有县里给这台电脑的回执，{answers} 个文件。")
        else:
            self.back.setText("这里没有县里给这台电脑的回执。")
        ready = view.enrolled and view.locked and stick is not None and not self._running
        self.write_button.setEnabled(ready and stick is not None and not stick.read_only)
        self.read_button.setEnabled(ready and answers > 0)
        likely = self.read_button if answers else self.write_button
        if self._wants_cursor and likely.isEnabled():
            self._wants_cursor = False
            likely.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_folder_clicked(self) -> None:
        dialog = QFileDialog(self, "选一个文件夹")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda name: self.use_folder(Path(name)))
        dialog.open()

    def _on_write_clicked(self) -> None:
        stick, workspace = self._stick, self.context.workspace
        if stick is None or self._running:
            return

        def work(task: TaskContext) -> WrittenBundle:
            done = count(1)
            watch = Watch(check=task.raise_if_cancelled, progressed=lambda: task.progress(next(done), steps))
            return write_bundle(workspace, stick.path, onto_stick=True, watch=watch)

        steps = (self._view.contents if self._view is not None else 0) + 1
        self._begin("正在写到 U 盘，写完再拔")
        self._run(work, self._on_written)

    def _on_read_clicked(self) -> None:
        stick, workspace = self._stick, self.context.workspace
        if stick is None or self._running:
            return

        def work(task: TaskContext) -> ReadBundle:
            return read_bundle(workspace, stick.path, watch=Watch(check=task.raise_if_cancelled))

        self._begin("正在从 U 盘读回")
        self._run(work, self._on_read)

    def _run(self, work: Callable[[TaskContext], object], on_done: Callable[..., None]) -> None:
        self._handle = self.context.tasks.run(
            work,
            lane=Lane.IO,
            owner=self,
            on_done=on_done,
            on_error=self._on_failed,
            on_cancelled=self._end,
            on_progress=self.progress.show_progress,
        )
        self._show_choice()

    def _begin(self, what: str) -> None:
        self.trouble.hide()
        self.result.hide()
        self.progress.start(what)

    def _end(self) -> None:
        self._handle = None
        self.progress.finish()
        self.look_for_sticks()

    def _on_stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _on_written(self, written: WrittenBundle) -> None:
        self._written = written
        self._waiting_when_written = self._view.waiting if self._view is not None else None
        self._end()
        self.result.set_title("写好了，已读回核对", side=f"U 盘码 {written.code}")
        self.result_words.setText("可以拔下 U 盘了。请打印交接单，和 U 盘一起送到乡镇或县里。")
        self.facts.set_facts(
            [
                ("改动", range_words(written)),
                ("照片", f"{written.contents} 个" if written.contents else "没有"),
                ("文件", "\n".join(path.name for path in written.paths) + f"（{size_words(written.bytes)}）"),
            ]
        )
        self.facts.show()
        self.next_steps.setText("对方读了，会把回执写回这个 U 盘。带回来点“从 U 盘读回”，才算送到。")
        self.next_steps.show()
        self.print_button.show()
        self._reveal(self.result)
        self.print_button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.context.changes.announce(Changes.of("sync"))

    def _on_read(self, report: ReadBundle) -> None:
        self._waiting_when_written = None
        self._end()
        self.result.set_title(_title_of(report), side=f"U 盘码 {report.code}")
        self.result_words.setText(report.words)
        self.facts.hide()
        more = [f"有 {report.questions} 件要您拿主意，在“同步”里。"] * bool(report.questions)
        more += [f"没有收：{error}" for error in report.refused]
        self.next_steps.setText("\n".join(more))
        self.next_steps.setVisible(bool(more))
        self.print_button.hide()
        self._reveal(self.result)
        self.context.changes.announce(ALL_TOPICS if report.applied else Changes.of("sync"))

    def _on_failed(self, error: Exception) -> None:
        self._end()
        if not isinstance(error, UserError):
            self.context.messages.fail(error)
            return
        self.trouble.set_clause("", "", message=str(error), tone="bad")
        self._reveal(self.trouble)
        if isinstance(error, DeviceStoppedError):
            # What she may do is otherwise now, and with it the window: the page 同步 says it for good.
            self.context.navigate.open("sync")
        self.context.changes.announce(Changes.of("sync"))

    def _reveal(self, widget: QWidget) -> None:
        """At large type it would come to stand below the edge."""
        widget.show()
        QTimer.singleShot(0, self, lambda: self._column.ensureWidgetVisible(widget, 0, px(14)))


def _title_of(report: ReadBundle) -> str:
    if report.begun_again:
        return "还要再送一次"
    return "读回来了，还要连网同步一次" if report.wants_line else "读回来了"


def _waiting_words(view: BundleView, *, written: bool) -> str:
    if not view.enrolled:
        return "这份资料还没有登记到县里。请先向县里要一个登记码，在“同步”里登记。"
    if not view.locked:
        return "这台电脑还没有县里的锁。请先连网同步一次，以后就能用 U 盘了。"
    parts = [f"{view.waiting:,} 条改动"] * bool(view.waiting) + [f"{view.contents:,} 个照片文件"] * bool(view.contents)
    if not parts:
        return "这里记的都送到县里了。也可以空着送一趟，把别人记的取回来。"
    what = f"还有 {'、'.join(parts)}没送到县里"
    return f"{what}。刚才已经写到 U 盘，等回执带回来；再写一次也不要紧。" if written else f"{what}，都会写上。"
