"""The file itself: text that comes back as given, embedded fonts, the marks of PDF/A, the same bytes again."""

from __future__ import annotations

import io
from datetime import date

import pikepdf
import pytest

from desktop_app.pdf_kit.blocks import Anchor, NewPage, Paragraph
from desktop_app.pdf_kit.document import PdfDocument
from desktop_app.pdf_kit.faces import Face, glyphs_of
from desktop_app.pdf_kit.flow import OFFICIAL_BODY, OFFICIAL_FRAME, Flow
from desktop_app.pdf_kit.textlines import Span
from tests.pdf_kit.reading import font_names, open_pdf, qt_text
from tests.pdf_kit.test_faces import RARE

pytestmark = pytest.mark.usefixtures("qapp")
DAY = date(2026, 11, 22)
RADICALS = "公示人户民口日月山小方行金面示车马见贝页风飞长门青非食高鼠龙龟"


def one_page(text: str, *, face: Face = Face.BODY) -> bytes:
    document = PdfDocument(title="试印", created=DAY)
    Flow(document, OFFICIAL_FRAME).add([Paragraph((Span(text, face),), OFFICIAL_BODY)])
    return document.to_bytes()


@pytest.mark.parametrize("face", list(Face))
@pytest.mark.parametrize("text", [RARE, RADICALS, "¥1,234.50（壹仟贰佰叁拾肆元伍角）—“引号”…", "①②㈠℃№〇々ā×÷"])
def test_what_is_copied_is_what_was_given(text: str, face: Face) -> None:
    (page,) = qt_text(one_page(text, face=face))
    assert "".join(page.split()) == text


def test_every_font_is_embedded() -> None:
    assert font_names(one_page("太平村𪻐㸃")) == {"NotoSerifSC-Regular", "NotoSerifSC-Rare", "LXGWWenKai-Full"}


def test_the_same_input_gives_the_same_bytes() -> None:
    assert one_page("太平村") == one_page("太平村")
    assert one_page("太平村") != one_page("太平乡")


def test_the_file_says_that_it_is_pdf_a_2b_and_carries_its_colours() -> None:
    with open_pdf(one_page("太平村")) as pdf, pdf.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == "2"
        assert metadata["pdfaid:conformance"] == "B"
        assert metadata["dc:title"] == str(pdf.docinfo["/Title"]) == "试印"
        (intent,) = pdf.Root.OutputIntents
        assert len(intent.DestOutputProfile.read_bytes()) > 400
        assert "/Encrypt" not in pdf.trailer


def test_its_structure_is_sound() -> None:
    with pikepdf.open(io.BytesIO(one_page("太平村"))) as pdf:
        assert pdf.check_pdf_syntax() == []


def test_bookmarks_lead_to_their_pages() -> None:
    document = PdfDocument(title="试印", created=DAY)
    flow = Flow(document, OFFICIAL_FRAME)
    body = Paragraph((Span("太平村"),), OFFICIAL_BODY)
    flow.add([Anchor("one"), body, NewPage(), Anchor("two"), body])
    document.add_bookmark("第一件", "one")
    document.add_bookmark("第二件", "two")
    with open_pdf(document.to_bytes()) as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == ["第一件", "第二件"]
        goals = [pikepdf.Page(item.destination[0]).index for item in outline.root]
    assert goals == [0, 1]
    assert flow.anchors == {"one": 1, "two": 2}


def test_a_font_holds_only_what_is_printed() -> None:
    assert len(one_page("太平村")) < 12_000


def test_letters_of_composed_outlines_are_whole() -> None:
    """É and its parts: a composite glyph brings the glyphs that it is made of."""
    assert "".join(qt_text(one_page("ÀÉÑåĀǎ"))[0].split()) == "ÀÉÑåĀǎ"
    assert all(glyph.width for glyph in glyphs_of("ÀÉÑåĀǎ", Face.KAI, field="正文"))
