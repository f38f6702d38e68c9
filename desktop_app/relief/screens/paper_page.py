"""One scan or photo, as large as the window allows."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext
from desktop_app.relief.papers import PaperRow
from desktop_app.relief.queries import get_case_detail
from desktop_app.relief.rows import CaseDetail
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.shell.revealing import reveal
from desktop_app.storage.contents import open_picture
from desktop_app.widgets.buttons import button
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.pictures import read_upright
from village_core.domain.relief.check_archive import PAPERS_WITH_NUMBERS
from village_core.domain.staff.rights import Right


class PaperPage(Page):
    """`open(case_id=…, paper_id=…)`."""

    title = "照片"
    topics = frozenset({"sync"})
    help_text = (
        "照片按窗口大小显示，按 Esc 返回。\n"
        "身份证、银行卡、银行回单的照片上有号码，要先说一下为了什么才显示；谁看的、为什么，都记在操作日志里。\n"
        "别的电脑放的照片，先到的是小图；打开看过的，下次同步会取清楚一点的来，到了就换上。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._case_id: UUID | None = None
        self._paper_id: UUID | None = None
        self._picture = QPixmap()
        self._covered: tuple[CaseDetail, PaperRow] | None = None
        self._asked = self._shown = False
        self.view = QLabel(self)
        self.view.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.view.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.view.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.note = paragraph("", tone="soon")
        self.note.hide()
        self.reveal_button = self.guard(button("显示照片", self.reveal), Right.REVEAL_NUMBERS)
        self.reveal_button.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.note)
        layout.addWidget(self.reveal_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.view, 1)

    def open(self, **arguments: object) -> None:
        case_id, paper_id = arguments.get("case_id"), arguments.get("paper_id")
        assert isinstance(case_id, UUID)
        assert isinstance(paper_id, UUID)
        self._case_id, self._paper_id = case_id, paper_id
        self._asked = self._shown = False
        self._clear()
        self.load()

    def load(self) -> None:
        case_id = self._case_id
        assert case_id is not None
        self.fetch(lambda reader: get_case_detail(reader, case_id), self._show)

    def reveal(self) -> None:
        """Show a picture with numbers on it, once the reason for that is noted."""
        if self._covered is None:
            return
        detail, paper = self._covered
        household = detail.household

        def noted() -> None:
            self._shown = self.isVisible()
            if self._shown:  # else the window was locked meanwhile
                self._read(paper)

        reveal(
            self,
            household.id,
            whose=f"{household.group_name} {detail.title}".strip(),
            what=f"{detail.number} 号的照片：{paper.kind_title}",
            on_noted=noted,
        )

    def hideEvent(self, event: QHideEvent) -> None:
        """Whoever leaves the page, or locks the window, leaves no number behind."""
        super().hideEvent(event)
        if self._shown:
            self._shown = False
            self._clear()
            self._cover()

    @property
    def picture_width(self) -> int:
        """Pixels of what is shown, as it was read."""
        return self._picture.width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _show(self, detail: CaseDetail) -> None:
        paper = next((one for one in detail.papers if one.id == self._paper_id), None)
        if paper is None:
            self.view.setText("这张照片不在这一件里了。")
            return
        self.set_heading(paper.kind_title, f"{detail.title}　{detail.number} 号")
        self._covered = (detail, paper) if paper.kind in PAPERS_WITH_NUMBERS else None
        if self._covered is None or self._shown:
            self._read(paper)
            return
        self._cover()
        if not self._asked and self.reveal_button.isEnabled():
            self._asked = True
            self.reveal()

    def _cover(self) -> None:
        self.note.setText("这张照片上有证件号码或账号，没有显示。")
        self.note.show()
        self.reveal_button.show()

    def _clear(self) -> None:
        self._picture = QPixmap()
        self.view.clear()
        self.note.hide()
        self.reveal_button.hide()

    def _read(self, paper: PaperRow) -> None:
        workspace = self.context.workspace

        def read(_: TaskContext) -> tuple[QImage, str]:
            shown = open_picture(workspace, paper)
            return read_upright(shown.content), shown.words

        self.context.tasks.run(read, lane=Lane.IO, owner=self, on_done=self._put, on_error=self._on_missing)

    def _put(self, read: tuple[QImage, str]) -> None:
        if self._covered is not None and not self._shown:
            return  # the page was left, or the window locked, while the picture was read
        image, words = read
        self.reveal_button.hide()
        self.note.setText(words)
        self.note.setVisible(bool(words))
        self._picture = QPixmap.fromImage(image)
        self._fit()

    def _on_missing(self, error: Exception) -> None:
        self.view.setText("照片打不开。")
        self.context.messages.fail(error)

    def _fit(self) -> None:
        if not self._picture.isNull():
            smooth = Qt.TransformationMode.SmoothTransformation
            shown = self._picture.scaled(self.view.size(), Qt.AspectRatioMode.KeepAspectRatio, smooth)
            self.view.setPixmap(shown)
