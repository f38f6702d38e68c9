"""Where a file is to go is asked in one way everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.widgets.saving import ask_where_to_save


@pytest.mark.parametrize(
    ("offered", "typed", "becomes"),
    [
        ("农户-20261122.xlsx", None, "农户-20261122.xlsx"),
        ("张三.2026.pdf", "另一个", "另一个.pdf"),
        ("田埂诊断.zip", "另一个.zip", "另一个.zip"),
        ("田埂备份.tgb", None, "田埂备份.tgb"),
    ],
)
def test_the_name_that_is_offered_or_typed_gets_the_ending_of_its_kind(
    qtbot: QtBot, tmp_path: Path, offered: str, typed: str | None, becomes: str
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    chosen: list[Path] = []
    ask_where_to_save(page, "存到哪里", name=offered, on_chosen=chosen.append)
    (dialog,) = page.findChildren(QFileDialog)
    assert dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave
    assert dialog.nameFilters()[0].endswith(f"(*{Path(becomes).suffix})")
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile(typed or offered)
    dialog.accept()
    qtbot.waitUntil(lambda: page.findChildren(QFileDialog) == [])
    assert chosen == [tmp_path / becomes]
