"""Tables: the head on each page, nothing cut, rows of any height."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_app.pdf_kit.blocks import Align, TextStyle
from desktop_app.pdf_kit.document import PdfDocument
from desktop_app.pdf_kit.flow import OFFICIAL_FRAME, Flow
from desktop_app.pdf_kit.tables import Cell, Column, Row, Table
from tests.pdf_kit.reading import page_count, printed_lines, squeezed

pytestmark = pytest.mark.usefixtures("qapp")
STYLE = TextStyle(12, 18)
COLUMNS = (Column("序号", 1), Column("姓名", 3), Column("金额", 2, Align.RIGHT))


def table(rows: list[tuple[str, str, str]], *, fit: bool = False) -> bytes:
    document = PdfDocument(title="试印", created=date(2026, 11, 22))
    made = tuple(Row(tuple(Cell(text) for text in row)) for row in rows)
    Flow(document, OFFICIAL_FRAME).add([Table(COLUMNS, made, STYLE, fit=fit)])
    return document.to_bytes()


def test_the_head_stands_on_each_page() -> None:
    data = table([(str(number), f"欧阳{number}", "3,000.00") for number in range(90)])
    assert page_count(data) == 4
    for page in range(4):
        lines = printed_lines(data, page)
        assert [line.text for line in lines[:3]] == ["序号", "姓名", "金额"]
    assert all(f"欧阳{number}" in squeezed(data) for number in range(90))


def test_a_long_cell_wraps_inside_its_column() -> None:
    name = "阿卜杜拉·买买提·艾力江" * 5
    data = table([("1", name, "3,000.00")])
    assert name in squeezed(data)
    for line in printed_lines(data):
        assert 79 < line.x < 79 + OFFICIAL_FRAME.width


def test_a_row_higher_than_a_page_goes_on_on_the_next() -> None:
    text = "".join(chr(0x4E00 + number) for number in range(2500))
    text = "".join(c for c in text if c.encode("gb2312", errors="ignore"))[:1200]
    data = table([("1", text, "")])
    assert page_count(data) > 1
    assert squeezed(data).replace("序号姓名金额", "") == "1" + text


def test_a_column_that_fits_itself_never_cuts_an_amount() -> None:
    data = table([("1", "大河口村民小组" * 9, "12,345,678.00")], fit=True)
    assert any(line.text == "12,345,678.00" for line in printed_lines(data))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.sampled_from("太平村民户元1，（）"), max_size=200), min_size=1, max_size=12))
def test_no_text_is_lost_and_none_leaves_the_frame(texts: list[str]) -> None:
    data = table([(str(number), text, "1.00") for number, text in enumerate(texts)])
    every = squeezed(data)
    for page in range(page_count(data)):
        for line in printed_lines(data, page):
            assert OFFICIAL_FRAME.top < line.baseline < OFFICIAL_FRAME.bottom
    assert sorted(every.replace("序号姓名金额", "")) == sorted(
        "".join(f"{number}{text}1.00" for number, text in enumerate(texts))
    )
