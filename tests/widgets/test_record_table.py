"""The list of a page: sorted by header, opened by Enter, with words when empty, quick with many rows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.widgets.look import px
from desktop_app.widgets.record_table import Column, RecordTable


@dataclass(frozen=True)
class Row:
    name: str
    people: int


COLUMNS = [
    Column[Row]("户主", lambda row: row.name),
    Column[Row]("人口", lambda row: str(row.people), sort_key=lambda row: row.people, right=True),
]
ROWS = [Row("罗铉", 4), Row("沙马·阿衣", 13), Row("起正", 2)]


@pytest.fixture
def table(show: Callable[[QWidget], QWidget]) -> RecordTable[Row]:
    made = RecordTable(COLUMNS, empty_text="还没有农户，可以从 Excel 导入。")
    show(made)
    return made


def test_an_empty_list_says_what_that_means(table: RecordTable[Row]) -> None:
    table.set_rows([])
    assert table.empty.isVisible()
    assert table.empty.text() == "还没有农户，可以从 Excel 导入。"
    table.set_rows(ROWS, footer="3 户")
    assert not table.empty.isVisible()
    assert table.footer.text() == "3 户"


def test_enter_and_double_click_open_the_row(table: RecordTable[Row], qtbot: QtBot) -> None:
    table.set_rows(ROWS)
    table.setFocus()
    qtbot.keyClick(table.view, Qt.Key.Key_Down)
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.keyClick(table.view, Qt.Key.Key_Return)
    assert opened.args == [ROWS[1]]


def test_numbers_sort_as_numbers_and_stay_sorted_when_rows_change(table: RecordTable[Row]) -> None:
    table.set_rows(ROWS)
    table.view.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert [row.people for row in table.rows] == [13, 4, 2]
    table.set_rows([*ROWS, Row("普建国", 5)])
    assert [row.people for row in table.rows] == [13, 5, 4, 2]


def test_rows_are_36_px_and_follow_the_type(table: RecordTable[Row]) -> None:
    assert table.view.verticalHeader().defaultSectionSize() == 36


def test_the_cursor_can_be_put_on_a_row(table: RecordTable[Row]) -> None:
    table.set_rows(ROWS)
    table.select(lambda row: row.name == "起正")
    assert table.current() == ROWS[2]


def test_a_hundred_thousand_rows_are_shown_sorted_and_scrolled_at_once(table: RecordTable[Row], qtbot: QtBot) -> None:
    rows = [Row(f"户主{number}", number * 7919 % 100_003) for number in range(100_000)]
    start = time.perf_counter()
    table.set_rows(rows)
    table.view.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    table.view.scrollToBottom()
    table.grab()
    assert time.perf_counter() - start < 3, "the bar is 0.3 s; this only catches a model gone quadratic"
    assert table.rows[0].people == 0


def test_a_column_can_be_put_away(table: RecordTable[Row]) -> None:
    table.view.setColumnHidden(1, True)
    table.set_rows(ROWS)
    assert table.view.isColumnHidden(1)


def test_the_spare_width_goes_to_words_and_numbers_keep_theirs(table: RecordTable[Row]) -> None:
    table.set_rows(ROWS)
    view = table.view
    assert view.columnWidth(0) + view.columnWidth(1) == view.viewport().width()
    assert view.columnWidth(1) == px(120)


def test_the_column_that_asks_for_it_is_stretched(show: Callable[[QWidget], QWidget]) -> None:
    columns = [Column[Row]("户主", lambda row: row.name, stretch=True), Column[Row]("组", lambda _: "上村", width=80)]
    table = RecordTable(columns, empty_text="")
    show(table)
    table.set_rows(ROWS)
    assert table.view.columnWidth(1) == px(80)
    assert table.view.columnWidth(0) == table.view.viewport().width() - px(80)
