"""Drop a file here, or choose one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QVBoxLayout, QWidget

from desktop_app.widgets.buttons import Button, button
from desktop_app.widgets.labels import hint, paragraph
from desktop_app.widgets.look import px


class FileDrop(QFrame):
    """A dashed box with a button. `endings` are the kinds of file it takes, e.g. (".xlsx", ".xls")."""

    chosen = Signal(list)
    """The paths that were dropped or chosen, at least one."""
    refused = Signal(str)
    """A file of another kind was dropped; the sentence says which kinds can be taken."""

    def __init__(
        self,
        words: str,
        *,
        endings: tuple[str, ...],
        kind: str,
        several: bool = False,
        button_text: str = "选择文件",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("drop")
        self.setAcceptDrops(True)
        self._endings = endings
        self._kind = kind
        self._several = several
        self.words = paragraph(words, self, tone="second")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.mistake = hint("", self)
        self.mistake.setProperty("role", "mistake")
        self.mistake.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.mistake.hide()
        self.choose_button: Button = button(button_text, self.choose)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(20), px(16), px(20), px(16))
        layout.setSpacing(px(10))
        layout.addStretch(1)
        layout.addWidget(self.words)
        layout.addWidget(self.choose_button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.mistake)
        layout.addStretch(1)
        self.setFocusProxy(self.choose_button)

    def choose(self) -> None:
        """Open the system's file dialog."""
        dialog = QFileDialog(self, self.choose_button.text())
        several = QFileDialog.FileMode.ExistingFiles if self._several else QFileDialog.FileMode.ExistingFile
        dialog.setFileMode(several)
        dialog.setNameFilter(f"{self._kind} ({' '.join(f'*{ending}' for ending in self._endings)})")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.take([Path(name) for name in names]))
        dialog.open()

    def take(self, paths: list[Path]) -> None:
        """Take these files as if they had been dropped."""
        wrong = [path.name for path in paths if path.suffix.lower() not in self._endings]
        self.mistake.setVisible(bool(wrong))
        if wrong:
            sentence = f"“{wrong[0]}”不是{self._kind}。请换成 {'、'.join(self._endings)} 文件。"
            self.mistake.setText(f"✕ {sentence}")
            self.refused.emit(sentence)
        elif paths:
            self.chosen.emit(paths if self._several else paths[:1])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self._set_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        del event
        self._set_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._set_over(False)
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.take(paths)

    def _set_over(self, over: bool) -> None:
        self.setProperty("over", over)
        self.style().unpolish(self)
        self.style().polish(self)
