"""Chinese line breaking: forbidden places, whole numbers, hanging commas, nothing lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.pdf_kit.faces import Face
from desktop_app.pdf_kit.textlines import Line, Setting, Span, break_text

SIZE = 10.0
NOT_FIRST = "。，、；：？！）〕】》〉」』”’…％"
NOT_LAST = "（〔【《〈「『“‘"


def lines_of(text: str, *, ems: float = 10, hang: bool = False, indent: float = 0, justify: bool = False) -> list[Line]:
    setting = Setting(width=ems * SIZE, size=SIZE, indent=indent, justify=justify, hang=hang)
    return break_text([Span(text, Face.BODY)], setting)


@pytest.mark.parametrize("mark", NOT_FIRST)
def test_no_closing_mark_begins_a_line(mark: str) -> None:
    assert all(line.text[0] not in NOT_FIRST for line in lines_of("一二三四五六七八九十" + mark + "后面的话"))


@pytest.mark.parametrize("mark", NOT_LAST)
def test_no_opening_mark_ends_a_line(mark: str) -> None:
    assert all(line.text[-1] not in NOT_LAST for line in lines_of("一二三四五六七八九" + mark + "后面的话"))


@pytest.mark.parametrize("number", ["2026", "1,234.00", "0878-6711234", "A-12"])
def test_a_number_is_never_cut(number: str) -> None:
    for before in range(10):
        assert any(number in line.text for line in lines_of("一" * before + number + "后面的话再长一些"))


def test_a_number_keeps_its_unit() -> None:
    for before in range(10):
        assert any("30日" in line.text for line in lines_of("一" * before + "30日以后的话"))


def test_a_document_number_stays_together() -> None:
    for before in range(12):
        assert any("〕1号" in line.text for line in lines_of("一" * before + "〔2021〕1号文件"))


def test_a_comma_hangs_into_the_margin_so_that_the_line_keeps_its_count() -> None:
    first, second = lines_of("一二三四五六七八九十，甲乙丙丁", hang=True)
    assert first.text == "一二三四五六七八九十，"
    assert first.width == pytest.approx(100)
    assert second.text == "甲乙丙丁"


def test_the_first_line_is_indented_and_a_line_feed_begins_a_new_one() -> None:
    lines = lines_of("一二三四五六七八九十\n甲乙", indent=2)
    assert [line.text for line in lines] == ["一二三四五六七八", "九十", "甲乙"]
    assert [line.opens for line in lines] == [True, False, True]


def test_a_justified_line_fills_its_measure_and_the_last_one_does_not() -> None:
    first, *_, last = lines_of("一二三四五六七八九2026年的话，后面还有一些话", justify=True)
    assert first.width == pytest.approx(100)
    assert last.width < 100


def test_a_last_line_is_never_a_single_character() -> None:
    assert len(lines_of("一二三四五六七八九十甲。")[-1].text) > 2


def test_a_word_longer_than_the_line_is_cut_rather_than_lost() -> None:
    word = "0123456789abcdef" * 4
    lines = lines_of(word)
    assert "".join(line.text for line in lines) == word
    assert all(line.width <= 100.01 for line in lines)


@given(st.text(st.sampled_from("的村民户元一，。、（）《》“”…—〔〕12,.3Ab 年月𪻐"), max_size=120), st.integers(4, 30))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, ems: int) -> None:
    lines = lines_of(text, ems=ems)
    assert "".join(line.text for line in lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        assert line.width <= ems * SIZE + 0.02 or len(line.glyphs) == 1
