"""Import: drop a sheet, look at what would happen, then do it. Nothing is written before the button is pressed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext, TaskHandle
from desktop_app.households.importing import ImportReport
from desktop_app.households.preview import ImportPreview, PreviewLine, preview_households
from desktop_app.households.service import export_rejected_rows, import_households
from desktop_app.shell.context import PageContext
from desktop_app.shell.number_switch import NumberSwitch
from desktop_app.shell.page import Page
from desktop_app.storage.automatic_backup import back_up_before_import
from desktop_app.widgets.buttons import Button, button, primary_button
from desktop_app.widgets.card import Card, SentencesCard
from desktop_app.widgets.file_drop import FileDrop
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px, set_tone
from desktop_app.widgets.progress_strip import ProgressStrip
from desktop_app.widgets.record_table import Column, RecordTable
from desktop_app.widgets.saving import ask_where_to_save
from village_core.domain.staff.rights import Right

SHEET_ENDINGS = (".xlsx", ".xls", ".et", ".xlsm")
_KINDS = {
    "rejected": "没有收下",
    "warning": "提醒",
    "created": "新增",
    "updated": "更新",
    "unchanged": "没有变化",
}
_EXPLAINED = (
    "一行一个人，表头在第 1 到 3 行。各列怎样排、叫“身份证号”还是“证件号码”都行；不认识的列按原来的名字留着。",
    "一户的户编号、组、户类型可以只写在这户的第一行，合并的格子也行。",
    "空格子不会把原来的内容冲掉。有毛病的行单独退回，写明第几行、哪一列、为什么，别的行照收。",
    "证件号码那一列要是“文本”：Excel 把 18 位号码变成了数，后几位就丢了，只能退回。",
)
_EMPTY = {
    "rejected": "没有要退回的行。",
    "warning": "没有要提醒的。",
    "created": "没有新的人。",
    "updated": "没有要改的。",
    "unchanged": "没有原样不动的人。",
}
_TAKEN = frozenset(("created", "updated", "unchanged"))
"""What was understood: numbers in it are covered already."""
_TONES = {"rejected": "bad", "warning": "soon", "created": "good", "updated": "", "unchanged": "text_second"}


class ImportPage(Page):
    """`open(path=…)` reads a file at once."""

    title = "从 Excel 导入农户"
    help_text = (
        "全国系统导出的表、村里自己的花名册都行：表头在第 1 到 3 行，一行一个人。先看一遍会怎么改，点“导入”才写进去。"
        "空格子不会把原来的内容冲掉。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._preview: ImportPreview | None = None
        self._path: Path | None = None
        self._running: TaskHandle | None = None
        self._done = False
        self.drop = FileDrop(
            "把表格拖到这里：全国系统导出的“监测对象信息”“户信息”，或村里的花名册",
            endings=SHEET_ENDINGS,
            kind="Excel 表格",
            button_text="选一个表格",
        )
        self.progress = ProgressStrip()
        self.summary = paragraph("")
        self.chips = FilterChips()
        self.table: RecordTable[PreviewLine] = RecordTable(_columns(), empty_text="", keys_text="")
        self.import_button: Button = primary_button("导入", self.start_import)
        self.other_button: Button = button("换一个表格", self.reset)
        self.save_button: Button = button("把没有收下的行存成 Excel", self.choose_rejected_file)
        self.guard(self.save_button, Right.EXPORT)
        self.numbers = NumberSwitch(
            self,
            sheet=lambda: self._path.name if self._path is not None else "",
            what="从 Excel 导入农户：可能有证件号码、电话、银行账号",
        )
        self.reveal_button = self.numbers.button
        self._build()
        self._connect()
        self.reset()

    def open(self, **arguments: object) -> None:
        path = arguments.get("path")
        if isinstance(path, Path):
            self.read_file(path)
        elif self._done:
            self.reset()

    def header_buttons(self) -> list[QWidget]:
        return [self.reveal_button]

    def may_leave(self) -> bool:
        if self._running is not None and not self._running.finished and not self._done:
            self._running.cancel()
        return True

    def take_cursor(self) -> None:
        if self._preview is None:
            self.drop.setFocus()
        else:
            self.import_button.setFocus()

    # Deeds

    def read_file(self, path: Path) -> None:
        """Preview a sheet in the background; it can be stopped."""
        workspace = self.context.workspace
        self.reset()
        self._path = path
        self._start.hide()
        self.progress.start(f"正在看“{path.name}”")

        def work(task: TaskContext) -> ImportPreview:
            return preview_households(workspace, path, progress=_stoppable(task))

        self._running = self.context.tasks.run(
            work,
            lane=Lane.DB,
            owner=self,
            on_done=self._on_previewed,
            on_error=self._on_failed,
            on_cancelled=self.reset,
            on_progress=self.progress.show_progress,
        )

    def start_import(self) -> None:
        """Write what was previewed, in one transaction."""
        workspace, path, changes = self.context.workspace, self._path, self.context.changes
        if path is None or not self.import_button.isEnabled():
            return
        self.import_button.setEnabled(False)
        self.other_button.setEnabled(False)
        self.progress.start("正在导入")

        def work(task: TaskContext) -> ImportReport:
            back_up_before_import(workspace, progress=_stoppable(task))
            return import_households(workspace, path, progress=_stoppable(task))

        def done(report: ImportReport) -> None:
            changes.announce(report.changes)
            self._on_imported(report)

        self._running = self.context.tasks.run(
            work,
            lane=Lane.DB,
            owner=self,
            on_done=done,
            on_error=self._on_failed,
            on_cancelled=self._on_stopped,
            on_progress=self.progress.show_progress,
        )

    def choose_rejected_file(self) -> None:
        """Ask where the list of rejected rows goes."""
        stem = self._path.stem if self._path is not None else "农户"
        ask_where_to_save(self, "存到哪里", name=f"{stem}-没有收下的行.xlsx", on_chosen=self.save_rejected)

    def save_rejected(self, target: Path) -> None:
        """Write the rejected rows with their reasons."""
        preview, workspace = self._preview, self.context.workspace
        if preview is None:
            return
        self.context.tasks.run(
            lambda _: export_rejected_rows(workspace, target, preview.report.rejected),
            lane=Lane.DB,
            owner=self,
            on_done=lambda _: self.context.messages.tell(f"已存到 {target.name}。照着改好原表，再导一次就行。"),
        )

    def reset(self) -> None:
        """Back to the empty page."""
        self._preview, self._path, self._done = None, None, False
        self.numbers.reset()
        self.progress.finish()
        self._start.show()
        self._result.hide()
        self.list_button.hide()
        self.set_heading("从 Excel 导入农户")

    # Answers

    def _on_previewed(self, preview: ImportPreview) -> None:
        self._preview = preview
        self.progress.finish()
        self._start.hide()
        self._result.show()
        report = preview.report
        self.set_heading("从 Excel 导入农户", self._path.name if self._path is not None else "")
        self.summary.setText(_summary(report))
        set_tone(self.summary, "soon" if report.rejected else "plain")
        self._show_chips(report)
        taken = report.created + report.updated
        self.import_button.setText(f"导入 {taken:,} 人" if taken else "没有要导入的")
        self.import_button.setEnabled(bool(taken))
        self.import_button.show()
        self.other_button.setText("换一个表格")
        self.other_button.setEnabled(True)
        self.save_button.setVisible(bool(report.rejected))
        (self.import_button if taken else self.other_button).setFocus()

    def _on_imported(self, report: ImportReport) -> None:
        self._done = True
        self.progress.finish()
        self.import_button.hide()
        self.other_button.setEnabled(True)
        self.other_button.setText("再导一个表格")
        told = _done_words(report)
        self.summary.setText(told)
        set_tone(self.summary, "good")
        if not self.isVisible():
            self.context.messages.tell(told)
        self.list_button.show()
        self.list_button.setFocus()

    def _on_failed(self, error: Exception) -> None:
        self.reset()
        self.context.messages.fail(error)

    def _on_stopped(self) -> None:
        self.progress.finish()
        self.import_button.setEnabled(True)
        self.other_button.setEnabled(True)
        self.context.messages.tell("停下了，什么都没有写进去。")

    def _show_chips(self, report: ImportReport) -> None:
        counts = {
            "rejected": len(report.rejected),
            "warning": len(report.warnings),
            "created": report.created,
            "updated": report.updated,
            "unchanged": report.unchanged,
        }
        self.chips.set_chips([Chip(key, words, counts[key]) for key, words in _KINDS.items()])
        first = next((key for key in ("rejected", "created", "updated", "warning") if counts[key]), "unchanged")
        self.chips.choose(first)
        self._show_lines(first)

    def _show_lines(self, key: str) -> None:
        if self._preview is not None:
            self.table.set_empty_text(_EMPTY[key])
            lines = [line for line in self._preview.lines if line.kind == key]
            covered = lines if key in _TAKEN else [line.covered for line in lines]
            self.table.set_rows(self.numbers.pick(lines, covered))

    def _tell_whole(self, line: PreviewLine | None) -> None:
        """The row under the cursor in full: large type leaves little room in a table."""
        whose = f" {line.name}" if line is not None and line.name else ""
        self.table.footer.setText(f"第 {line.row} 行{whose}：{line.words}" if line is not None else "")

    # Building

    def _build(self) -> None:
        self._start = QWidget(self)
        start = QVBoxLayout(self._start)
        start.setContentsMargins(0, 0, 0, 0)
        start.setSpacing(px(14))
        start.addWidget(self.drop, 1)
        start.addWidget(SentencesCard("怎样的表能导", _EXPLAINED))
        self._result = QWidget(self)
        self.list_button = primary_button("看农户", lambda: self.context.navigate.replace("households"))
        self.list_button.hide()
        card = Card()
        card.body.addWidget(self.summary)
        foot = QHBoxLayout()
        foot.setSpacing(px(12))
        foot.addWidget(self.save_button)
        foot.addStretch(1)
        foot.addWidget(self.other_button)
        foot.addWidget(self.import_button)
        foot.addWidget(self.list_button)
        inner = QVBoxLayout(self._result)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(px(12))
        inner.addWidget(card)
        inner.addWidget(self.chips)
        inner.addWidget(self.table, 1)
        inner.addLayout(foot)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(12))
        layout.addWidget(self._start, 1)
        layout.addWidget(self.progress)
        layout.addWidget(self._result, 1)

    def _connect(self) -> None:
        self.drop.chosen.connect(lambda paths: self.read_file(paths[0]))
        self.progress.stop_pressed.connect(lambda: self._running.cancel() if self._running is not None else None)
        self.chips.chosen.connect(self._show_lines)
        self.numbers.changed.connect(lambda: self._show_lines(self.chips.current))
        self.table.chosen.connect(self._tell_whole)


def _stoppable(task: TaskContext) -> Callable[[int, int], None]:
    def step(done: int, total: int) -> None:
        task.raise_if_cancelled()
        task.progress(done, total)

    return step


def _summary(report: ImportReport) -> str:
    if not report.rows:
        return "表里只有表头，没有人。"
    parts = [
        f"{words} {count:,}"
        for words, count in (
            ("新增", report.created),
            ("更新", report.updated),
            ("没有变化", report.unchanged),
        )
        if count
    ]
    told = f"表里有 {report.rows:,} 人：{'，'.join(parts)}" if parts else f"表里有 {report.rows:,} 人"
    if report.rejected:
        told += f"，没有收下 {len(report.rejected):,}（不影响别的行，改好后再导一次就行）"
    if report.warnings:
        told += f"。有 {len(report.warnings):,} 处提醒，请核对"
    return told + "。"


def _done_words(report: ImportReport) -> str:
    parts = [
        f"{words} {count:,} 人"
        for words, count in (
            ("新增", report.created),
            ("更新", report.updated),
            ("没有收下", len(report.rejected)),
        )
        if count
    ]
    return f"导好了：{'，'.join(parts)}。"


def _columns() -> list[Column[PreviewLine]]:
    return [
        Column("第几行", lambda line: str(line.row), 76, sort_key=lambda line: line.row, right=True),
        Column("姓名", lambda line: line.name, 96),
        Column("哪一列", lambda line: line.column, 130),
        Column("怎么回事", lambda line: line.words, 240, tone=lambda line: _TONES[line.kind]),
    ]
