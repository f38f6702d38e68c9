"""The watermark is on every sheet, outside the text, and disturbs neither the text nor the file's form."""

from __future__ import annotations

from datetime import date

import pikepdf

from desktop_app.pdf_kit.blocks import Paragraph
from desktop_app.pdf_kit.document import PdfDocument
from desktop_app.pdf_kit.flow import OFFICIAL_BODY, OFFICIAL_FRAME, Flow
from desktop_app.pdf_kit.textlines import Span
from desktop_app.pdf_kit.watermark import mark_pages
from tests.pdf_kit.reading import open_pdf, qt_text

WORDS = "田埂　太平村　李琼仙　2026-11-23 14:05"
TEXT = "各户的情况以入户核查为准。" * 120


def paper(*, marked: bool) -> bytes:
    document = PdfDocument(title="试", created=date(2026, 11, 23))
    Flow(document, OFFICIAL_FRAME).add([Paragraph((Span(TEXT),), OFFICIAL_BODY)])
    if marked:
        mark_pages(document.pages, WORDS)
    return document.render().data


def test_each_sheet_says_who_and_when_behind_its_text() -> None:
    plain, marked = qt_text(paper(marked=False)), qt_text(paper(marked=True))
    assert len(marked) == len(plain) > 1
    for before, after in zip(plain, marked, strict=True):
        squeezed, without = "".join(after.split()), "".join(before.split())
        assert squeezed.startswith(without)
        assert squeezed.removeprefix(without) == "".join(WORDS.split())


def test_it_is_marked_as_no_part_of_the_content() -> None:
    with open_pdf(paper(marked=True)) as pdf:
        for page in pdf.pages:
            operators = [(str(one.operator), one.operands) for one in pikepdf.parse_content_stream(page)]
            names = [name for name, _ in operators]
            assert names.count("BDC") == names.count("EMC") == 1
            begun = operators[names.index("BDC")][1]
            assert begun[0] == "/Artifact"
            assert names[-1] == "EMC"
