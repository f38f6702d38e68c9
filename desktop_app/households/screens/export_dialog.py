"""Before households are exported: with covered numbers, or with whole ones and the reason for that."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from desktop_app.shell.revealing import REASONS
from desktop_app.widgets.buttons import button, primary_button
from desktop_app.widgets.dialog import SentenceDialog
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.labels import heading, paragraph
from desktop_app.widgets.look import px

_MASKED, _WHOLE = "masked", "whole"
_USUAL = REASONS[3]


class ExportDialog(SentenceDialog):
    """Enter exports with covered numbers; whole ones have to be chosen."""

    def __init__(self, parent: QWidget, *, on_masked: Callable[[], None], on_whole: Callable[[str], None]) -> None:
        super().__init__("田埂", parent, width=560)
        self._on_masked, self._on_whole = on_masked, on_whole
        self.numbers = FilterChips([Chip(_MASKED, "遮住号码"), Chip(_WHOLE, "完整号码")], self)
        self.reasons = FilterChips([Chip(reason, reason) for reason in REASONS], self)
        self.reasons.choose(_USUAL)
        self.other = QLineEdit(self)
        self.other.setPlaceholderText("别的原因，写几个字")
        self.other.setMaxLength(60)
        self.told = paragraph("", self)
        self.act_button = primary_button("导出 Excel", self._act, parent=self)
        self.body.addWidget(heading("导出全部农户", self))
        self.body.addWidget(self.numbers)
        self.body.addWidget(self.told)
        self.body.addWidget(self.reasons)
        self.body.addWidget(self.other)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(10))
        buttons.addStretch(1)
        buttons.addWidget(button("先不导", self.reject, parent=self))
        buttons.addWidget(self.act_button)
        self.body.addLayout(buttons)
        self.numbers.chosen.connect(lambda _: self._look())
        self._look()
        self.act_button.setFocus()

    def _look(self) -> None:
        whole = self.numbers.current == _WHOLE
        for widget in (self.reasons, self.other):
            widget.setVisible(whole)
        self.told.setText(
            "表里有完整的身份证号、电话和银行账号。谁、什么时候、为什么导出的，会记在操作日志里。用完就删。"
            if whole
            else "身份证号、电话、银行账号中间几位用 * 遮住，每页印有谁在什么时候导出。这样的表再导进来，号码不会变。"
        )
        width = self.width()
        self.resize(width, self.body.totalHeightForWidth(width))

    def _act(self) -> None:
        whole, reason = self.numbers.current == _WHOLE, self.other.text().strip() or self.reasons.current or _USUAL
        self.accept()
        if whole:
            self._on_whole(reason)
        else:
            self._on_masked()
