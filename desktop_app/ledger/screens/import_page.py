"""Vouchers from Excel: choose a file, see what would happen, then take it in."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext, TaskHandle
from desktop_app.ledger.excel import import_vouchers
from desktop_app.ledger.import_report import ImportReport, RowNote
from desktop_app.shell.context import PageContext
from desktop_app.shell.number_switch import NumberSwitch
from desktop_app.shell.page import Page
from desktop_app.storage.automatic_backup import back_up_before_import
from desktop_app.widgets.buttons import Button, button, primary_button
from desktop_app.widgets.card import Card, ScrollColumn, SentencesCard
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.file_drop import FileDrop
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.form import Field
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px
from desktop_app.widgets.progress_strip import ProgressStrip
from desktop_app.widgets.record_table import Column, RecordTable
from village_core.domain.errors import UserError
from village_core.domain.ledger.accounts import display_code
from village_core.domain.masking import cover_unread

COLUMNS = (
    Column[tuple[str, RowNote]]("行", lambda pair: str(pair[1].row), width=70, sort_key=lambda pair: pair[1].row),
    Column[tuple[str, RowNote]](
        "结果", lambda pair: pair[0], width=100, tone=lambda pair: "bad" if pair[0] == "没有收下" else "soon"
    ),
    Column[tuple[str, RowNote]]("哪一列", lambda pair: pair[1].column, width=120),
    Column[tuple[str, RowNote]]("为什么", lambda pair: pair[1].reason, width=300),
)
_SHEET_WORDS = (
    "表头要有：日期、凭证号、摘要、科目编码、科目名称、借方金额、贷方金额、附件张数，放在前三行都行。",
    "日期和凭证号相同的几行是一张凭证；凭证号写“期初”的是期初余额。一张凭证有一行不对，整张都不收。",
    "导入的凭证直接记账，凭证号照原来的。先看一遍结果，再点“导入”。",
)


class ImportPage(Page):
    """`open(path=…)` looks at a file at once."""

    title = "从 Excel 导入凭证"
    help_text = "".join(_SHEET_WORDS)

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._path: Path | None = None
        self._report: ImportReport | None = None
        self._handle: TaskHandle | None = None
        self.drop = FileDrop("把凭证的 Excel 文件拖到这里", endings=(".xlsx", ".xls", ".et"), kind="表格文件")
        self.sheet_words = SentencesCard("怎样的表能导", _SHEET_WORDS)
        self.progress = ProgressStrip(self)
        self.summary = Card("看过一遍，还没有导入")
        self.words = paragraph("")
        self.summary.body.addWidget(self.words)
        self.reviewer = ChoiceEdit()
        self.review = Field(
            "原来由谁审核",
            self.reviewer,
            hint_text="制单和审核要是两个人。选在原来的账上审核这些凭证的人，是您写的会注明在凭证上。",
            required=True,
        )
        self.summary.body.addWidget(self.review)
        self.chips = FilterChips([Chip("all", "全部"), Chip("没有收下", "没有收下"), Chip("提醒", "提醒")], self)
        self.table: RecordTable[tuple[str, RowNote]] = RecordTable(
            COLUMNS, empty_text="每一行都看得懂，没有要提醒的。", keys_text=""
        )
        self.again_button: Button = button("换一个文件", self._start_over)
        self.take_button: Button = primary_button("导入", self._on_take_clicked)
        self.numbers = NumberSwitch(self, sheet=self._name, what="从 Excel 导入凭证：可能有证件号码、电话、银行账号")
        self.reveal_button = self.numbers.button
        self._arrange()
        self.drop.chosen.connect(lambda paths: self.look_at(paths[0]))
        self.progress.stop_pressed.connect(self._on_stop)
        self.chips.chosen.connect(lambda _: self._show_notes())
        self.numbers.changed.connect(self._show_notes)
        self.reviewer.changed.connect(lambda: self.review.set_mistake(""))

    def open(self, **arguments: object) -> None:
        path = arguments.get("path")
        self._start_over()
        if path is not None:
            self.look_at(Path(str(path)))

    def header_buttons(self) -> list[QWidget]:
        return [self.reveal_button]

    def look_at(self, path: Path) -> None:
        """Read the file and show what an import would do."""
        self._start_over()
        self._path = path
        self.drop.mistake.hide()
        self.progress.start("正在读表格", can_stop=False)
        workspace = self.context.workspace
        self._handle = self.context.tasks.run(
            lambda _: import_vouchers(workspace, path, dry_run=True),
            lane=Lane.DB,
            owner=self,
            on_done=lambda report: self._show_preview(path, report),
            on_error=self._on_failed,
        )

    def _arrange(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(12))
        layout.addWidget(self.drop, 1)
        layout.addWidget(self.sheet_words)
        layout.addWidget(self.progress)
        # At large type the question and the list do not both fit: then this part scrolls.
        self.told = ScrollColumn(keep_width=True)
        self.told.body.addWidget(self.summary)
        layout.addWidget(self.told, 1)
        layout.addWidget(self.chips)
        layout.addWidget(self.table, 1)
        layout.addStretch(0)
        foot = QHBoxLayout()
        foot.setSpacing(px(12))
        foot.addStretch(1)
        foot.addWidget(self.again_button)
        foot.addWidget(self.take_button)
        layout.addLayout(foot)
        self._start_over()

    def _start_over(self) -> None:
        self._path = self._report = None
        self.numbers.reset()
        self.drop.show()
        self.sheet_words.show()
        for widget in (self.told, self.chips, self.table, self.again_button, self.take_button):
            widget.hide()

    def _show_preview(self, path: Path, report: ImportReport) -> None:
        if path != self._path:  # another file was dropped meanwhile
            return
        self._show_report(report, f"看过一遍“{self._name()}”，还没有导入")
        self.take_button.setVisible(report.created > 0)
        self.take_button.setEnabled(True)
        self.take_button.setText(f"导入 {report.created} 行")
        self._ask_reviewer(report.reviewers)
        if report.created:
            (self.take_button if report.reviewers is None else self.reviewer).setFocus()

    def _ask_reviewer(self, reviewers: tuple[str, ...] | None) -> None:
        self.review.setVisible(reviewers is not None)
        self.reviewer.set_choices([(name, name) for name in reviewers or ()])
        nobody = "人员名单上没有别的人能审核凭证。请先登记会计，或把兼任记在案，再来导入。"
        self.review.set_mistake(nobody if reviewers == () else "")
        told = self._report is not None and bool(self._report.rejected or self._report.warnings)
        for widget in (self.chips, self.table):  # with nothing to tell they would only take the question's room
            widget.setVisible(told or reviewers is None)
        QTimer.singleShot(0, self, self._make_room)

    def _make_room(self) -> None:
        """No more for what is told than it needs; the question in sight where even that is not there."""
        content = self.told.widget()
        if content is not None:
            self.told.setMaximumHeight(content.sizeHint().height())
        self.told.ensureWidgetVisible(self.reviewer)

    def _show_report(self, report: ImportReport, title: str) -> None:
        self._report = report
        self.progress.finish()
        self.drop.hide()
        self.sheet_words.hide()
        for widget in (self.told, self.chips, self.table):
            widget.show()
        self.again_button.show()
        self.summary.set_title(title)
        self.words.setText(_words(report))
        self.chips.set_chips(
            [
                Chip("all", "全部", len(report.rejected) + len(report.warnings)),
                Chip("没有收下", "没有收下", len(report.rejected)),
                Chip("提醒", "提醒", len(report.warnings)),
            ]
        )
        self._show_notes()

    def _show_notes(self) -> None:
        if self._report is None:
            return
        notes = [("没有收下", note) for note in self._report.rejected]
        notes += [("提醒", note) for note in self._report.warnings]
        wanted = self.chips.current
        rows = [pair for pair in notes if wanted in ("all", pair[0])]
        covered = [(result, _covered(note)) for result, note in rows]
        self.table.set_rows(self.numbers.pick(rows, covered))

    def _on_take_clicked(self) -> None:
        path, workspace, changes = self._path, self.context.workspace, self.context.changes
        reviewed_by = str(self.reviewer.value() or "")
        if path is None:
            return
        if not self.review.isHidden() and not reviewed_by:
            self.review.set_mistake("请选原来由谁审核。")
            return
        self.take_button.setEnabled(False)
        self.progress.start("正在导入凭证")

        def work(task: TaskContext) -> ImportReport:
            def told(done: int, total: int) -> None:
                task.raise_if_cancelled()
                task.progress(done, total)

            back_up_before_import(workspace, progress=told)
            return import_vouchers(workspace, path, reviewed_by=reviewed_by, progress=told)

        def done(report: ImportReport) -> None:
            changes.announce(report.changes)
            self._on_taken(report)

        self._handle = self.context.tasks.run(
            work,
            lane=Lane.DB,
            owner=self,
            on_done=done,
            on_error=self._on_failed,
            on_cancelled=self._on_cancelled,
            on_progress=self.progress.show_progress,
        )

    def _on_taken(self, report: ImportReport) -> None:
        self._show_report(report, f"“{self._name()}”已经导入")
        self.review.hide()
        self.take_button.hide()
        self.context.messages.tell(f"导入了 {report.vouchers} 张凭证，都已记账。")

    def _on_failed(self, error: Exception) -> None:
        self.progress.finish()
        self.take_button.setEnabled(True)
        if isinstance(error, UserError) and not self.drop.isHidden():
            self.drop.mistake.setText(f"✕ {error.what}{error.safe}{error.next_step}")
            self.drop.mistake.show()
        else:
            self.context.messages.fail(error)

    def _on_stop(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _on_cancelled(self) -> None:
        self.progress.finish()
        self.take_button.setEnabled(True)
        self.context.messages.warn("已经停下，一行都没有导入。")

    def _name(self) -> str:
        return self._path.name if self._path else ""


def _covered(note: RowNote) -> RowNote:
    return RowNote(note.row, cover_unread(note.column), cover_unread(note.reason))


def _words(report: ImportReport) -> str:
    lines = [
        (
            f"共 {report.rows} 行：新的 {report.created} 行（{report.vouchers} 张凭证），"
            f"账上已经有的 {report.unchanged} 行，没有收下 {len(report.rejected)} 行。"
        )
    ]
    if report.new_accounts:
        shown = "、".join(display_code(code) for code in report.new_accounts[:8])
        more = "等" if len(report.new_accounts) > 8 else ""
        lines.append(f"会新开明细科目 {len(report.new_accounts)} 个：{shown}{more}。")
    if report.created:
        lines.append("导入就是记账，记了不能撤回，只能冲销。")
    return "\n".join(lines)
