"""设置 → 备份与恢复: where the backups are, the second place, the drill, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QStorageInfo, Qt
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane
from desktop_app.settings.backups import BackupView, day_words, get_backup_view
from desktop_app.settings.screens.backup_runner import BackupDeeds, copy_if_plugged_in
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.storage.backup import BackupResult, write_backup
from desktop_app.storage.drill import DrillReport, drill
from desktop_app.storage.room import size_words
from desktop_app.storage.second_place import CopyReport, SecondPlace, choose_second_place, forget_second_place
from desktop_app.storage.shelf import KnownBackup, rules
from desktop_app.storage.verify import VerifyReport
from desktop_app.widgets.buttons import Button, button, link_button
from desktop_app.widgets.card import Card, FactList, ScrollColumn, side_by_side
from desktop_app.widgets.labels import hint, paragraph
from desktop_app.widgets.look import set_tone
from desktop_app.widgets.progress_strip import ProgressStrip
from desktop_app.widgets.saving import ask_where_to_save
from village_core.domain.staff.rights import Right

if TYPE_CHECKING:
    from desktop_app.background.tasks import TaskContext

_SHOWN = 8
_NONE_YET = "还没有自动备份。打开田埂几分钟以后会自己做第一份。"
_NO_PLACE = (
    "还没有选。备份只放在这台电脑里，电脑丢了、坏了就一起没了。"
    "选一个 U 盘上的文件夹，以后一插上，当天的备份和新照片就自己拷过去。"
)


class BackupPage(Page):
    """Cards in two columns; long work shows in one strip on top."""

    title = "备份与恢复"
    help_text = (
        "每天自己备份一次，写完读回来打开检查过才算。最好再选一个 U 盘做第二个地方。"
        "“试一试能不能恢复”不会动现在的资料。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None, *, deeds: BackupDeeds) -> None:
        super().__init__(context, parent)
        self._deeds = deeds
        self.view: BackupView | None = None
        self.progress = ProgressStrip()
        self.facts = FactList(name_width=100)
        self.trouble = paragraph("", tone="bad")
        self.file_button: Button = button("备份到一个文件", self.choose_backup_file)
        self.place_words = paragraph("")
        self.place_trouble = paragraph("", tone="bad")
        self.place_button: Button = button("选第二个地方", self.choose_place)
        self.copy_button: Button = button("现在就拷", self.copy_now)
        self.forget_button: Button = link_button("不再往那里拷", self.forget_place)
        self.drill_words = paragraph("")
        self.drill_button: Button = button("试一试能不能恢复", self.try_restore)
        self.verify_button: Button = button("检查资料是否完好", self.verify)
        self.list = QVBoxLayout()
        self.other_button: Button = button("从别的备份文件恢复", self.choose_restore_file)
        self._build()

    def load(self) -> None:
        workspace = self.context.workspace
        self.context.tasks.run(lambda _: get_backup_view(workspace), lane=Lane.IO, owner=self, on_done=self._show)

    # Deeds

    def choose_backup_file(self) -> None:
        """Ask where to, then write there."""
        name = f"田埂备份-{self.context.workspace.clock.now():%Y%m%d}.tgb"
        ask_where_to_save(self, "备份到哪里", name=name, on_chosen=self.write_backup)

    def write_backup(self, target: Path) -> None:
        """Everything, with photos, in one file."""
        workspace = self.context.workspace

        def work(task: TaskContext) -> BackupResult:
            workspace.require(Right.BACK_UP)
            result = write_backup(workspace, target, progress=_stoppable(task))
            workspace.log_access("backup", target.name)
            return result

        def done(result: BackupResult) -> None:
            self.context.messages.tell(f"已备份到 {target.name}，{size_words(result.bytes)}，读回来核对过了。")

        self._work("正在备份，写完会再读一遍核对", work, done)

    def choose_place(self) -> None:
        """Ask for a folder, best on a stick."""
        dialog = QFileDialog(self, "备份再放一份到哪里（选 U 盘上的文件夹）")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.take_place(Path(name)))
        dialog.open()

    def take_place(self, folder: Path) -> None:
        """Remember the place and copy the newest backup there at once."""
        workspace = self.context.workspace
        label = QStorageInfo(str(folder)).name() or folder.name

        def work(task: TaskContext) -> SecondPlace:
            workspace.require(Right.BACK_UP)
            place = choose_second_place(workspace, folder, label=label)
            copy_if_plugged_in(workspace, _stoppable(task))
            return place

        def done(place: SecondPlace) -> None:
            self.context.messages.tell(f"以后插上“{place.label}”，当天的备份就自己拷过去。")

        self._work("正在往第二个地方拷", work, done)

    def copy_now(self) -> None:
        """Copy without waiting for the next look."""
        workspace = self.context.workspace

        def work(task: TaskContext) -> CopyReport | None:
            workspace.require(Right.BACK_UP)
            return copy_if_plugged_in(workspace, _stoppable(task))

        self._work(
            "正在往第二个地方拷",
            work,
            lambda report: self.context.messages.tell(
                "拷好了，读回来核对过。" if report else "那里已经是最新的，不用再拷。"
            ),
        )

    def forget_place(self) -> None:
        """Stop copying; what is there stays."""
        workspace = self.context.workspace

        def work(_: TaskContext) -> None:
            workspace.require(Right.BACK_UP)
            forget_second_place(workspace)

        self._work(
            "正在记下",
            work,
            lambda _: self.context.messages.tell("以后不再往那里拷，那里的备份都还在。"),
        )

    def try_restore(self) -> None:
        """The drill with the newest daily backup."""
        workspace, deeds = self.context.workspace, self._deeds

        def work(task: TaskContext) -> DrillReport:
            workspace.require(Right.BACK_UP)
            report = drill(
                workspace,
                open_restored=deeds.open_restored,
                verify=deeds.verify,
                progress=_stoppable(task),
            )
            workspace.log_access("drill", report.backup, report.words)
            return report

        def done(report: DrillReport) -> None:
            speak = self.context.messages.tell if report.ok else self.context.messages.warn
            speak(report.words)

        self._work("正在试着恢复到一边，看完就删", work, done)

    def verify(self) -> None:
        """Read everything through."""
        workspace, deeds = self.context.workspace, self._deeds

        def done(report: VerifyReport) -> None:
            if report.ok:
                self.context.messages.tell("资料完好：资料库、改动记录、照片、备份都检查过。")
            else:
                self.context.messages.warn("资料有问题：" + "".join(report.problems[:5]))

        self._work("正在检查", lambda task: deeds.verify(workspace, _stoppable(task)), done)

    def choose_restore_file(self) -> None:
        """Ask for a file, then show what is in it."""
        dialog = QFileDialog(self, "从哪一份备份恢复", "", "田埂备份 (*.tgb)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptOpen)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.look_into(Path(name)))
        dialog.open()

    def look_into(self, path: Path) -> None:
        """Show what a backup holds and what a restore would take back."""
        self.context.navigate.open("settings_restore", path=path)

    # Showing

    def _show(self, view: BackupView) -> None:
        self.view = view
        last = day_words(view.last_at) if view.last_at else ""
        kept = f"{len(view.backups)} 份，一共 {size_words(view.bytes)}" if view.backups else "没有"
        self.facts.set_facts([("最近一次", last or "还没有"), ("这台电脑里", kept)])
        self.trouble.setText(view.problem or ("" if view.backups else _NONE_YET))
        set_tone(self.trouble, "bad" if view.problem else "second")
        self.trouble.setVisible(bool(self.trouble.text()))
        self._show_place(view)
        self.drill_words.setText(
            f"{day_words(view.drilled_at)}　{view.drill_words}"
            if view.drilled_at
            else "还没有试过。每个月会自己试一次：恢复到一边，打开检查，看完就删，不动现在的资料。"
        )
        set_tone(self.drill_words, "plain" if view.drill_ok else "bad" if view.drilled_at else "second")
        self.drill_button.setEnabled(bool(view.backups))
        self._show_list(view)

    def _show_place(self, view: BackupView) -> None:
        place = view.place
        self.place_words.setText(_NO_PLACE if place is None else _place_words(view, place))
        late = place is not None and (view.place_days is None or not 0 <= view.place_days < rules().second_place_days)
        set_tone(self.place_words, "soon" if place is None or late else "plain")
        self.place_trouble.setText(f"上次没有拷成：{place.problem}" if place and place.problem else "")
        self.place_trouble.setVisible(bool(self.place_trouble.text()))
        self.place_button.setText("换一个地方" if place else "选第二个地方")
        self.copy_button.setVisible(view.place_now is not None)
        self.forget_button.setVisible(place is not None)

    def _show_list(self, view: BackupView) -> None:
        while (old := self.list.takeAt(0)) is not None:
            widget = old.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        here = {one.path.name for one in view.backups}
        shown = [*view.backups[:_SHOWN], *(one for one in view.on_place if one.path.name not in here)][: 2 * _SHOWN]
        for one in shown:
            self.list.addWidget(self._line(one, view.today, elsewhere=one.path.name not in here))
        if not shown:
            self.list.addWidget(paragraph("还没有可以恢复的备份。", tone="second"))

    def _line(self, one: KnownBackup, today: date, *, elsewhere: bool) -> QWidget:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        where = "　（在第二个地方）" if elsewhere else ""
        row.addWidget(paragraph(f"{one.words_on(today)}　{size_words(one.bytes)}{where}", line), 1)
        row.addWidget(link_button("看看里面", self._opener(one.path)), 0, Qt.AlignmentFlag.AlignTop)
        return line

    def _opener(self, path: Path) -> Callable[[], None]:
        return lambda: self.look_into(path)

    # Work

    def _work(self, what: str, work: Callable[[TaskContext], Any], done: Callable[[Any], None]) -> None:
        """One long piece of work at a time; it can be stopped, and then nothing has changed."""
        self._set_enabled(False)
        self.progress.start(what)

        def finished(outcome: Any) -> None:
            self._end()
            done(outcome)

        def failed(error: Exception) -> None:
            self._end()
            self.context.messages.fail(error)

        handle = self.context.tasks.run(
            work,
            lane=Lane.IO,
            owner=self,
            on_done=finished,
            on_error=failed,
            on_cancelled=self._end,
            on_progress=self.progress.show_progress,
        )
        self.progress.stop_pressed.connect(handle.cancel, Qt.ConnectionType.SingleShotConnection)

    def _end(self) -> None:
        self.progress.finish()
        self._set_enabled(True)
        self.load()

    def _set_enabled(self, enabled: bool) -> None:
        for one in (self.file_button, self.place_button, self.copy_button, self.drill_button, self.verify_button):
            one.setEnabled(enabled)

    def _build(self) -> None:
        page, left, right = ScrollColumn(), QVBoxLayout(), QVBoxLayout()
        kept = rules()
        often = (
            f"每天一份，留最近 {kept.daily} 天、{kept.weekly} 周、{kept.monthly} 个月的；导入、恢复、升级以前另做一份。"
        )
        left.addWidget(self._card("这台电脑里的自动备份", self.facts, self.trouble, hint(often), self.file_button))
        left.addWidget(
            self._card(
                "第二个地方",
                self.place_words,
                self.place_trouble,
                self.place_button,
                self.copy_button,
                self.forget_button,
            )
        )
        right.addWidget(self._card("恢复演练", self.drill_words, self.drill_button, self.verify_button))
        restore = self._card(
            "恢复", paragraph("先看看里面有什么、恢复会丢什么，再决定。恢复以前会先把现在的资料备份一份。")
        )
        restore.body.addLayout(self.list)
        restore.body.addWidget(self.other_button, 0, Qt.AlignmentFlag.AlignLeft)
        right.addWidget(restore)
        page.body.addWidget(self.progress)
        page.body.addLayout(side_by_side(left, right))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(page)

    def _card(self, title: str, *widgets: QWidget) -> Card:
        card = Card(title)
        for widget in widgets:
            if isinstance(widget, Button):
                card.body.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)
            else:
                card.body.addWidget(widget)
        return card


def _place_words(view: BackupView, place: SecondPlace) -> str:
    now = f"“{place.label}”现在插着（{view.place_now}）。" if view.place_now else f"“{place.label}”现在没有插上。"
    known = view.place_days is not None and view.place_days >= 0
    last = f"上次拷过去是 {day_words(place.day)}。" if place.day else "还没有拷过。"
    if place.day and not known:
        last = f"上次拷的时候电脑的日期是 {day_words(place.day)}，比今天还晚，多久没有拷说不清楚。"
    same = "它和资料在同一块盘上，电脑坏了会一起坏，最好换成 U 盘。" if place.same_disk else ""
    late = ""
    if not view.place_now:
        late = f"已经 {view.place_days} 天，插上以后会自己拷。" if known else "插上以后会自己拷。"
    return now + last + late + same


def _stoppable(task: TaskContext) -> Callable[[int, int], None]:
    def told(done: int, total: int) -> None:
        task.raise_if_cancelled()
        task.progress(done, total)

    return told
