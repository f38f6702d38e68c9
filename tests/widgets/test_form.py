"""A form: Enter goes on, mistakes stand at their fields, the first wrong field gets the cursor."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.widgets.editor import NumberEdit, TextEdit
from desktop_app.widgets.form import FormSheet
from desktop_app.widgets.money_edit import MoneyEdit


@pytest.fixture
def sheet(show: Callable[[QWidget], QWidget]) -> FormSheet:
    made = FormSheet()
    made.add("name", TextEdit(), label="姓名", required=True)
    made.add("count", NumberEdit(), label="人数", hint="照户口册填")
    made.add("amount", MoneyEdit(), label="金额", unit="元")
    show(made)
    made.activateWindow()
    return made


def line_of(sheet: FormSheet, name: str) -> QWidget:
    return sheet.editor(name).input_widget()


def test_enter_goes_through_the_fields_and_then_ends(sheet: FormSheet, qtbot: QtBot) -> None:
    sheet.focus_first()
    for name in ("name", "count"):
        qtbot.waitUntil(line_of(sheet, name).hasFocus)
        qtbot.keyClick(line_of(sheet, name), Qt.Key.Key_Return)
    with qtbot.waitSignal(sheet.finished):
        qtbot.keyClick(line_of(sheet, "amount"), Qt.Key.Key_Enter)


def test_enter_passes_over_hidden_fields(sheet: FormSheet, qtbot: QtBot) -> None:
    sheet.fields["count"].hide()
    qtbot.keyClick(line_of(sheet, "name"), Qt.Key.Key_Return)
    qtbot.waitUntil(line_of(sheet, "amount").hasFocus)


def test_problems_name_empty_and_unreadable_fields(sheet: FormSheet) -> None:
    sheet.editor("count").set_typed("很多")
    assert sheet.problems() == {"name": "请填姓名。", "count": "这里要填整数，例如 31。"}


def test_the_first_wrong_field_gets_the_cursor_and_says_how_to_mend_it(sheet: FormSheet, qtbot: QtBot) -> None:
    sheet.mark({"amount": "太多了。", "count": "应是整数。"})
    qtbot.waitUntil(line_of(sheet, "count").hasFocus)
    assert sheet.fields["count"].note.text() == "✕ 应是整数。"
    assert line_of(sheet, "count").property("mistake") is True

    qtbot.keyClicks(line_of(sheet, "count"), "3")
    assert sheet.fields["count"].note.text() == "照户口册填"
    assert sheet.fields["amount"].mistake == "太多了。"


def test_a_draft_brings_back_wrong_text_as_it_was_typed(sheet: FormSheet) -> None:
    sheet.editor("name").set_typed("李琼仙")
    sheet.editor("amount").set_typed("一千二")
    kept = sheet.typed()
    sheet.set_values({"name": "", "amount": None})
    sheet.set_typed(kept)
    assert sheet.typed() == {"name": "李琼仙", "count": "", "amount": "一千二"}
