"""Tables whose cells wrap and whose head is printed again on each page. Forms are tables without a head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from desktop_app.pdf_kit.blocks import Align, Draw, Piece, TextStyle, line_drawer
from desktop_app.pdf_kit.faces import Face, glyphs_of
from desktop_app.pdf_kit.page import FAINT, Page
from desktop_app.pdf_kit.textlines import Line, Setting, Span, break_text, text_width

_BESIDE = 4.0
_ABOVE = 4.0


@dataclass(frozen=True)
class Column:
    """A column: its heading, its share of the width (unless the table fits itself) and how its cells stand."""

    title: str
    share: float = 1.0
    align: Align = Align.CENTRE


@dataclass(frozen=True)
class Cell:
    """One cell. It may span columns; `label` prints it as a heading on a tinted ground."""

    text: str = ""
    span: int = 1
    align: Align | None = None
    label: bool = False
    face: Face | None = None
    field: str = ""


@dataclass(frozen=True)
class Row:
    """Cells from left to right, at least `least` points high; `keep` holds it with the row below.

    `goal` makes the row jump to the anchor of that name.
    """

    cells: tuple[Cell, ...]
    least: float = 0.0
    keep: bool = False
    goal: str = ""


@dataclass(frozen=True)
class Table:
    """Rows in columns. `fit` gives each column what its text needs instead of its share."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    style: TextStyle
    headed: bool = True
    face: Face = Face.BODY
    fit: bool = False
    ruled: bool = True

    def pieces(self, width: float) -> list[Piece]:
        """One piece a row; a row higher than a page is split between its lines."""
        shares = self._needs(width) if self.fit else [column.share for column in self.columns]
        widths = [share * width / sum(shares) for share in shares]
        head = self._head(widths) if self.headed else None
        rows = [self._row(row, widths, head) for row in self.rows]
        if head is None:
            return rows
        return [replace(head, keep=True), *rows]

    def _needs(self, width: float) -> list[float]:
        """What each column would like: its longest cell and its heading on one line; on two lines if it is tight."""
        cells = [0.0] * len(self.columns)
        for row in self.rows:
            column = 0
            for cell in row.cells:
                if cell.span == 1:
                    name = cell.field or self.columns[column].title
                    cells[column] = max(cells[column], self._natural(cell.text, cell.face or self.face, field=name))
                column += cell.span
        heads = [self._natural(column.title, Face.HEADING, field="表头") for column in self.columns]
        heads = heads if self.headed else [0.0] * len(heads)
        wanted = [max(pair) for pair in zip(cells, heads, strict=True)]
        halves = [self._two_lines(column.title, head) for column, head in zip(self.columns, heads, strict=True)]
        least = [max(cell, half) for cell, half in zip(cells, halves, strict=True)]
        while sum(wanted) > width and any(need < want for need, want in zip(least, wanted, strict=True)):
            # The heading that gains most by a second line gets it first.
            widest = max(range(len(wanted)), key=lambda column: wanted[column] - least[column])
            wanted[widest] = least[widest]
        return _poured(wanted, width)

    def _two_lines(self, title: str, natural: float) -> float:
        """What a heading needs in two lines: the unit in brackets has the second for itself."""
        if not self.headed or not natural:
            return 0.0
        parted = _parted(title)
        return natural / 2 + self.style.size if parted == title else self._natural(parted, Face.HEADING, field="表头")

    def _natural(self, text: str, face: Face, *, field: str) -> float:
        lines = (glyphs_of(line, face, field=field) for line in text.splitlines())
        longest = max((text_width(line, self.style.size) for line in lines), default=0.0)
        return longest + 2 * _BESIDE + 2

    def _head(self, widths: Sequence[float]) -> Piece:
        titles = [
            column.title
            if self._natural(column.title, Face.HEADING, field="表头") <= width + 2
            else _parted(column.title)
            for column, width in zip(self.columns, widths, strict=True)
        ]
        cells = tuple(Cell(title, label=True, align=Align.CENTRE) for title in titles)
        return self._row(Row(cells), widths, None)

    def _row(self, row: Row, widths: Sequence[float], head: Piece | None) -> Piece:
        placed: list[_PlacedCell] = []
        column = 0
        for cell in row.cells:
            wide = sum(widths[column : column + cell.span])
            placed.append(self._place(cell, self.columns[column], left=sum(widths[:column]), width=wide))
            column += cell.span
        shape = _RowShape(self.style, least=row.least, keep=row.keep, head=head, ruled=self.ruled, goal=row.goal)
        return _row_piece(placed, shape)

    def _place(self, cell: Cell, column: Column, *, left: float, width: float) -> _PlacedCell:
        align = cell.align or (Align.CENTRE if cell.label else column.align)
        face = cell.face or (Face.HEADING if cell.label else self.face)
        name = cell.field or column.title or "表格"
        setting = Setting(width=width - 2 * _BESIDE, size=self.style.size)
        lines = break_text([Span(cell.text, face, name)], setting) if cell.text else []
        return _PlacedCell(left, width, tuple(lines), align, cell.label)


