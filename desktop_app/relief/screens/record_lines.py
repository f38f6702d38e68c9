"""What was done at a station: one line a deed, which opens to the whole record, its papers and its correction."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.relief.papers import PaperRow, paper_kinds
from desktop_app.relief.rows import CaseDetail
from desktop_app.relief.wording import facts_of, short_date, summary_of
from desktop_app.storage.pictures import PICTURE_ENDINGS
from desktop_app.widgets.buttons import link_button
from desktop_app.widgets.card import FactList
from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.file_drop import FileDrop
from desktop_app.widgets.icons import pixmap
from desktop_app.widgets.labels import paragraph, phrase
from desktop_app.widgets.look import px
from village_core.domain.relief.check_archive import PAPER_TITLES
from village_core.domain.relief.state import ends_case
from village_core.domain.relief.steps import StepKind, StepRecord


class RecordLine(QFrame):
    """One deed. `papers_chosen` carries (step id, kind of paper, files)."""

    papers_chosen = Signal(object, str, list)
    paper_opened = Signal(object)
    correction_asked = Signal(object)
    switched = Signal(object, bool)
    """(record id, whether it is open now)"""

    def __init__(self, detail: CaseDetail, record: StepRecord, *, is_open: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("row")
        self.record = record
        self._detail = detail
        self._body: QWidget | None = None
        self._drop: FileDrop | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, px(4), 0, px(8))
        layout.setSpacing(px(6))
        top = QHBoxLayout()
        top.setSpacing(px(10))
        ended = ends_case(record)
        sign = phrase("", self)
        sign.setPixmap(pixmap("stop" if ended else "done", tone="bad" if ended else "good", size=18))
        words = f"{record.title}　{short_date(record.done_on)}　{summary_of(record)}"
        self.words = paragraph(words, self, tone="bad" if ended else "plain")
        self.toggle = link_button("收起" if is_open else "看详细", self.switch)
        top.addWidget(sign)
        top.addWidget(self.words, 1)
        top.addWidget(self.toggle)
        layout.addLayout(top)
        if is_open:
            self.open_body()

    def switch(self) -> None:
        """Open or close the whole record."""
        if self._body is None or self._body.isHidden():
            self.open_body()
        else:
            self._body.hide()
            self.toggle.setText("看详细")
            self.switched.emit(self.record.id, False)

    def open_body(self) -> None:
        """Show the whole record."""
        if self._body is None:
            self._body = self._make_body()
            layout = self.layout()
            assert isinstance(layout, QVBoxLayout)
            layout.addWidget(self._body)
        self._body.show()
        self.toggle.setText("收起")
        self.switched.emit(self.record.id, True)

    def take_cursor(self) -> None:
        """Put the cursor on the button that adds a photo."""
        if self._drop is not None:
            self._drop.setFocus()

    def _make_body(self) -> QWidget:
        body = QWidget(self)
        layout = QVBoxLayout(body)
        layout.setContentsMargins(px(28), 0, 0, px(4))
        layout.setSpacing(px(8))
        facts = FactList(name_width=80)
        facts.set_facts(facts_of(self.record, self._detail.pack))
        layout.addWidget(facts)
        for paper in self._detail.papers_of(self.record.id):
            layout.addWidget(self._paper_line(paper))
        closed = self._detail.state.has(StepKind.ARCHIVE)
        if not closed:
            layout.addWidget(self._add_papers())
        if (
            not closed
            and not self._detail.state.is_followed(self.record)
            and self.record.kind is not StepKind.WITHDRAWAL
            and self.record.kind not in self._detail.barred
        ):
            correct = link_button("更正这一步", lambda: self.correction_asked.emit(self.record))
            layout.addWidget(correct, 0, Qt.AlignmentFlag.AlignLeft)
        for before in self._corrected():
            old = FactList(name_width=80)
            old.set_facts([("更正以前", ""), *facts_of(before, self._detail.pack)])
            layout.addWidget(old)
        return body

    def _corrected(self) -> list[StepRecord]:
        """The versions before this one, the newest first."""
        by_id = {record.id: record for record in self._detail.state.superseded}
        versions, before = [], self.record.supersedes
        while before is not None and before in by_id:
            versions.append(by_id[before])
            before = by_id[before].supersedes
        return versions

    def _paper_line(self, paper: PaperRow) -> QWidget:
        line = QWidget(self)
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        sign = phrase("", line)
        sign.setPixmap(pixmap("photo", tone="text_second", size=18))
        layout.addWidget(sign)
        layout.addWidget(paragraph(f"{paper.kind_title}　{max(paper.size // 1024, 1)} KB", line), 1)
        layout.addWidget(link_button("看照片", lambda: self.paper_opened.emit(paper)))
        return line

    def _add_papers(self) -> QWidget:
        box = QWidget(self)
        layout = QHBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(12))
        kinds = paper_kinds(self.record.kind)
        choice = ChoiceEdit([(kind, PAPER_TITLES[kind]) for kind in kinds], empty=None)
        choice.set_value(self._first_missing(kinds))
        drop = FileDrop(
            "把照片或扫描件拖到这里", endings=PICTURE_ENDINGS, kind="照片", several=True, button_text="放照片"
        )
        drop.chosen.connect(lambda paths: self._on_files(choice, paths))
        layout.addWidget(choice, 1, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(drop, 2)
        self._drop = drop
        return box

    def _first_missing(self, kinds: tuple[str, ...]) -> str:
        kept = {paper.kind for paper in self._detail.papers_of(self.record.id)}
        return next((kind for kind in kinds if kind not in kept), kinds[-1])

    def _on_files(self, choice: ChoiceEdit, paths: list[Path]) -> None:
        self.papers_chosen.emit(self.record.id, str(choice.value()), paths)


def fill_lines(
    layout: QVBoxLayout,
    detail: CaseDetail,
    records: tuple[StepRecord, ...],
    *,
    open_ids: frozenset[UUID],
    on_papers: Callable[[UUID, str, list[Path]], None],
    on_paper: Callable[[PaperRow], None],
    on_correct: Callable[[StepRecord], None],
) -> list[RecordLine]:
    """A line for each record."""
    lines = []
    for record in records:
        line = RecordLine(detail, record, is_open=record.id in open_ids)
        line.papers_chosen.connect(on_papers)
        line.paper_opened.connect(on_paper)
        line.correction_asked.connect(on_correct)
        layout.addWidget(line)
        lines.append(line)
    return lines
