"""Identity numbers: shape, check digit, date; what Excel does to them."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.demo.people import id_number
from village_core.domain.households.id_numbers import (
    EXCEL_MADE_IT_A_NUMBER,
    check_digit,
    identity_key,
    read_id_number,
)

TODAY = date(2026, 11, 22)

days = st.dates(min_value=date(1920, 1, 1), max_value=TODAY)
numbers = st.builds(
    lambda seed, day, sex: (id_number(random.Random(seed), day, sex), day, sex),
    st.integers(0, 10**9),
    days,
    st.sampled_from("男女"),
)


def test_the_example_of_the_standard_has_the_check_digit_x() -> None:
    assert check_digit("11010519491231002") == "X"
    assert check_digit("44052418800101001") == "4"


@given(numbers)
def test_a_good_number_tells_birth_and_sex(made: tuple[str, date, str]) -> None:
    number, day, sex = made
    paper = read_id_number(number, today=TODAY)
    assert (paper.birth, paper.sex, paper.problem) == (day, sex, "")


@given(numbers, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(made: tuple[str, date, str], place: int, by: int) -> None:
    number = made[0]
    if place == 17 or not number[place].isdigit():
        wrong = number[:17] + "10X98765432"[("10X98765432".index(number[17]) + by) % 11]
    else:
        wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert read_id_number(wrong, today=TODAY).problem


@given(numbers, st.integers(0, 16))
def test_two_neighbours_changed_places_is_noticed(made: tuple[str, date, str], place: int) -> None:
    number = made[0]
    wrong = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert wrong == number or read_id_number(wrong, today=TODAY).problem


@pytest.mark.parametrize(
    "text",
    ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ", "'11010519491231002X"],
)
def test_how_it_was_typed_does_not_matter(text: str) -> None:
    assert read_id_number(text, today=TODAY).number == "11010519491231002X"
    assert not read_id_number(text, today=TODAY).problem


@pytest.mark.parametrize(
    "text", ["5.32327E+17", "5.3232719610211E+17", "5.32327e17", "532327198001010000", "532327199012315000"]
)
def test_a_number_that_excel_turned_into_a_float_says_so(text: str) -> None:
    assert read_id_number(text, today=TODAY).problem == EXCEL_MADE_IT_A_NUMBER


def test_a_true_number_may_end_in_three_noughts() -> None:
    bodies = (f"532327{year}0101{sequence}00" for year in range(1950, 2020) for sequence in range(10))
    number = next(body + "0" for body in bodies if check_digit(body) == "0")
    assert not read_id_number(number, today=TODAY).problem


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("53232719610211033", "17 位"),
        ("5323271961021103311", "19 位"),
        ("53232719610211033A", "不该有的字"),
        ("5323271961021103X1", "不该有的字"),
        ("532327196102110332", "最后一位"),
    ],
)
def test_a_wrong_shape_says_what_is_wrong(text: str, word: str) -> None:
    assert word in read_id_number(text, today=TODAY).problem


@pytest.mark.parametrize("day", ["19900231", "19901301", "19900100", "20991231", "18010101"])
def test_an_impossible_date_with_a_right_check_digit_is_refused(day: str) -> None:
    body = f"532327{day}451"
    paper = read_id_number(body + check_digit(body), today=TODAY)
    assert "出生日期" in paper.problem
    assert day in paper.problem


def test_an_old_number_of_fifteen_digits_is_kept_and_flagged() -> None:
    paper = read_id_number("532327610211033", today=TODAY)
    assert (paper.problem, paper.birth, paper.sex) == ("", date(1961, 2, 11), "男")
    assert "15 位" in paper.warning
    assert read_id_number("532327611311033", today=TODAY).problem


def test_other_papers_are_taken_as_they_are_written() -> None:
    assert read_id_number("e1234567", kind="护照", today=TODAY).number == "E1234567"
    assert read_id_number("护照号", kind="护照", today=TODAY).problem
    assert read_id_number("5.32327E+17", kind="护照", today=TODAY).problem == EXCEL_MADE_IT_A_NUMBER


def test_a_disability_card_holds_the_identity_number() -> None:
    paper = read_id_number("11010519491231002X43", kind="残疾人证", today=TODAY)
    assert (paper.number, paper.birth, paper.sex) == ("11010519491231002X43", date(1949, 12, 31), "女")
    assert read_id_number("11010519491231002143", kind="残疾人证", today=TODAY).problem


def test_an_unknown_province_or_a_great_age_is_only_a_warning() -> None:
    body = "99232719610211033"
    assert "哪个省" in read_id_number(body + check_digit(body), today=TODAY).warning
    body = "53232719010211033"
    assert "125 岁" in read_id_number(body + check_digit(body), today=TODAY).warning


def test_the_numbers_of_one_person_have_one_key() -> None:
    key = identity_key("居民身份证", "532327196102110331")
    assert identity_key(None, "532327610211033") == key
    assert identity_key("残疾人证", "53232719610211033143") == key
    assert identity_key("护照", "E1234567") != identity_key("军官证", "E1234567")
