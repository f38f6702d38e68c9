"""科目余额表 on A4: three pairs of columns, totals at the end, the head again on each page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from desktop_app.pdf_kit.blocks import MM, Air, Align, Block, Paragraph, TextStyle
from desktop_app.pdf_kit.document import PdfDocument, RenderedPdf
from desktop_app.pdf_kit.faces import Face, glyphs_of
from desktop_app.pdf_kit.flow import Flow, Frame
from desktop_app.pdf_kit.page import Page
from desktop_app.pdf_kit.tables import Cell, Column, Row, Table
from desktop_app.pdf_kit.textlines import Span, text_width
from desktop_app.pdf_kit.watermark import mark_pages
from village_core.domain.ledger.accounts import display_code
from village_core.domain.ledger.trial_balance import TrialBalanceRow, totals_of
from village_core.domain.money import format_yuan

_FRAME = Frame(left=18 * MM, top=18 * MM, width=177 * MM, height=258 * MM)
_TEXT = TextStyle(10.5, 18)
_CELL = TextStyle(8.5, 12)
_TITLE = TextStyle(18, 30, align=Align.CENTRE, hang=False)
_MONEY = ("期初借方", "期初贷方", "本期借方", "本期贷方", "期末借方", "期末贷方")


@dataclass(frozen=True)
class BalanceSheet:
    """What is printed: rows between two days of one organisation, and who printed them when."""

    organisation: str
    start: date
    end: date
    rows: tuple[TrialBalanceRow, ...]
    printed_by: str
    printed_on: date
    watermark: str


def render_balance_sheet(sheet: BalanceSheet) -> RenderedPdf:
    """The table as PDF/A-2b. Raises RefusedError when a character is in no font."""
    document = PdfDocument(title=f"科目余额表 {sheet.start} 至 {sheet.end}", created=sheet.printed_on)
    flow = Flow(document, _FRAME)
    flow.add(_blocks(sheet))
    flow.furnish(_page_number)
    mark_pages(document.pages, sheet.watermark)
    return document.render()


def _blocks(sheet: BalanceSheet) -> list[Block]:
    columns = (
        Column("编码", 0.95, Align.LEFT),
        Column("科目", 1.7, Align.LEFT),
        *(Column(title, 1.3, Align.RIGHT) for title in _MONEY),
    )
    top = Table(
        (Column("", 2, Align.LEFT), Column("", 2), Column("", 1, Align.RIGHT)),
        (
            Row(
                (
                    Cell(sheet.organisation, field="单位"),
                    Cell(f"{_day(sheet.start)} 至 {_day(sheet.end)}"),
                    Cell("单位：元"),
                )
            ),
        ),
        _TEXT,
        headed=False,
        ruled=False,
    )
    end = Paragraph((Span(f"打印：{sheet.printed_by}　{_day(sheet.printed_on)}", field="打印人"),), _TEXT)
    return [
        Paragraph((Span("科目余额表", Face.TITLE),), _TITLE, keep_with_next=True),
        top,
        Table(columns, (*(_row(row) for row in sheet.rows), _total(sheet.rows)), _CELL, face=Face.TABLE),
        Air(8),
        end,
    ]


def _row(row: TrialBalanceRow) -> Row:
    name = "　" * (row.level - 1) + row.name
    amounts = (
        max(row.opening_fen, 0),
        max(-row.opening_fen, 0),
        row.debit_fen,
        row.credit_fen,
        max(row.closing_fen, 0),
        max(-row.closing_fen, 0),
    )
    return Row((Cell(display_code(row.code)), Cell(name, field="科目"), *(_money(fen) for fen in amounts)))


def _total(rows: Sequence[TrialBalanceRow]) -> Row:
    totals = totals_of(rows)
    amounts = (
        totals.opening_debit_fen,
        totals.opening_credit_fen,
        totals.debit_fen,
        totals.credit_fen,
        totals.closing_debit_fen,
        totals.closing_credit_fen,
    )
    return Row((Cell("合计", span=2, label=True), *(_money(fen) for fen in amounts)))


def _money(fen: int) -> Cell:
    return Cell(format_yuan(fen) if fen else "")


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _page_number(page: Page, at: int, total: int) -> None:
    glyphs = glyphs_of(f"第 {at} 页　共 {total} 页", Face.TABLE, field="页码")
    page.text((page.width - text_width(glyphs, 9)) / 2, page.height - 12 * MM, glyphs, size=9)
