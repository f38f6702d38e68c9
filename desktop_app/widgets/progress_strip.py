"""Long work: what is being done, how far it is, and 停止."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop_app.widgets.buttons import Button, button
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px

_PATIENCE_MS = 300


class ProgressStrip(QWidget):
    """Hidden until the work has taken 0.3 s, so that quick work does not flicker."""

    stop_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = paragraph("", self, tone="second")
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.stop_button: Button = button("停止", self._on_stop)
        left = QVBoxLayout()
        left.setSpacing(px(4))
        left.addWidget(self.words)
        left.addWidget(self.bar)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(px(14))
        layout.addLayout(left, 1)
        layout.addWidget(self.stop_button)
        self._what = ""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self.show)
        self.hide()

    def start(self, what: str, *, can_stop: bool = True) -> None:
        """Begin: `what` is a verb with its object, e.g. 正在读表格."""
        self._what = what
        self.words.setText(f"{what}…")
        self.bar.setRange(0, 0)
        self.stop_button.setVisible(can_stop)
        self.stop_button.setEnabled(True)
        self._patience.start()

    def show_progress(self, done: int, total: int) -> None:
        """How far it is."""
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(done)
        self.words.setText(f"{self._what}：{done:,} / {total:,}")

    def finish(self) -> None:
        """The work is over."""
        self._patience.stop()
        self.hide()

    def _on_stop(self) -> None:
        self.stop_button.setEnabled(False)
        self.words.setText("正在停下来，做完的不会丢…")
        self.stop_pressed.emit()
