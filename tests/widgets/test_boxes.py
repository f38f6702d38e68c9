"""Chips, timeline, clause box, message bar, progress, file box, question."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.widgets.bars import BarRow, Bars
from desktop_app.widgets.buttons import button
from desktop_app.widgets.card import FactList
from desktop_app.widgets.clause_box import ClauseBox
from desktop_app.widgets.file_drop import FileDrop
from desktop_app.widgets.filter_chips import Chip, FilterChips
from desktop_app.widgets.message_bar import MessageBar
from desktop_app.widgets.progress_strip import ProgressStrip
from desktop_app.widgets.question import ask
from desktop_app.widgets.timeline import Station, StationState, Timeline

Show = Callable[[QWidget], QWidget]
STEPS = ("户申请", "村初审", "四议两公开", "乡镇审核", "公示公开", "发放救助金", "跟踪问效", "资料归档")


def test_one_chip_is_down_and_stays_when_counts_change(show: Show, qtbot: QtBot) -> None:
    chips = FilterChips([Chip("all", "全部", 212), Chip("edge", "边缘易致贫户", 7)])
    show(chips)
    assert chips.current == "all"
    with qtbot.waitSignal(chips.chosen) as chosen:
        qtbot.mouseClick(chips.chip("edge"), Qt.MouseButton.LeftButton)
    assert chosen.args == ["edge"]
    chips.set_chips([Chip("all", "全部", 213), Chip("edge", "边缘易致贫户", 8)])
    assert (chips.current, chips.chip("edge").text()) == ("edge", "边缘易致贫户 8")


def test_chips_go_on_in_the_next_line_when_the_window_is_narrow(show: Show, qtbot: QtBot) -> None:
    chips = FilterChips([Chip(str(number), "突发严重困难户", number) for number in range(6)])
    show(chips)
    chips.resize(400, 200)
    qtbot.waitUntil(lambda: chips.chip("5").y() > chips.chip("0").y())
    assert all(chips.chip(str(number)).geometry().right() <= 400 for number in range(6))


def stations(now: int) -> list[Station]:
    return [
        Station(
            str(number),
            name,
            StationState.DONE if number < now else StationState.NOW if number == now else StationState.LATER,
            ("10月8日", "书记 王建平") if number < now else (),
        )
        for number, name in enumerate(STEPS)
    ]


def test_the_timeline_tells_a_screen_reader_what_is_done_and_what_is_next(show: Show) -> None:
    line = Timeline(stations(4))
    show(line)
    assert "户申请（已办）10月8日，书记 王建平" in line.accessibleName()
    assert "公示公开（正在办）" in line.accessibleName()


def test_a_station_is_chosen_by_click_and_by_arrow(show: Show, qtbot: QtBot) -> None:
    line = Timeline(stations(4))
    line.resize(1200, 120)
    show(line)
    with qtbot.waitSignal(line.chosen) as clicked:
        qtbot.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(80, 20))
    with qtbot.waitSignal(line.chosen) as moved:
        qtbot.keyClick(line, Qt.Key.Key_Right)
    assert (clicked.args, moved.args) == (["0"], ["1"])


@pytest.mark.parametrize("width", [620, 900, 1400])
def test_eight_stations_cut_no_line_at_any_width(show: Show, width: int) -> None:
    line = Timeline(stations(8))
    show(line)
    line.resize(width, line.height())
    assert line.height() == line.minimumHeight() >= 100


def test_the_clause_is_shown_with_its_source_or_not_at_all(show: Show) -> None:
    box = ClauseBox()
    show(box)
    box.set_clause("不得以现金方式发放", "楚贫组发〔2021〕1号 附件3", message="救助款不能付现金。", tone="bad")
    assert box.clause.text() == "「不得以现金方式发放」"
    assert box.source.text() == "楚贫组发〔2021〕1号 附件3"
    box.set_clause("", "")
    assert box.isHidden()


def test_a_message_can_be_undone_once(show: Show, qtbot: QtBot) -> None:
    undone: list[int] = []
    bar = MessageBar()
    show(bar)
    bar.show_message("已删除草稿。", undo=lambda: undone.append(1))
    assert bar.can_undo
    qtbot.mouseClick(bar.undo_button, Qt.MouseButton.LeftButton)
    bar.undo()
    assert undone == [1]
    assert bar.isHidden()


def test_progress_shows_only_what_takes_time_and_can_be_stopped(show: Show, qtbot: QtBot) -> None:
    strip = ProgressStrip()
    qtbot.addWidget(strip)
    strip.start("正在读表格")
    assert strip.isHidden()
    qtbot.waitUntil(strip.isVisible)
    strip.show_progress(1234, 5000)
    assert strip.words.text() == "正在读表格：1,234 / 5,000"
    with qtbot.waitSignal(strip.stop_pressed):
        qtbot.mouseClick(strip.stop_button, Qt.MouseButton.LeftButton)
    assert not strip.stop_button.isEnabled()
    strip.finish()
    assert strip.isHidden()


def test_quick_work_never_flickers(qtbot: QtBot) -> None:
    strip = ProgressStrip()
    qtbot.addWidget(strip)
    strip.start("正在读表格")
    strip.finish()
    assert strip.isHidden()


def test_only_files_of_the_right_kind_are_taken(show: Show, qtbot: QtBot) -> None:
    box = FileDrop("拖到这里", endings=(".xlsx", ".xls"), kind="Excel 表")
    show(box)
    with qtbot.waitSignal(box.refused) as refused:
        box.take([Path("照片.jpg")])
    assert refused.args == ["“照片.jpg”不是Excel 表。请换成 .xlsx、.xls 文件。"]
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/农户.XLSX")])
    drop = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(box.chosen) as chosen:
        box.dropEvent(drop)
    assert chosen.args == [[Path("/tmp/农户.XLSX")]]
    assert box.mistake.isHidden()


def test_the_safe_answer_is_the_one_that_enter_gives(show: Show, qtbot: QtBot) -> None:
    acted: list[int] = []
    page = QWidget()
    show(page)
    question = ask(page, "删掉这份草稿？", safe="先不删", act="删掉草稿", on_act=lambda: acted.append(1))
    qtbot.waitUntil(question.safe_button.hasFocus)
    qtbot.keyClick(question.safe_button, Qt.Key.Key_Return)
    assert acted == []
    question = ask(page, "删掉这份草稿？", safe="先不删", act="删掉草稿", on_act=lambda: acted.append(1))
    qtbot.mouseClick(question.act_button, Qt.MouseButton.LeftButton)
    assert acted == [1]


def test_bars_say_their_numbers_and_take_nothing_below_zero(show: Show) -> None:
    bars = Bars([BarRow("可用", 100, "1.00", "quiet"), BarRow("还剩", -5, "-0.05", "bad")])
    show(bars)
    assert bars.accessibleName() == "可用 1.00；还剩 -0.05"
    assert not bars.grab().isNull()


def test_a_missing_fact_says_so(show: Show) -> None:
    facts = FactList()
    facts.set_facts([("电话", ""), ("组", "大平地")])
    show(facts)
    assert [label.text() for label in facts.findChildren(QLabel)] == ["电话", "未填", "组", "大平地"]


def test_a_button_that_works_keeps_the_cursor_from_wandering_and_takes_it_back(show: Show, qtbot: QtBot) -> None:
    box = QWidget()
    rows = QVBoxLayout(box)
    save = button("保存这户", lambda: None)
    rows.addWidget(save)
    rows.addWidget(QLineEdit())
    show(box)
    save.setFocus()
    qtbot.waitUntil(save.hasFocus)
    save.setEnabled(False)
    assert box.focusWidget() is None
    save.setEnabled(True)
    assert save.hasFocus()
