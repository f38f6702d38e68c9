"""The journal on paper (A4) and as a sheet for Excel: what the page shows, under the same filters."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from desktop_app.journal.queries import Journal, JournalFilter, JournalLine, list_journal
from desktop_app.pdf_kit.blocks import MM, Air, Align, Block, Paragraph, TextStyle
from desktop_app.pdf_kit.document import PdfDocument, RenderedPdf
from desktop_app.pdf_kit.faces import Face, glyphs_of
from desktop_app.pdf_kit.flow import Flow, Frame
from desktop_app.pdf_kit.page import GREY, Page
from desktop_app.pdf_kit.paper import Paper, safe_file_name
from desktop_app.pdf_kit.tables import Cell, Column, Row, Table
from desktop_app.pdf_kit.textlines import Span, text_width
from desktop_app.pdf_kit.watermark import mark_pages
from desktop_app.sheets.watermark import mark_workbook
from desktop_app.storage.files import write_whole
from desktop_app.storage.watermark import Watermark, watermark_of
from desktop_app.storage.workspace import Workspace
from village_core.domain.staff.rights import Right

ON_PAPER = 1_000
IN_SHEET = 50_000
_FRAME = Frame(left=18 * MM, top=18 * MM, width=177 * MM, height=258 * MM)
_TITLE = TextStyle(18, 30, align=Align.CENTRE, hang=False)
_TEXT = TextStyle(10.5, 16)
_CELL = TextStyle(8.5, 12)
_NOTE = TextStyle(8.5, 13, grey=GREY)
_HEADINGS = ("时间", "谁", "做了什么", "为什么", "编号")
_WIDTHS = (17, 10, 90, 28, 14)


@dataclass(frozen=True)
class JournalSheet:
    """What is printed. `about` says under which filters."""

    journal: Journal
    about: str
    mark: Watermark


def render_journal(sheet: JournalSheet) -> RenderedPdf:
    """The table as PDF/A-2b."""
    document = PdfDocument(title=f"操作日志 {sheet.about}".strip(), created=sheet.mark.at.date())
    flow = Flow(document, _FRAME)
    flow.add(_blocks(sheet))
    flow.furnish(_page_number)
    mark_pages(document.pages, sheet.mark.words)
    return document.render()


def prepare_journal(workspace: Workspace, *, wanted: JournalFilter, about: str) -> Callable[[], Paper]:
    """For the preview."""
    with workspace.reader() as reader:
        reader.require(Right.READ_JOURNAL, about=wanted.person or wanted.household)
        sheet = JournalSheet(list_journal(reader, wanted, limit=ON_PAPER), about, watermark_of(workspace, reader))
    return lambda: Paper(
        kind="journal",
        title="操作日志",
        subject=about or "全部",
        file_name=safe_file_name(f"操作日志_{sheet.mark.at:%Y%m%d}.pdf"),
        rendered=render_journal(sheet),
        on_record=False,
        about=wanted.person or wanted.household,
    )


def export_journal(workspace: Workspace, path: Path, *, wanted: JournalFilter, about: str) -> int:
    """Write the journal to an .xlsx file, numbers masked as on the page; the number of lines. Noted itself."""
    with workspace.reader() as reader:
        reader.require(Right.READ_JOURNAL, about=wanted.person or wanted.household)
        journal = list_journal(reader, wanted, limit=IN_SHEET)
        mark = watermark_of(workspace, reader)
    write_whole(path, _workbook(journal, about, mark))
    told = f"{len(journal.lines)} 条，{about or '全部'}，写到 {path.name}"
    workspace.log_access("export", "操作日志", told, about=wanted.person or wanted.household)
    return len(journal.lines)


def _blocks(sheet: JournalSheet) -> list[Block]:
    lines = sheet.journal.lines
    columns = (
        Column("时间", 1.5),
        Column("谁", 1.0),
        Column("做了什么", 5.6, Align.LEFT),
        Column("为什么", 2.2, Align.LEFT),
        Column("编号", 1.2),
    )
    told = f"{sheet.about or '全部'}，{len(lines)} 条"
    told += f"（只印最近的 {len(lines)} 条，更早的请缩小范围再打）" if sheet.journal.more else ""
    return [
        Paragraph((Span("操作日志", Face.TITLE),), _TITLE, keep_with_next=True),
        Paragraph((Span(f"{sheet.mark.village}　{told}", field="范围"),), _TEXT),
        Air(4),
        Table(columns, tuple(_row(line) for line in lines), _CELL, face=Face.TABLE),
        Air(6),
        Paragraph(
            (Span("“改”是改动记录的编号，“查”是查阅记录的编号；两本记录都只能添、不能改，每条都封在后一条里。"),), _NOTE
        ),
    ]


def _row(line: JournalLine) -> Row:
    return Row(
        (
            Cell(f"{line.at:%Y-%m-%d %H:%M}"),
            Cell(line.who, field="谁"),
            Cell(line.sentence, field="做了什么"),
            Cell(line.reason, field="为什么"),
            Cell(line.number),
        )
    )


def _page_number(page: Page, at: int, total: int) -> None:
    glyphs = glyphs_of(f"第 {at} 页　共 {total} 页", Face.TABLE, field="页码")
    page.text((page.width - text_width(glyphs, 9)) / 2, page.height - 12 * MM, glyphs, size=9)


def _workbook(journal: Journal, about: str, mark: Watermark) -> bytes:
    import xlsxwriter  # slow to load and wanted here only

    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("操作日志")
        bold = book.add_format({"bold": True, "bg_color": "#E8F3EC", "border": 1})
        text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        for column, (heading, width) in enumerate(zip(_HEADINGS, _WIDTHS, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, heading, bold)
        for index, line in enumerate(journal.lines, start=1):
            cells = (f"{line.at:%Y-%m-%d %H:%M:%S}", line.who, line.sentence, line.reason, line.number)
            for column, value in enumerate(cells):
                sheet.write_string(index, column, value, text)
        sheet.freeze_panes(1, 0)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        mark_workbook(book, [sheet], mark, title=f"操作日志　{about or '全部'}", note="号码已遮住")
    return content.getvalue()
