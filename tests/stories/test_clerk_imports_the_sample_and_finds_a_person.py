"""The clerk takes the national system's sheet in, sees what it holds before anything is written, and finds a person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_app.demo.people import make_village, write_sheet
from desktop_app.households.queries import HouseholdFilter, list_households
from desktop_app.households.screens.household_list import HouseholdsPage
from desktop_app.households.screens.household_page import HouseholdPage
from desktop_app.households.screens.import_page import ImportPage
from desktop_app.shell.main_window import MainWindow
from tests.keyboard import type_words

HOUSEHOLDS = 200
DAMAGED = {"证件号码": "5.32327E+17"}


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A sheet of the national system's shape (header on row 3) in which Excel spoiled one number."""
    rows = make_village(31, HOUSEHOLDS)
    rows[-1] = {**rows[-1], **DAMAGED}
    path = tmp_path / "监测对象信息.xlsx"
    write_sheet(path, rows)
    return path


def households(window: MainWindow) -> int:
    with window.workspace.reader() as reader:
        return len(list_households(reader, HouseholdFilter()))


def test_clerk_imports_the_sample_and_finds_a_person(
    window: MainWindow, settle: Callable[[], None], sheet: Path, qtbot: QtBot
) -> None:
    person = make_village(31, HOUSEHOLDS)[0]

    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    settle()
    assert isinstance(window.navigator.page, HouseholdsPage)
    window.navigator.open("household_import")
    settle()
    page = window.navigator.page
    assert isinstance(page, ImportPage)

    page.read_file(sheet)
    settle()
    assert households(window) == 0, "a preview writes nothing"
    assert "新增" in page.summary.text()

    assert "没有收下 1" in page.summary.text()

    page.start_import()
    settle()
    assert households(window) == HOUSEHOLDS

    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.search.hasFocus)
    type_words(window.search, person["姓名"])
    window.search.textEdited.emit(person["姓名"])
    qtbot.waitUntil(lambda: any(hit.title == person["姓名"] for hit in window.search.popup.hits))
    QTest.keyClick(window.search, Qt.Key.Key_Return)
    settle()
    found = window.navigator.page
    assert isinstance(found, HouseholdPage)
    assert person["姓名"] in found.title
