"""One scan or photo, as large as the window allows."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from desktop_app.background.tasks import Lane, TaskContext
from desktop_app.relief.queries import get_case_detail
from desktop_app.relief.rows import CaseDetail
from desktop_app.shell.context import PageContext
from desktop_app.shell.page import Page
from desktop_app.storage.contents import open_picture
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.pictures import read_upright


class PaperPage(Page):
    """`open(case_id=…, paper_id=…)`."""

    title = "照片"
    topics = frozenset({"sync"})
    help_text = (
        "照片按窗口大小显示，按 Esc 返回。\n"
        "别的电脑放的照片，先到的是小图；打开看过的，下次同步会取清楚一点的来，到了就换上。"
    )

    def __init__(self, context: PageContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._case_id: UUID | None = None
        self._paper_id: UUID | None = None
        self._picture = QPixmap()
        self.view = QLabel(self)
        self.view.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.view.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.view.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.note = paragraph("", tone="soon")
        self.note.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.note)
        layout.addWidget(self.view, 1)

    def open(self, **arguments: object) -> None:
        case_id, paper_id = arguments.get("case_id"), arguments.get("paper_id")
        assert isinstance(case_id, UUID)
        assert isinstance(paper_id, UUID)
        self._case_id, self._paper_id = case_id, paper_id
        self._picture = QPixmap()
        self.view.clear()
        self.note.hide()
        self.load()

    def load(self) -> None:
        case_id = self._case_id
        assert case_id is not None
        self.fetch(lambda reader: get_case_detail(reader, case_id), self._show)

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
        workspace = self.context.workspace

        def read(_: TaskContext) -> tuple[QImage, str]:
            shown = open_picture(workspace, paper)
            return read_upright(shown.content), shown.words

        self.context.tasks.run(read, lane=Lane.IO, owner=self, on_done=self._put, on_error=self._on_missing)

    def _put(self, read: tuple[QImage, str]) -> None:
        image, words = read
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