@dataclass(frozen=True)
class _PlacedCell:
    left: float
    width: float
    lines: tuple[Line, ...]
    align: Align
    label: bool


@dataclass(frozen=True)
class _RowShape:
    style: TextStyle
    least: float
    keep: bool
    head: Piece | None
    ruled: bool
    goal: str


def _row_piece(cells: Sequence[_PlacedCell], shape: _RowShape) -> Piece:
    style = shape.style
    most = max((len(cell.lines) for cell in cells), default=0)
    height = max(most * style.pitch + 2 * _ABOVE, shape.least)

    def split(room: float) -> tuple[Piece, Piece] | None:
        fit = int((room - 2 * _ABOVE) // style.pitch)
        if fit < 1 or fit >= most:
            return None
        first = [replace(cell, lines=cell.lines[:fit]) for cell in cells]
        rest = [replace(cell, lines=cell.lines[fit:]) for cell in cells]
        return _row_piece(first, replace(shape, least=0, keep=False)), _row_piece(rest, replace(shape, least=0))

    draw = _row_drawer(cells, shape, height)
    return Piece(height, draw, keep=shape.keep, head=shape.head, split=split)


def _row_drawer(cells: Sequence[_PlacedCell], shape: _RowShape, height: float) -> Draw:
    style = shape.style

    def draw(page: Page, x: float, top: float) -> None:
        if shape.goal:
            page.link((x, top, x + sum(cell.width for cell in cells), top + height), shape.goal)
        for cell in cells:
            if cell.label:
                page.box(x + cell.left, top, width=cell.width, height=height, line=0, fill=FAINT)
        for cell in cells:
            if shape.ruled:
                page.box(x + cell.left, top, width=cell.width, height=height)
            # The air of a line pitch lies below the letters: half of it moves the text to the middle.
            air = style.pitch - style.size
            at = top + (height - len(cell.lines) * style.pitch + air) / 2
            aligned = replace(style, align=cell.align)
            for line in cell.lines:
                drawer = line_drawer(line, aligned, width=cell.width - 2 * _BESIDE)
                drawer(page, x + cell.left + _BESIDE, at)
                at += style.pitch

    return draw


def _parted(title: str) -> str:
    """拟救助金额 over （元）, not 拟救助金 over 额（元）."""
    return title.replace("（", "\n（", 1) if title.find("（") > 0 else title


def _poured(needs: Sequence[float], width: float) -> list[float]:
    """Narrow columns get what they need and a little air; the wide ones share what is left and wrap."""
    given = [0.0] * len(needs)
    left = width
    order = sorted(range(len(needs)), key=lambda column: needs[column])
    for place, column in enumerate(order):
        given[column] = min(needs[column], left / (len(order) - place))
        left -= given[column]
    return [share + left / len(needs) for share in given]
