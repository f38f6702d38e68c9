"""Cells: names, numbers, money, days, yes and no as people and Excel write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.households.excel import cell_text_of
from desktop_app.households.vocabulary import load_vocabulary
from village_core.domain.households.cells import CellReading, cell_reader, read_day
from village_core.domain.households.contacts import account_warning, passes_luhn, phone_warning, tidy_phone
from village_core.domain.households.fields import HOUSEHOLD_FIELD, HOUSEHOLD_FIELDS, PERSON_FIELD, PERSON_FIELDS, Kind
from village_core.domain.households.id_numbers import tidy_number
from village_core.domain.households.names import name_problem, name_warning, tidy_name
from village_core.domain.masking import mask_account, mask_id_number, mask_phone


def read(scope: str, name: str, text: str) -> CellReading:
    fields = HOUSEHOLD_FIELD if scope == "household" else PERSON_FIELD
    reading = cell_reader(fields[name], load_vocabulary().code_lists.get(f"{scope}.{name}"))(text)
    return reading if isinstance(reading, CellReading) else CellReading(reading)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("19900131", date(1990, 1, 31)),
        ("1990-1-31", date(1990, 1, 31)),
        ("1990/01/31", date(1990, 1, 31)),
        ("1990.1.31", date(1990, 1, 31)),
        ("1990年1月31日", date(1990, 1, 31)),
        ("1990-01-31 00:00", date(1990, 1, 31)),
        ("１９９０－１－３１", date(1990, 1, 31)),
        ("19900231", None),
        ("1990-02-31", None),
        ("32904", None),
        ("一九九〇年", None),
    ],
)
def test_days_are_read_as_people_write_them(text: str, day: date | None) -> None:
    assert read_day(text) == day


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("202309", "2023-09"),
        ("2023-9", "2023-09"),
        ("2023年9月", "2023-09"),
        ("20230915", "2023-09-15"),
        ("202313", None),
        ("09/2023", None),
    ],
)
def test_months_are_kept_as_fine_as_they_were(text: str, value: str | None) -> None:
    assert read("household", "identified_on", text).value == value
    assert bool(read("household", "identified_on", text).problem) == (value is None)


@pytest.mark.parametrize(
    ("text", "fen", "odd"),
    [
        ("16716", 1671600, False),
        ("6899.60", 689960, False),
        ("6899.6", 689960, False),
        ("1,234.5", 123450, False),
        ("16716元", 1671600, False),
        ("-320.5", -32050, True),
        ("33.333333", 3333, True),
        ("33.335", 3334, True),
        ("-0.005", -1, True),
    ],
)
def test_money_becomes_fen(text: str, fen: int, odd: bool) -> None:
    reading = read("household", "per_capita_fen", text)
    assert reading.value == fen
    assert bool(reading.warning) == odd


def test_what_is_no_money_is_left_out_with_a_reason() -> None:
    assert "不是金额" in read("household", "wage_fen", "约三千").problem
    assert read("household", "wage_fen", "99999999999999999").problem


@pytest.mark.parametrize(("text", "value"), [("是", True), ("否", False), ("有", True), ("未消除", False), ("Y", True)])
def test_yes_and_no(text: str, value: bool) -> None:
    assert read("household", "risk_cleared", text).value is value


def test_neither_yes_nor_no_is_left_out() -> None:
    assert read("household", "unsafe_house", "C级").problem


@pytest.mark.parametrize("text", ["", "-", "—", "/", "——"])
def test_a_stroke_is_an_empty_cell(text: str) -> None:
    for scope, fields in (("household", HOUSEHOLD_FIELDS), ("person", PERSON_FIELDS)):
        for field in fields:
            if field.kind is not Kind.ID_NUMBER:
                assert read(scope, field.name, text) == CellReading(None)


def test_no_phone_is_no_phone() -> None:
    assert read("person", "phone", "无") == CellReading(None)


def test_kinds_of_household_have_their_older_names() -> None:
    assert read("household", "kind", "边缘户").value == "边缘易致贫户"
    assert read("household", "kind", "脱贫监测户").value == "脱贫不稳定户"
    assert "可以填" in read("household", "kind", "五保户").problem


def test_labels_of_the_source_are_kept() -> None:
    assert read("person", "ethnicity", "彝") == CellReading("彝")
    assert read("person", "ethnicity", "火星族").warning
    assert read("person", "relation", "长子") == CellReading("长子")
    assert read("person", "relation", "本人") == CellReading("户主")
    assert read("person", "education", "小学") == CellReading("小学")


def test_what_the_county_cannot_hold_is_left_out() -> None:
    assert "太长" in read("household", "helper_name", "长" * 61).problem
    assert read("person", "note", "第一行\n第二行\x00\x07").value == "第一行\n第二行"


def test_long_numbers_that_excel_damaged_are_left_out() -> None:
    assert "Excel" in read("household", "bank_account", "6.21700631706691E+18").problem
    assert "Excel" in read("household", "bank_account", "6217006317066910000").problem
    assert "Excel" in read("household", "number", "5.32327101201E+16").problem
    assert "Excel" in read("person", "number", "5.32327101201E+18").problem


def test_names_keep_rare_characters_and_their_dot() -> None:
    assert tidy_name("沙马•阿衣") == tidy_name("沙马・阿衣") == "沙马·阿衣"
    assert tidy_name(" 张　三 ") == "张三"
    assert tidy_name("⽅明") == "方明"
    assert tidy_name("李𬭎") == "李𬭎"
    assert tidy_name("Anna Li") == "Anna Li"
    assert name_problem("") == "没有姓名"
    assert name_problem("12345")
    assert name_problem("张" * 61)
    assert "生僻字" in name_warning("张?明")
    assert "造字" in name_warning("张\ue123")
    assert not name_warning("吉克·木呷")


@pytest.mark.parametrize(
    ("text", "tidy", "odd"),
    [
        ("138 1234 5678", "13812345678", False),
        ("138-1234-5678", "13812345678", False),
        ("+86 13812345678", "13812345678", False),
        ("0878-6712345", "0878-6712345", False),
        ("13812345678/13987654321", "13812345678/13987654321", False),
        ("1381234567", "1381234567", True),
        ("23812345678", "23812345678", True),
        ("电话号码", "电话号码", True),
    ],
)
def test_phone_numbers(text: str, tidy: str, odd: bool) -> None:
    assert tidy_phone(text) == tidy
    assert bool(phone_warning(tidy)) == odd


def test_accounts_only_warn() -> None:
    assert not account_warning("6217006317066907433")
    assert "对不上" in account_warning("6217006317066907434")
    assert account_warning("1234")
    assert account_warning("6217A06317066907433")
    assert not account_warning("050012345678901")


@given(st.integers(10**14, 10**18 - 1), st.integers(0, 18), st.integers(1, 9))
def test_luhn_notices_any_single_wrong_digit(body: int, place: int, by: int) -> None:
    text = str(body)
    good = next(text + str(last) for last in range(10) if passes_luhn(text + str(last)))
    place %= len(good)
    wrong = good[:place] + str((int(good[place]) + by) % 10) + good[place + 1 :]
    assert not passes_luhn(wrong)


def test_masks() -> None:
    assert mask_id_number("532327199001011234") == "5323**********1234"
    assert mask_id_number("532327610211033") == "5323*******1033"
    assert mask_id_number("E1234567") == "E1****67"
    assert mask_phone("13812345678") == "138****5678"
    assert mask_account("6217006317066907433") == "**** **** 7433"
    assert mask_id_number(None) == mask_phone("") == mask_account(None) == ""


@given(st.text(max_size=40))
def test_a_mask_never_shows_the_middle(text: str) -> None:
    for mask in (mask_id_number, mask_account):
        shown = mask(text)
        assert len(shown.replace("*", "").replace(" ", "")) <= max(8, 0)


def test_an_accent_that_stood_apart_is_read_the_same_twice() -> None:
    once = tidy_number("A\u00b4")
    assert tidy_number(once) == once


@given(st.sampled_from([*HOUSEHOLD_FIELDS, *PERSON_FIELDS]), st.text(max_size=30))
def test_what_was_read_is_written_so_that_it_reads_the_same(field: object, text: str) -> None:
    scope = "household" if field in HOUSEHOLD_FIELDS else "person"
    name = field.name  # type: ignore[attr-defined]  # one of our fields
    if field.kind is Kind.ID_NUMBER:  # type: ignore[attr-defined]  # read with its own function
        return
    first = read(scope, name, text.strip())
    again = read(scope, name, cell_text_of(field, first.value).strip())  # type: ignore[arg-type]  # one of our fields
    assert again.value == first.value
