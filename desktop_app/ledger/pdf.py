"""A posted voucher on A5 across, with a column for each digit; a long one goes on over further sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from desktop_app.ledger.rows import PostingLine, VoucherDetail
from desktop_app.pdf_kit.blocks import EM_ASCENT, Align, TextStyle, line_drawer
from desktop_app.pdf_kit.document import A4, POINTS_PER_MM, PdfDocument, RenderedPdf
from desktop_app.pdf_kit.faces import Face, glyphs_of
from desktop_app.pdf_kit.page import GREY, LINE_GREY, Page
from desktop_app.pdf_kit.textlines import Line, Setting, Span, break_text, text_width
from desktop_app.pdf_kit.watermark import mark_pages
from village_core.domain.ledger.voucher import spoken_number, with_printed_number
from village_core.domain.money import capital_yuan, format_yuan

A5_ACROSS = (A4[1] / 2**0.5, A4[0] / 2**0.5)
PLACES = "亿千百十万千百十元角分"
_LEFT, _RIGHT, _TOP = 18 * POINTS_PER_MM, 14 * POINTS_PER_MM, 96.0
_SHARES = (0.29, 0.15, 0.18, 0.19, 0.19)
_HEAD, _ROW, _LINES = 34.0, 27.0, 7
_SIZE, _PITCH = 10.5, 13.5


@dataclass(frozen=True)
class _Row:
    """One line of the voucher with its words broken into the width of their columns."""

    line: PostingLine | None
    words: tuple[list[Line], ...]
    height: float


def render_voucher(detail: VoucherDetail, organisation: str, *, watermark: str) -> RenderedPdf:
    """The voucher as PDF/A-2b, who printed it when at its foot. Raises RefusedError when a character is in no font."""
    document = PdfDocument(title=f"记账凭证 {detail.number_text}", created=detail.voucher_date)
    sheets = _sheets([_broken(line) for line in detail.lines])
    for number, rows in enumerate(sheets, start=1):
        _Sheet(document.new_page(A5_ACROSS), detail, organisation).draw(rows, number=number, of=len(sheets))
    mark_pages(document.pages, watermark)
    return document.render()


def _width() -> float:
    return A5_ACROSS[0] - _LEFT - _RIGHT


def _edges() -> list[float]:
    edges = [_LEFT]
    for share in _SHARES:
        edges.append(edges[-1] + _width() * share)
    return edges


def _broken(line: PostingLine) -> _Row:
    edges = _edges()
    words = tuple(
        _lines(text, field, width=edges[column + 1] - edges[column] - 8)
        for column, (text, field) in enumerate(
            ((line.summary, "摘要"), (line.root_name, "总账科目"), (line.detail_name, "明细科目"))
        )
    )
    return _Row(line, words, max(_ROW, max(len(lines) for lines in words) * _PITCH + 8))


def _lines(text: str, field: str, *, width: float, face: Face = Face.BODY) -> list[Line]:
    return break_text([Span(text, face, field)], Setting(width=width, size=_SIZE)) if text else []


def _sheets(rows: Sequence[_Row]) -> list[list[_Row]]:
    """As many rows a sheet as fit, the last one filled up with empty rows."""
    sheets: list[list[_Row]] = [[]]
    for row in rows:
        if sum(other.height for other in sheets[-1]) + row.height > _LINES * _ROW and sheets[-1]:
            sheets.append([])
        sheets[-1].append(row)
    for sheet in sheets:
        while sum(row.height for row in sheet) + _ROW <= _LINES * _ROW:
            sheet.append(_Row(None, (), _ROW))
    return sheets


class _Sheet:
    """Draws one sheet."""

    def __init__(self, page: Page, detail: VoucherDetail, organisation: str) -> None:
        self._page = page
        self._detail = detail
        self._organisation = organisation
        self._edges = _edges()

    def draw(self, rows: Sequence[_Row], *, number: int, of: int) -> None:
        page, edges = self._page, self._edges
        self._draw_top(f"　{number}/{of}" if of > 1 else "")
        self._draw_head()
        top = _TOP + _HEAD
        for row in rows:
            self._draw_row(row, top)
            page.line((edges[0], top), (edges[-1], top), width=0.7)
            top += row.height
        page.line((edges[0], top), (edges[-1], top), width=0.7)
        self._draw_total(top, last=number == of)
        bottom = top + _ROW
        for column, edge in enumerate(edges[1:-1], start=1):
            page.line((edge, _TOP), (edge, bottom if column >= 3 else top), width=0.7)
        for column in (3, 4):
            for place in range(1, len(PLACES)):
                x = self._place(column, place)
                page.line((x, _TOP + _HEAD / 2), (x, bottom), width=0.3, grey=LINE_GREY)
        page.box(edges[0], _TOP, width=edges[-1] - edges[0], height=bottom - _TOP, line=1.2)
        self._draw_aside(bottom)
        self._draw_foot(bottom)

    def _draw_top(self, sheet: str) -> None:
        title = glyphs_of("记账凭证", Face.TITLE, field="标题")
        size, gap = 20.0, 9.0
        width = text_width(title, size) + gap * 3
        x = (self._page.width - width) / 2
        self._page.text(x, 50, title, size=size, gaps=(gap, gap, gap, 0))
        for y in (57, 59.5):
            self._page.line((x - 8, y), (x + width + 8, y), width=0.6)
        day = self._detail.voucher_date
        number = with_printed_number(spoken_number(self._detail.number_text), self._detail.printed_number)
        for text, align in (
            (self._organisation, Align.LEFT),
            (_spaced(day), Align.CENTRE),
            (number + sheet, Align.RIGHT),
        ):
            self._draw_words(text, "凭证", self._edges[0], 78, width=_width(), align=align)

    def _draw_head(self) -> None:
        self._page.box(_LEFT, _TOP, width=_width(), height=_HEAD, line=0, fill=0.94)
        for column, title in enumerate(("摘要", "总账科目", "明细科目")):
            self._draw_in_cell(title, column, _TOP, _HEAD, face=Face.HEADING)
        for column, title in ((3, "借方金额"), (4, "贷方金额")):
            self._draw_in_cell(title, column, _TOP, _HEAD / 2, face=Face.HEADING)
            self._page.line(
                (self._edges[column], _TOP + _HEAD / 2), (self._edges[column + 1], _TOP + _HEAD / 2), width=0.4
            )
            for place, digit in enumerate(PLACES):
                self._draw_digit(digit, column, place, top=_TOP + _HEAD / 2, height=_HEAD / 2, size=7, grey=GREY)

    def _draw_row(self, row: _Row, top: float) -> None:
        if row.line is None:
            return
        style = TextStyle(_SIZE, _PITCH, align=Align.LEFT)
        for column, lines in enumerate(row.words):
            at = top + (row.height - len(lines) * _PITCH) / 2 + (_PITCH - _SIZE) / 2
            width = self._edges[column + 1] - self._edges[column] - 8
            for line in lines:
                line_drawer(line, style, width=width)(self._page, self._edges[column] + 4, at)
                at += _PITCH
        self._draw_amount(row.line.debit_fen, 3, top=top, height=row.height)
        self._draw_amount(row.line.credit_fen, 4, top=top, height=row.height)

    def _draw_amount(self, fen: int, column: int, *, top: float, height: float, sign: str = "") -> None:
        """A digit a column; red letters are a minus before the first digit, since the sheet may be printed in black."""
        if not fen:
            return
        digits = f"{'-' if fen < 0 else sign}{abs(fen):03d}"
        if len(digits) > len(PLACES):
            self._draw_in_cell(format_yuan(fen), column, top, height, face=Face.TABLE)
            return
        for place, digit in enumerate(digits, start=len(PLACES) - len(digits)):
            self._draw_digit(digit, column, place, top=top, height=height, size=_SIZE)

    def _draw_total(self, top: float, *, last: bool) -> None:
        detail = self._detail
        words = f"合计（大写）　{capital_yuan(detail.amount_fen)}" if last else "（接下页）"
        self._draw_words(words, "合计", _LEFT + 4, top + (_ROW - _SIZE) / 2, width=self._edges[3] - _LEFT - 8)
        if last:
            credit = sum(line.credit_fen for line in detail.lines)
            self._draw_amount(detail.amount_fen, 3, top=top, height=_ROW, sign="¥")
            self._draw_amount(credit, 4, top=top, height=_ROW, sign="¥")

    def _draw_aside(self, bottom: float) -> None:
        words = ("附", "单", "据", str(self._detail.paper_count), "张")
        top = (_TOP + bottom - len(words) * 16) / 2
        for number, word in enumerate(words):
            self._draw_words(word, "附单据", self._edges[-1], top + number * 16, width=_RIGHT - 8, align=Align.CENTRE)

    def _draw_foot(self, bottom: float) -> None:
        detail = self._detail
        booked = detail.reviewed_by or detail.prepared_by
        names = (
            ("会计主管", ""), ("记账", booked), ("审核", detail.reviewed_by), ("出纳", ""), ("制单", detail.prepared_by)
        )  # fmt: skip
        step = _width() / len(names)
        for number, (title, name) in enumerate(names):
            self._draw_words(f"{title}：{name}", title, _LEFT + step * number, bottom + 10, width=step)
        notes = [f"银行回单号：{detail.bank_receipt}"] if detail.bank_receipt else []
        if detail.reversed_by is not None:
            notes.append(f"已由 {detail.reversed_by[1]} 冲销")
        if detail.reason:
            notes.append(f"原因：{detail.reason}")
        if notes:
            self._draw_words("　".join(notes), "备注", _LEFT, bottom + 25, width=_width())

    def _draw_words(
        self, text: str, field: str, x: float, top: float, *, width: float, align: Align = Align.LEFT
    ) -> None:
        style = TextStyle(_SIZE, _PITCH, align=align)
        for line in _lines(text, field, width=width):
            line_drawer(line, style, width=width)(self._page, x, top)
            top += _PITCH

    def _draw_in_cell(self, text: str, column: int, top: float, height: float, *, face: Face) -> None:
        glyphs = glyphs_of(text, face, field="表头")
        x = (self._edges[column] + self._edges[column + 1] - text_width(glyphs, _SIZE)) / 2
        self._page.text(x, top + (height - _SIZE) / 2 + EM_ASCENT * _SIZE, glyphs, size=_SIZE)

    def _draw_digit(
        self, digit: str, column: int, place: int, *, top: float, height: float, size: float, grey: float = 0.0
    ) -> None:
        glyphs = glyphs_of(digit, Face.TABLE, field="金额")
        room = self._place(column, place + 1) - self._place(column, place)
        x = self._place(column, place) + (room - text_width(glyphs, size)) / 2
        self._page.text(x, top + (height - size) / 2 + EM_ASCENT * size, glyphs, size=size, grey=grey)

    def _place(self, column: int, place: int) -> float:
        left, right = self._edges[column], self._edges[column + 1]
        return left + (right - left) * place / len(PLACES)


def _spaced(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
