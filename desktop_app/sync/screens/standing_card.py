"""The top of the page 同步: the three marks, the button, one line that says what goes on, and what to know besides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from desktop_app.sync.queries import SyncView
from desktop_app.sync.screens.marks_strip import MarksStrip
from desktop_app.sync.standing import Doing, Told, describe_doing, describe_marks, describe_notices
from desktop_app.widgets.buttons import Button, button, primary_button
from desktop_app.widgets.card import Card
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.labels import paragraph
from desktop_app.widgets.look import px, set_tone

_PATIENCE_MS = 300


class StandingCard(Card):
    """`show_view` when something was read, `show_doing` whenever the exchange moves and each second."""

    sync_pressed = Signal()
    stop_pressed = Signal()
    pause_pressed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._view: SyncView | None = None
        self._doing = Doing()
        self.marks = MarksStrip()
        self.sync_button: Button = primary_button("现在同步", self._on_pressed)
        self.pause_button: Button = button("暂停自动同步", self._on_pause_pressed)
        self.enrol_button: Button = button("去重新登记", lambda: None)
        self.enrol_button.hide()
        self.line = paragraph("")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.hide()
        self._notices = QWidget()
        self._notice_layout = QVBoxLayout(self._notices)
        self._notice_layout.setContentsMargins(0, 0, 0, 0)
        self._notice_layout.setSpacing(px(8))
        self._told: list[Told] = []
        buttons = QHBoxLayout()
        buttons.setSpacing(px(12))
        buttons.addWidget(self.sync_button)
        buttons.addWidget(self.pause_button)
        buttons.addWidget(self.enrol_button)
        buttons.addStretch(1)
        self.body.addWidget(self.marks)
        self.body.addLayout(buttons)
        self.body.addWidget(self.line)
        self.body.addWidget(self.bar)
        self.body.addWidget(self._notices)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._write_line)

    def show_view(self, view: SyncView, doing: Doing, now: datetime) -> None:
        """What is known now."""
        self._view = view
        self.marks.show_marks(describe_marks(view, now))
        self.pause_button.setText("恢复自动同步" if view.paused else "暂停自动同步")
        self.show_doing(doing, now)

    def show_doing(self, doing: Doing, now: datetime) -> None:
        """What the exchange is at. That it runs is shown after 0.3 s: a quick one does not flicker."""
        begun = doing.running and not self._doing.running
        self._doing = doing
        if self._view is None:
            return
        self._show_notices(describe_notices(self._view, doing, now))
        trouble = doing.trouble or self._view.trouble
        self.enrol_button.setVisible(trouble is not None and trouble.enrol and not doing.running)
        if begun:
            self._patience.start()
        elif not (doing.running and self._patience.isActive()):
            self._patience.stop()
            self._write_line()

    def _write_line(self) -> None:
        if self._view is None:
            return
        doing = self._doing
        told = describe_doing(self._view, doing)
        self.line.setText(told.words)
        set_tone(self.line, told.tone)
        self.sync_button.setText("停下" if doing.running else "现在同步")
        self.sync_button.setEnabled(not doing.stopping)
        self.bar.setVisible(doing.running)
        progress = doing.progress if doing.waits is None else None
        if progress is None or not progress.total:
            self.bar.setRange(0, 0)
        else:
            self.bar.setRange(0, 1000)
            self.bar.setValue(progress.done * 1000 // progress.total)

    def _show_notices(self, told: Sequence[Told]) -> None:
        self._notices.setVisible(bool(told))
        if list(told) == self._told:
            return
        self._told = list(told)
        while (item := self._notice_layout.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for one in told:
            box = ClauseBox()
            self._notice_layout.addWidget(box)
            box.set_clause("", "", message=one.words, tone=one.tone)

    def _on_pressed(self) -> None:
        if self.sync_button.text() == "停下":
            self.stop_pressed.emit()
        elif not self._doing.running:
            self.sync_pressed.emit()

    def _on_pause_pressed(self) -> None:
        if self._view is not None:
            self.pause_pressed.emit(not self._view.paused)
