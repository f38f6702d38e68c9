"""Money, dates, numbers and choices as people type them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from desktop_app.widgets.choice_edit import ChoiceEdit
from desktop_app.widgets.date_edit import DateEdit, format_date, parse_date
from desktop_app.widgets.editor import LongTextEdit, NumberEdit, TextEdit
from desktop_app.widgets.money_edit import MoneyEdit
from tests.keyboard import type_words

Show = Callable[[QWidget], QWidget]
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("20261122", TODAY),
        ("2026-11-22", TODAY),
        ("2026.11.22", TODAY),
        ("2026/11/22", TODAY),
        ("2026年11月22日", TODAY),
        ("２０２６．１１．２２", TODAY),
        ("26.11.22", TODAY),
        ("11.22", TODAY),
        ("11月22日", TODAY),
        ("1.5", date(2026, 1, 5)),
        ("3日", date(2026, 11, 3)),
        ("今天", TODAY),
        ("2024-2-29", date(2024, 2, 29)),
    ],
)
def test_a_date_is_read_in_every_common_form(typed: str, day: date) -> None:
    assert parse_date(typed, today=TODAY) == day


@pytest.mark.parametrize("typed", ["2026-2-29", "11.31", "2026.13.1", "明天", "20261322", "1.2.3.4", "-", "2026年"])
def test_what_is_no_date_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_date(typed, today=TODAY)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)))
def test_a_shown_date_is_read_back(day: date) -> None:
    assert parse_date(format_date(day), today=TODAY) == day


def test_a_typed_date_is_shown_in_chinese_and_kept_when_wrong(show: Show, qtbot: QtBot) -> None:
    edit = DateEdit(today=lambda: TODAY, latest=TODAY)
    show(edit)
    qtbot.keyClicks(edit.line, "11.20")
    qtbot.keyClick(edit.line, Qt.Key.Key_Return)
    assert (edit.value(), edit.typed()) == (date(2026, 11, 20), "2026年11月20日")

    edit.line.clear()
    qtbot.keyClicks(edit.line, "11.31")
    qtbot.keyClick(edit.line, Qt.Key.Key_Return)
    assert (edit.value(), edit.typed()) == (None, "11.31")
    assert "2026.11.22" in edit.problem()

    edit.set_value(date(2026, 11, 23))
    assert edit.problem() == "不能晚于 2026年11月22日。"


def test_money_shows_capital_numerals_while_one_types(show: Show, qtbot: QtBot) -> None:
    edit = MoneyEdit()
    show(edit)
    qtbot.keyClicks(edit.line, "1234.5")
    assert edit.capital.text() == "人民币壹仟贰佰叁拾肆元伍角整"
    qtbot.keyClick(edit.line, Qt.Key.Key_Return)
    assert (edit.value(), edit.typed()) == (123450, "1,234.50")


@pytest.mark.parametrize(("typed", "word"), [("12.345", "小数"), ("一千", "不是金额"), ("-5", "负数")])
def test_wrong_money_stays_as_typed_and_says_why(show: Show, typed: str, word: str) -> None:
    edit = MoneyEdit()
    show(edit)
    edit.set_typed(typed)
    edit.line.editingFinished.emit()
    assert (edit.value(), edit.typed(), edit.capital.text()) == (None, typed, "")
    assert word in edit.problem()


def test_empty_money_is_unknown_and_not_zero(show: Show) -> None:
    edit = MoneyEdit()
    show(edit)
    assert (edit.value(), edit.problem(), edit.is_empty()) == (None, "", True)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.integers(min_value=0, max_value=10**14))
def test_any_amount_survives_the_field(show: Show, fen: int) -> None:
    edit = MoneyEdit()
    edit.set_value(fen)
    assert edit.value() == fen
    edit.deleteLater()


def test_a_number_takes_full_width_digits_and_keeps_its_bounds(show: Show) -> None:
    edit = NumberEdit(least=1, most=99)
    show(edit)
    for typed, value in (("３１", 31), ("1,0", 10), ("0", None), ("三十", None), ("", None)):
        edit.set_typed(typed)
        assert edit.value() == value, typed


def test_a_choice_gives_its_key_and_keeps_it_when_the_list_changes(show: Show, qtbot: QtBot) -> None:
    edit = ChoiceEdit([("poor", "脱贫户"), ("edge", "边缘易致贫户")])
    show(edit)
    assert (edit.value(), edit.is_empty()) == (None, True)
    edit.combo.setFocus()
    with qtbot.waitSignal(edit.changed):
        qtbot.keyClick(edit.combo, Qt.Key.Key_Down)
    assert edit.value() == "poor"
    edit.set_choices([("edge", "边缘易致贫户"), ("poor", "脱贫户")])
    assert edit.value() == "poor"


def test_texts_lose_blanks_but_passphrases_do_not(show: Show) -> None:
    name, secret = TextEdit(), TextEdit(secret=True)
    name.set_typed(" 李琼仙 ")
    secret.set_typed(" 一句 话 ")
    secret.show_secret(True)
    assert (name.value(), secret.value()) == ("李琼仙", " 一句 话 ")
    name.deleteLater()
    secret.deleteLater()


def test_setting_a_value_is_not_typing(show: Show, qtbot: QtBot) -> None:
    area = LongTextEdit()
    show(area)
    with qtbot.assertNotEmitted(area.changed):
        area.set_value("第一行\n第二行")
    with qtbot.waitSignal(area.changed):
        type_words(area.area, "字")
