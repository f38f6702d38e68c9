"""打印预览: the paper as it will come out, with 打印 and 存为文件. What leaves is put on record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QPalette, QShowEvent
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskCancelledError, TaskContext, TaskHandle
from desktop_app.notices.queries import PAPER_TITLES
from desktop_app.notices.screens.printing import LoadedPdf, new_printer, print_pdf
from desktop_app.notices.service import log_unfinished_print, put_on_record, save_paper
from desktop_app.pdf_kit.paper import NumbersOnPaper, Paper, PaperMaker
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.shell.revealing import reveal
from desktop_app.storage.changes import Changes
from desktop_app.widgets.buttons import Button, button, primary_button
from desktop_app.widgets.empty import EmptyState
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.labels import paragraph, phrase
from desktop_app.widgets.look import colour, px
from desktop_app.widgets.progress_strip import ProgressStrip
from desktop_app.widgets.saving import ask_where_to_save
from village_core.domain.errors import RuleRefusedError, UserError
from village_core.domain.staff.rights import Right

_COVERED = "号码和证件照片已遮住，印出来也是遮着的。要装进档案盒的那一份，先点“显示完整号码”再打印。"
_WHOLE, _WIDTH, _LARGE = "whole", "width", "large"


class PreviewPage(Page):
    """Shows the paper of a kind. `makers` come from the features, by kind of paper."""

    title = "打印预览"
    help_text = (
        "看好了再打印：点“打印”选打印机，或点“存为文件”带走。打印和存出去的，都记下是谁、什么时候、哪一版。\n"
        "一户一档先遮住证件号码和账号，遮着印出来的也是遮着的。要完整的，点“显示完整号码”，说一下为了什么，再打印。"
    )

    def __init__(
        self, context: PageContext, parent: QWidget | None = None, *, makers: Mapping[str, PaperMaker]
    ) -> None:
        super().__init__(context, parent)
        self._makers = makers
        self._wanted: tuple[str, dict[str, object]] | None = None
        self._loaded: LoadedPdf | None = None
        self._making: TaskHandle | None = None
        self._printing: TaskHandle | None = None
        self._whole = False
        self._left = False
        self.paper: Paper | None = None
        self.view = QPdfView(self)
        self.problem = EmptyState("")
        self.zoom = FilterChips([Chip(_WHOLE, "整页"), Chip(_WIDTH, "页宽"), Chip(_LARGE, "放大")])
        self.place = phrase("", self, tone="second")
        self.covered_note = paragraph(_COVERED, self, tone="soon")
        self.progress = ProgressStrip()
        self.reveal_button: Button = button("显示完整号码", self.reveal)
        self.save_button: Button = button("存为文件", self.choose_file)
        self.print_button: Button = primary_button("打印 Ctrl+P", self.print_page)
        self.guard(self.reveal_button, Right.REVEAL_NUMBERS)
        self.guard(self.save_button, Right.PRINT_PAPERS)
        self.guard(self.print_button, Right.PRINT_PAPERS)
        self._wants_cursor = False
        self._build()
        self._show_numbers(None)
        self._set_ready(ready=False)

    def header_buttons(self) -> list[QWidget]:
        return [self.reveal_button, self.save_button, self.print_button]

    def take_cursor(self) -> None:
        """The button can be pressed when the paper is drawn."""
        self._wants_cursor = not self.print_button.isEnabled()
        if not self._wants_cursor:
            self.print_button.setFocus()

    def open(self, **arguments: object) -> None:
        """`kind` names the maker, all other arguments are its own (`case_id`, `voucher_id`, `start`, `end` …)."""
        kind = str(arguments.pop("kind"))
        self._wanted = (kind, arguments)
        self._whole = self._left = False
        self.set_heading(PAPER_TITLES.get(kind, self.title))
        self.load()

    def load(self) -> None:
        """Make the paper in the background, then show it."""
        if self._wanted is None:
            return
        kind, arguments = self._wanted
        maker, workspace = self._makers[kind], self.context.workspace
        if self._whole:
            arguments = {**arguments, "covered": False}
        self._set_ready(ready=False)
        self.progress.start("正在排版", can_stop=False)

        def gather(_: TaskContext) -> Callable[[], Paper]:
            return maker(workspace, **arguments)

        def gathered(draw: Callable[[], Paper]) -> None:
            self._making = tasks.run(
                lambda _: draw(), lane=Lane.IO, owner=self, on_done=self._show, on_error=self._on_refused
            )

        tasks = self.context.tasks
        if self._making is not None:
            self._making.drop()
        self._making = tasks.run(gather, lane=Lane.DB, owner=self, on_done=gathered, on_error=self._on_refused)

    def reveal(self) -> None:
        """Draw the paper with its whole numbers, once the reason for that is noted; pressed again, cover them."""
        numbers = self.paper.numbers if self.paper is not None else None
        if numbers is None:
            return
        if not numbers.covered:
            self._draw_anew(whole=False)
            return
        reveal(
            self,
            numbers.about,
            whose=numbers.whose,
            what=numbers.what,
            on_noted=self._on_noted,
        )

    def _on_noted(self) -> None:
        if self.isVisible():  # else the window was locked meanwhile
            self._draw_anew(whole=True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Whoever leaves the page, or locks the window, leaves no number behind."""
        super().hideEvent(event)
        if self._whole:
            self._whole, self._left = False, True
            self._clear()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._left:
            self._draw_anew(whole=False)

    def print_page(self) -> None:
        """Ask which printer, then print."""
        if self.paper is None:
            return
        printer = new_printer(self.paper.rendered.data)
        printer.setDocName(self.paper.queue_name)
        dialog = QPrintDialog(printer, self)
        dialog.setOption(QPrintDialog.PrintDialogOption.PrintPageRange, on=True)
        dialog.setMinMax(1, self.paper.rendered.pages)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.print_on(printer))
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.show()

    def print_on(self, printer: QPrinter) -> None:
        """Print in the background, then put it on record."""
        paper, workspace = self.paper, self.context.workspace
        assert paper is not None
        name = printer.printerName() or "文件"

        def work(task: TaskContext) -> int:
            sent = 0

            def on_page(done: int, total: int) -> None:
                nonlocal sent
                sent = done
                task.progress(done, total)
                task.raise_if_cancelled()

            try:
                return print_pdf(paper.rendered.data, printer, on_page=on_page)
            except TaskCancelledError:
                log_unfinished_print(workspace, paper, how=f"打印到 {name}，中途停下，已送出 {sent} 页")
                raise
            except Exception:
                if sent:
                    log_unfinished_print(workspace, paper, how=f"打印到 {name}，中途断了，已送出 {sent} 页")
                raise

        def printed(sheets: int) -> None:
            self._record(lambda: put_on_record(workspace, paper, how=f"打印到 {name}"), f"{sheets} 张已送到{name}")

        self._set_ready(ready=False)
        self.progress.start("正在送去打印")
        self._printing = self.context.tasks.run(
            work,
            lane=Lane.IO,
            owner=self,
            on_done=printed,
            on_error=self._on_failed,
            on_cancelled=self._on_stopped,
            on_progress=self.progress.show_progress,
        )

    def choose_file(self) -> None:
        """Ask where to, then save."""
        if self.paper is not None:
            ask_where_to_save(self, "存到哪里", name=self.paper.file_name, on_chosen=self.save_to)

    def save_to(self, target: Path) -> None:
        """Write the file in the background, then put it on record."""
        paper, workspace = self.paper, self.context.workspace
        assert paper is not None
        self._record(lambda: save_paper(workspace, paper, target), f"已存为 {target.name}")

    def _build(self) -> None:
        self.view.setPageSpacing(px(12))
        ground = self.view.palette()
        ground.setColor(QPalette.ColorRole.Dark, colour("line"))
        self.view.setPalette(ground)
        self._set_zoom(_WHOLE)
        self.zoom.chosen.connect(self._set_zoom)
        self.progress.stop_pressed.connect(self._stop_printing)
        top = QHBoxLayout()
        top.setSpacing(px(16))
        top.addWidget(self.zoom, 1)
        top.addWidget(self.place)
        box = QWidget(self)
        self._stack = QStackedLayout(box)
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.problem)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(10))
        layout.addLayout(top)
        layout.addWidget(self.covered_note)
        layout.addWidget(self.progress)
        layout.addWidget(box, 1)

    def _set_zoom(self, key: str) -> None:
        modes = {_WHOLE: QPdfView.ZoomMode.FitInView, _WIDTH: QPdfView.ZoomMode.FitToWidth}
        self.view.setZoomMode(modes.get(key, QPdfView.ZoomMode.Custom))
        if key == _LARGE:
            self.view.setZoomFactor(2.0)

    def _set_ready(self, *, ready: bool) -> None:
        self.reveal_button.setEnabled(ready)
        self.save_button.setEnabled(ready)
        self.print_button.setEnabled(ready)
        if ready and self._wants_cursor and self.isVisible():
            self.take_cursor()

    def _draw_anew(self, *, whole: bool) -> None:
        self._whole, self._left = whole, False
        self.load()

    def _clear(self) -> None:
        """What was drawn is gone, also from memory."""
        if self._making is not None:
            self._making.drop()
        self.paper = None
        self._loaded = LoadedPdf(b"")
        self.view.setDocument(self._loaded.document)
        self._show_numbers(None)
        self._set_ready(ready=False)

    def _show_numbers(self, numbers: NumbersOnPaper | None) -> None:
        self.reveal_button.setVisible(numbers is not None)
        self.reveal_button.setText("显示完整号码" if numbers is None or numbers.covered else "遮住号码")
        self.covered_note.setVisible(numbers is not None and numbers.covered)

    def _show(self, paper: Paper) -> None:
        self.progress.finish()
        self.paper = paper
        self._loaded = LoadedPdf(paper.rendered.data)
        single = paper.rendered.pages == 1
        self.view.setPageMode(QPdfView.PageMode.SinglePage if single else QPdfView.PageMode.MultiPage)
        self.view.setDocument(self._loaded.document)
        self._stack.setCurrentWidget(self.view)
        self.place.setText(f"共 {paper.rendered.pages} 页　校验码 {paper.rendered.sha256[:8]}")
        self.set_heading(PAPER_TITLES.get(paper.kind, self.title), paper.subject)
        self._show_numbers(paper.numbers)
        self._set_ready(ready=True)

    def _on_refused(self, error: Exception) -> None:
        """What stands in the way is said where the paper would be."""
        self.progress.finish()
        self.paper = None
        self._show_numbers(None)
        self.place.setText("")
        if not isinstance(error, UserError):
            self.context.messages.fail(error)
            return
        self.problem.set_text("\n".join(_refusal_lines(error)))
        self._stack.setCurrentWidget(self.problem)

    def _on_stopped(self) -> None:
        self.progress.finish()
        self._set_ready(ready=True)
        self.context.messages.warn("打印停下来了，已经送出去的几页可能还会印出来。")

    def _stop_printing(self) -> None:
        if self._printing is not None:
            self._printing.cancel()

    def _record(self, deed: Callable[[], Changes], said: str) -> None:
        def work(_: TaskContext) -> Changes:
            return deed()

        def done(changes: Changes) -> None:
            self.progress.finish()
            self._set_ready(ready=True)
            self.context.changes.announce(changes)
            self.context.messages.tell(f"{said}，已记下。")

        self.context.tasks.run(work, lane=Lane.DB, owner=self, on_done=done, on_error=self._on_failed)

    def _on_failed(self, error: Exception) -> None:
        self.progress.finish()
        self._set_ready(ready=self.paper is not None)
        self.context.messages.fail(error)


def _refusal_lines(error: UserError) -> list[str]:
    """What, the clause behind it, what to do: a line each."""
    if not isinstance(error, RuleRefusedError):
        return [part for part in (error.what, error.safe, error.next_step) if part]
    lines = [finding.message for finding in error.findings]
    first = error.findings[0]
    clause = f"「{first.clause}」{first.source}" if first.clause else ""
    return [line for line in (*lines, clause, error.next_step) if line]
