"""F1: what this page is for, and the keys."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_app.widgets.buttons import link_button, primary_button
from desktop_app.widgets.card import FactList
from desktop_app.widgets.dialog import SentenceDialog
from desktop_app.widgets.labels import heading, paragraph

_KEYS = [
    ("Enter", "打开选中的一行；填表时到下一格"),
    ("Esc", "返回上一页"),
    ("Ctrl+K", "找人、找户、找凭证"),
    ("Ctrl+N", "新增"),
    ("Ctrl+S", "保存"),
    ("Ctrl+P", "打印"),
    ("Ctrl+Z", "撤销刚才的一步"),
    ("Ctrl+L", "锁上，离开一会儿"),
    ("Ctrl+Shift+L", "换人用"),
    ("Alt+1 到 7", "首页、农户、救助、三资、公示档案、同步、设置"),
]


class HelpDialog(SentenceDialog):
    """Words of the page, then the keys that work everywhere."""

    diagnosis_asked = Signal()

    def __init__(self, title: str, text: str, parent: QWidget) -> None:
        super().__init__("说明", parent, width=560)
        layout = self.body
        layout.addWidget(heading(title, self))
        if text:
            layout.addWidget(paragraph(text, self))
        keys = FactList(self, name_width=100)
        keys.set_facts(_KEYS)
        layout.addWidget(keys)
        close = primary_button("知道了", self.accept)
        row = QHBoxLayout()
        row.addWidget(link_button("导出诊断，请技术人员看", self._ask_diagnosis))
        row.addStretch(1)
        row.addWidget(close)
        layout.addLayout(row)
        close.setFocus()

    def _ask_diagnosis(self) -> None:
        self.accept()
        self.diagnosis_asked.emit()
