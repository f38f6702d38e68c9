"""The papers of one case: each with its state and a button, what the file still lacks, what was printed when."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.archive.queries import CasePapers, PaperCase, get_case_papers
from desktop_app.archive.service import ARCHIVE
from desktop_app.notices.queries import PAPER_TITLES, PrintedRow
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.storage.unit_of_work import Reader
from desktop_app.widgets.buttons import Button, button, link_button
from desktop_app.widgets.card import Card, ScrollColumn
from desktop_app.widgets.icons import pixmap
from desktop_app.widgets.labels import paragraph, phrase
from desktop_app.widgets.look import px
from village_core.domain.calendar import chinese_date
from village_core.domain.clock import read_moment
from village_core.domain.notices.model import NoticeKind

_WAITS = {
    NoticeKind.RESOLUTION: "村民代表会议或村民会议决议以后才能打印",
    NoticeKind.RELIEF: "乡镇审核通过以后才能打印",
    NoticeKind.RESULT: "救助金发放以后才能打印",
}


class CasePapersPage(Page):
    """Opened with a `case_id`."""

    title = "公示档案"
    topics = frozenset({"relief", "notices", "households"})
    help_text = "这一件要贴的三张纸和一户一档都在这里。点“看和打印”先看样子，再打印或存文件。缺的材料到救助里补。"

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._case_id: UUID | None = None
        self.buttons: dict[str, Button] = {}
        self.case_button: Button = button("看这一件救助", self._open_case)
        self.papers = Card("要贴的和要存的")
        self.lacking = Card("档案还缺什么")
        self.history = Card("打印过的")
        self._rows: dict[Card, QVBoxLayout] = {}
        self._build()

    def header_buttons(self) -> list[QWidget]:
        return [self.case_button]

    def open(self, **arguments: object) -> None:
        case_id = arguments["case_id"]
        assert isinstance(case_id, UUID)
        self._case_id = case_id
        self.load()

    def load(self) -> None:
        case_id = self._case_id
        if case_id is None:
            return

        def query(reader: Reader) -> CasePapers | None:
            return get_case_papers(reader, case_id)

        self.fetch(query, self._show)

    def print_page(self) -> None:
        """Ctrl+P previews the paper that is due, else the archive."""
        due = next((key for key, made in self.buttons.items() if made.property("kind") == "primary"), ARCHIVE)
        self._preview(due)

    def _build(self) -> None:
        column = ScrollColumn(self)
        for card in (self.papers, self.lacking, self.history):
            rows = QVBoxLayout()
            rows.setSpacing(px(4))
            card.body.addLayout(rows)
            self._rows[card] = rows
            column.body.addWidget(card)
        column.body.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(column)

    def _show(self, papers: CasePapers | None) -> None:
        if papers is None:
            self.context.navigate.back()
            return
        case = papers.case
        self.set_heading(f"{case.title}的公示和档案", f"{case.number} 号")
        self._show_papers(case)
        self._show_lacking(case)
        self._show_history(papers.history)

    def _show_papers(self, case: PaperCase) -> None:
        self.buttons = {}
        rows = [self._notice_row(case, kind) for kind in NoticeKind]
        rows.append(self._paper_row(case, ARCHIVE, _archive_words(case), due=False, ready=True))
        self._fill(self.papers, rows)

    def _notice_row(self, case: PaperCase, kind: NoticeKind) -> QWidget:
        ready = kind in case.printable
        if not ready:
            words = _WAITS[kind] if case.running else "没有给予救助，不用打印"
        elif kind in case.posted:
            words = "已经贴出，可以再打印"
        else:
            words = "该打印张贴了" if kind in case.to_print else "印好了，还没有记下贴出"
        return self._paper_row(case, kind.value, words, due=kind in case.to_print, ready=ready)

    def _paper_row(self, case: PaperCase, kind: str, words: str, *, due: bool, ready: bool) -> QWidget:
        row = _row()
        sign = phrase("", row)
        sign.setPixmap(pixmap("notice" if due else "papers", tone="soon" if due else "plain", size=20))
        name = phrase(PAPER_TITLES[kind], row)
        name.setMinimumWidth(px(140))
        printed = case.printed.get(kind)
        said = f"{words}　{chinese_date(printed)}印过" if printed else words
        state = paragraph(said, row, tone="soon" if due else "second")
        made = button("看和打印", lambda: self._preview(kind), parent=row)
        made.setProperty("kind", "primary" if due else "plain")
        made.setEnabled(ready)
        made.setAccessibleName(f"看和打印{PAPER_TITLES[kind]}")
        self.buttons[kind] = made
        layout = row.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.addWidget(sign)
        layout.addWidget(name)
        layout.addWidget(state, 1)
        layout.addWidget(made)
        return row

    def _show_lacking(self, case: PaperCase) -> None:
        if not case.missing:
            words = "已经归档，材料齐全。" if case.archived else "办到现在的材料都齐。"
            self.lacking.set_title("档案还缺什么")
            self._fill(self.lacking, [paragraph(words, tone="second")])
            return
        self.lacking.set_title("档案还缺什么", side=f"{len(case.missing)} 样")
        lines: list[QWidget] = [paragraph(f"○ {title}", tone="soon") for title in case.missing]
        lines.append(link_button("到救助里补上", self._open_case))
        self._fill(self.lacking, lines)

    def _show_history(self, history: tuple[PrintedRow, ...]) -> None:
        if not history:
            self._fill(self.history, [paragraph("还没有打印过。", tone="second")])
            return
        lines: list[QWidget] = [paragraph(_printed_words(row), tone="second") for row in history]
        self._fill(self.history, lines)

    def _fill(self, card: Card, widgets: list[QWidget]) -> None:
        rows = self._rows[card]
        while (item := rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for made in widgets:
            rows.addWidget(made)

    def _preview(self, kind: str) -> None:
        if self._case_id is not None and self.buttons[kind].isEnabled():
            self.context.navigate.open("preview", kind=kind, case_id=self._case_id)

    def _open_case(self) -> None:
        self.context.navigate.open("case", case_id=self._case_id)


def _row() -> QFrame:
    row = QFrame()
    row.setObjectName("row")
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, px(6), 0, px(6))
    layout.setSpacing(px(12))
    return row


def _archive_words(case: PaperCase) -> str:
    if case.archived:
        return "已经归档"
    return f"随时可以看，材料还缺 {len(case.missing)} 样" if case.missing else "随时可以看，材料齐"


def _printed_words(row: PrintedRow) -> str:
    moment = read_moment(row.made_at)
    when = f"{chinese_date(moment.date())} {moment:%H:%M}" if moment else "时间不明"
    return f"{when}　{row.kind_title}　{row.pages} 页　{row.made_by}　校验码 {row.sha256[:8]}"
