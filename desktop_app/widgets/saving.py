"""The one dialog that asks where a file is to go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

_KINDS = {".xlsx": "Excel 工作簿", ".pdf": "PDF 文件", ".zip": "压缩文件", ".tgb": "田埂备份"}


def ask_where_to_save(parent: QWidget, title: str, *, name: str, on_chosen: Callable[[Path], None]) -> None:
    """Offer `name`, whose ending says what kind of file it becomes; who types no ending gets that one."""
    ending = Path(name).suffix
    dialog = QFileDialog(parent, title, "", f"{_KINDS[ending]} (*{ending})")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(ending.removeprefix("."))
    dialog.selectFile(name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda chosen: on_chosen(Path(chosen)))
    dialog.open()
