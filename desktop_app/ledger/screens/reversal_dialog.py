"""Why and when a voucher is taken back. Says before that it cannot be undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.widgets.buttons import button, primary_button
from desktop_app.widgets.date_edit import DateEdit
from desktop_app.widgets.editor import TextEdit
from desktop_app.widgets.form import FormSheet
from desktop_app.widgets.labels import heading, paragraph
from desktop_app.widgets.look import px


class ReversalDialog(QDialog):
    """`on_reverse(reason, day)` is called once both can be read; Esc and 不冲销 do nothing."""

    def __init__(
        self,
        parent: QWidget,
        *,
        number_text: str,
        earliest: date,
        today: date,
        on_reverse: Callable[[str, date], None],
    ) -> None:
        super().__init__(parent.window())
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("田埂")
        self.setMinimumWidth(px(500))
        self._on_reverse = on_reverse
        self.sheet = FormSheet(self, columns=1)
        self.sheet.add(
            "reason", TextEdit(most=150), label="为什么冲销", hint="例如：金额记错，已按 1,200.00 元重记", required=True
        )
        self.sheet.add("on", DateEdit(today=lambda: today, earliest=earliest), label="冲销的日期", required=True)
        self.sheet.set_values({"on": max(today, earliest)})
        self.safe_button = button("不冲销", self.reject, parent=self)
        self.act_button = primary_button("冲销这张凭证", self._on_act_clicked, parent=self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(24), px(20), px(24), px(18))
        layout.setSpacing(px(12))
        layout.addWidget(heading(f"冲销 {number_text}", self))
        layout.addWidget(
            paragraph("会再记一张科目相同、金额是红字的凭证，把它抵掉；原来那张留着。冲销也不能撤回。", self)
        )
        layout.addWidget(self.sheet)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(self.safe_button)
        foot.addWidget(self.act_button)
        layout.addLayout(foot)
        self.sheet.finished.connect(self.act_button.setFocus)
        self.sheet.focus_first()

    def _on_act_clicked(self) -> None:
        mistakes = self.sheet.problems()
        self.sheet.mark(mistakes)
        if not mistakes:
            values = self.sheet.values()
            self.accept()
            self._on_reverse(values["reason"], values["on"])
