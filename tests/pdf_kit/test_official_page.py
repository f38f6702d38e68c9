"""GB/T 9704 measured in the finished file: 22 lines of 28 characters in 156 × 225 mm, and — 1 —."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from desktop_app.pdf_kit.blocks import MM, Paragraph, SealBlock
from desktop_app.pdf_kit.document import PdfDocument
from desktop_app.pdf_kit.flow import OFFICIAL_BODY, OFFICIAL_FRAME, Flow, official_page_number
from desktop_app.pdf_kit.textlines import Span
from tests.pdf_kit.reading import PrintedLine, page_count, printed_lines

SIZE = 15.75


@pytest.fixture(scope="module")
def printed() -> bytes:
    document = PdfDocument(title="试印", created=date(2026, 11, 22))
    flow = Flow(document, OFFICIAL_FRAME)
    flow.add([Paragraph((Span("田埂连着家家户户" * 120),), OFFICIAL_BODY)])
    flow.furnish(official_page_number)
    return document.to_bytes()


def body(lines: list[PrintedLine]) -> list[PrintedLine]:
    return [line for line in lines if line.size == SIZE]


def test_a_page_holds_22_lines_of_28_characters(printed: bytes) -> None:
    lines = body(printed_lines(printed))
    assert len(lines) == 22
    assert [len(line.text) for line in lines] == [26] + [28] * 21


def test_the_text_area_is_156_by_225_millimetres_after_37_above_and_28_beside(printed: bytes) -> None:
    lines = body(printed_lines(printed))
    top, bottom = lines[0].baseline - 0.88 * SIZE, lines[-1].baseline + 0.12 * SIZE
    assert top / MM == pytest.approx(37, abs=0.1)
    assert bottom / MM == pytest.approx(37 + 225, abs=1.0)
    assert lines[1].x / MM == pytest.approx(28, abs=0.1)
    assert lines[0].x - lines[1].x == pytest.approx(2 * SIZE, abs=0.1)


def test_lines_stand_seven_eighths_of_a_character_apart(printed: bytes) -> None:
    lines = body(printed_lines(printed))
    steps = {round(after.baseline - before.baseline, 2) for before, after in pairwise(lines)}
    assert steps == {29.53}


def test_the_page_number_stands_7_mm_below_right_on_odd_and_left_on_even_pages(printed: bytes) -> None:
    assert page_count(printed) == 2
    first, second = (
        next(line for line in printed_lines(printed, page) if line.text == f"— {page + 1} —") for page in (0, 1)
    )
    assert first.size == second.size == 14
    assert first.x > 150 * MM
    assert second.x == pytest.approx(28 * MM + 14, abs=0.1)
    assert (first.baseline - 0.88 * 14) / MM == pytest.approx(37 + 225 + 7, abs=0.2)


def test_the_date_keeps_four_characters_free_and_the_seal_has_its_room() -> None:
    document = PdfDocument(title="试印", created=date(2026, 11, 22))
    text = Paragraph((Span("正文" * 13),), OFFICIAL_BODY)
    Flow(document, OFFICIAL_FRAME).add([text, SealBlock("太平村村民委员会", "2026年11月22日", OFFICIAL_BODY)])
    lines = printed_lines(document.to_bytes())
    last, unit, day = lines[0], *(line for line in lines if "太平村" in line.text or "2026" in line.text)
    width = 442.2 - 4 * SIZE
    assert day.x > 28 * MM + width - 8 * SIZE
    centre = (unit.baseline + day.baseline) / 2
    assert centre - last.baseline >= 21 * MM - SIZE
