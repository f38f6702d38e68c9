"""Draws a notice on A4 in the grid of GB/T 9704, after the scanner has found nothing private in it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from desktop_app.notices.wording import illness_words, notice_texts
from desktop_app.pdf_kit.blocks import EM_ASCENT, MM, Air, Align, Block, Paragraph, SealBlock, TextStyle
from desktop_app.pdf_kit.document import PdfDocument, RenderedPdf
from desktop_app.pdf_kit.faces import Face, glyphs_of
from desktop_app.pdf_kit.flow import (
    LINE_PITCH,
    OFFICIAL_BODY,
    OFFICIAL_FRAME,
    OFFICIAL_TITLE,
    Flow,
    official_page_number,
)
from desktop_app.pdf_kit.page import GREY, Page
from desktop_app.pdf_kit.tables import Cell, Column, Row, Table
from desktop_app.pdf_kit.textlines import Span, text_width
from village_core.domain.calendar import chinese_date
from village_core.domain.errors import RuleRefusedError
from village_core.domain.money import capital_yuan, format_yuan
from village_core.domain.notices.model import ReliefNotice
from village_core.domain.notices.privacy import check_notice
from village_core.domain.notices.texts import NoticeTexts

_TABLE = TextStyle(14, 20)
_ROW_HEIGHT = LINE_PITCH
_PITCHES = (LINE_PITCH, 28.0, 26.5)
"""A notice that misses one page by little may draw its lines closer; beyond that it takes a second page."""


def render_relief_notice(notice: ReliefNotice) -> bytes:
    """The notice as a file; see `render_notice`."""
    return render_notice(notice).data


def render_notice(notice: ReliefNotice) -> RenderedPdf:
    """The notice as PDF/A-2b. The same notice gives the same bytes.

    Raises:
        RuleRefusedError: something private stands in it (NOTICE-3).
        RefusedError: a character is in no font.
    """
    findings = check_notice(notice, words=illness_words())
    if findings:
        raise RuleRefusedError(findings, next_step="请改掉这一处，再打印。")
    document = _lay_out(notice, _PITCHES[0])
    for pitch in _PITCHES[1:]:
        if len(document.pages) <= 1:
            break
        closer = _lay_out(notice, pitch)
        if len(closer.pages) < len(document.pages):
            document = closer
    return document.render()


def _lay_out(notice: ReliefNotice, pitch: float) -> PdfDocument:
    document = PdfDocument(title=notice.title.replace("\n", ""), created=notice.signing_date)
    flow = Flow(document, OFFICIAL_FRAME)
    flow.add(_blocks(notice, notice_texts(), replace(OFFICIAL_BODY, pitch=pitch)))
    flow.furnish(partial(_furniture, notice))
    return document


def _furniture(notice: ReliefNotice, page: Page, at: int, total: int) -> None:
    """The page number, and opposite of it the number of the case in small type."""
    official_page_number(page, at, total)
    glyphs = glyphs_of(notice.serial, Face.KAI, field="编号")
    frame, size = OFFICIAL_FRAME, 12.0
    x = frame.left + size if at % 2 else frame.left + frame.width - size - text_width(glyphs, size)
    page.text(x, frame.bottom + 7 * MM + EM_ASCENT * 14, glyphs, size=size, grey=GREY)


def _blocks(notice: ReliefNotice, texts: NoticeTexts, body: TextStyle) -> list[Block]:
    labels = texts.labels
    period_label = labels["open_period" if notice.period_to is None else "period"]
    blocks: list[Block] = [Paragraph((Span(notice.title, Face.TITLE, "标题"),), OFFICIAL_TITLE, keep_with_next=True)]
    blocks += [
        Air(body.pitch / 2),
        Paragraph((Span(notice.salutation, field="称呼"),), replace(body, indent=0)),
        Paragraph((Span(notice.opening),), body),
        _table(notice, texts),
        Air(body.pitch / 2),
        _labelled(period_label, f"{texts.period_text(notice)}。", body, field="公示时间"),
    ]
    if notice.posting_place:
        blocks.append(_labelled(labels["place"], f"{notice.posting_place}。", body, field="张贴地点"))
    if notice.supervision:
        below = "\n" + "\u3000" * len(labels["phones"])
        phones = below.join(f"{phone.body} {phone.number}" for phone in notice.supervision)
        blocks.append(_labelled(labels["phones"], phones, body, field="监督电话"))
    blocks.append(Paragraph((Span(notice.closing, field="结尾"),), body, keep_with_next=True))
    blocks.append(SealBlock(notice.signing_unit, chinese_date(notice.signing_date), body))
    return blocks


def _labelled(label: str, text: str, style: TextStyle, *, field: str) -> Paragraph:
    return Paragraph((Span(label, Face.HEADING, field), Span(text, field=field)), style)


def _table(notice: ReliefNotice, texts: NoticeTexts) -> Table:
    names = texts.columns
    columns = (
        Column(names["number"]),
        Column(names["head_name"]),
        Column(names["group"]),
        Column(names["people"]),
        Column(names["cause"]),
        Column(notice.amount_label, align=Align.RIGHT),
    )
    rows = [
        Row(
            (
                Cell(str(number)),
                Cell(row.head_name),
                Cell(row.group),
                Cell(f"{row.people}人"),
                Cell(row.cause_title),
                Cell(format_yuan(row.amount_fen)),
            ),
            least=_ROW_HEIGHT,
        )
        for number, row in enumerate(notice.rows, start=1)
    ]
    rows[-1] = replace(rows[-1], keep=True)
    total = Row(
        (
            Cell(names["total"], span=2, face=Face.HEADING),
            Cell(capital_yuan(notice.total_fen), span=3, align=Align.LEFT),
            Cell(format_yuan(notice.total_fen)),
        ),
        least=_ROW_HEIGHT,
    )
    return Table(columns, (*rows, total), _TABLE, fit=True)
