"""What a page is filled with: paragraphs, air, pictures, the signing unit with room for its seal.

Each block breaks into pieces, and a piece is never cut by the end of a page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

from desktop_app.pdf_kit.faces import Face
from desktop_app.pdf_kit.page import BLACK, GREY, Page
from desktop_app.pdf_kit.pictures import Picture
from desktop_app.pdf_kit.textlines import Line, Setting, Span, break_text

EM_ASCENT = 0.88
"""How much of an em of a Chinese character lies above the baseline."""
MM = 72 / 25.4
SEAL_MM = 42
"""The side of the square that a village's round seal needs, with a little air."""

Draw = Callable[[Page, float, float], None]
"""Draws a piece on a page with its left top corner at (x, top)."""


class Align(Enum):
    """Where a line stands in its measure."""

    LEFT = "left"
    CENTRE = "centre"
    RIGHT = "right"
    JUSTIFY = "justify"


@dataclass(frozen=True)
class Piece:
    """An uncuttable part of a block.

    `height` is what it takes; of that `trail` points of air below may fall off the end of a page. `keep` holds it on
    one page with the next piece. `head` is drawn again above it when it is the first on a further page.
    `split(room)` gives the part that fits into the room and the rest, for pieces higher than a page.
    """

    height: float
    draw: Draw
    trail: float = 0.0
    keep: bool = False
    head: Piece | None = None
    new_page: bool = False
    leading_air: bool = False
    anchor: str = ""
    split: Callable[[float], tuple[Piece, Piece] | None] | None = None


class Block(Protocol):
    """Anything that a flow can place."""

    def pieces(self, width: float) -> list[Piece]:
        """The block's pieces for a measure in points."""
        ...


@dataclass(frozen=True)
class TextStyle:
    """Type size and line pitch in points, indent in ems, alignment."""

    size: float
    pitch: float
    indent: float = 0.0
    align: Align = Align.JUSTIFY
    tracking: float = 0.0
    hang: bool = True
    grey: float = BLACK


@dataclass(frozen=True)
class Paragraph:
    """Text of one or several faces."""

    spans: tuple[Span, ...]
    style: TextStyle
    keep_with_next: bool = False

    def pieces(self, width: float) -> list[Piece]:
        """One piece a line; the first two and the last two lines of a paragraph stay together."""
        style = self.style
        setting = Setting(
            width=width,
            size=style.size,
            indent=style.indent,
            tracking=style.tracking,
            justify=style.align is Align.JUSTIFY,
            hang=style.hang,
        )
        lines = break_text(self.spans, setting)
        last = len(lines) - 1
        made = []
        for index, line in enumerate(lines):
            keep = self.keep_with_next or (last > 0 and index in (0, last - 1))
            indent = style.indent * style.size if line.opens else 0.0
            draw = line_drawer(line, style, width=width, indent=indent)
            made.append(Piece(style.pitch, draw, trail=style.pitch - style.size, keep=keep))
        return made


def line_drawer(line: Line, style: TextStyle, *, width: float, indent: float = 0.0) -> Draw:
    """Draws one line where its alignment puts it."""
    free = width - line.width
    shift = {Align.CENTRE: free / 2, Align.RIGHT: free}.get(style.align, indent)

    def draw(page: Page, x: float, top: float) -> None:
        baseline = top + EM_ASCENT * style.size
        page.text(x + shift, baseline, line.glyphs, size=style.size, gaps=line.gaps, grey=style.grey)

    return draw


@dataclass(frozen=True)
class Air:
    """Empty height in points; it falls away at the top of a page."""

    height: float
    keep_with_next: bool = False

    def pieces(self, width: float) -> list[Piece]:
        """One piece that draws nothing."""
        del width
        return [Piece(self.height, _nothing, trail=self.height, keep=self.keep_with_next, leading_air=True)]


@dataclass(frozen=True)
class NewPage:
    """What follows begins on a new page."""

    def pieces(self, width: float) -> list[Piece]:
        """A mark without height."""
        del width
        return [Piece(0, _nothing, new_page=True)]


@dataclass(frozen=True)
class Anchor:
    """Remembers on which page the next block stands."""

    key: str

    def pieces(self, width: float) -> list[Piece]:
        """A mark without height that stays with what follows."""
        del width
        return [Piece(0, _nothing, keep=True, anchor=self.key)]


@dataclass(frozen=True)
class SealBlock:
    """The signing unit above its date, right with four characters free, and room for a round seal over both."""

    unit: str
    date: str
    style: TextStyle
    note: str = "（盖章）"

    def pieces(self, width: float) -> list[Piece]:
        """One piece, so that seal, unit and date never part."""
        style = replace(self.style, align=Align.LEFT, indent=0.0)
        setting = Setting(width=width * 0.7, size=style.size)
        units = break_text([Span(self.unit, field="落款单位")], setting)
        (date,) = break_text([Span(self.date, field="落款日期")], setting)
        (note,) = break_text([Span(self.note, Face.KAI)], setting)
        widest = max(date.width, *(line.width for line in units))
        centre = width - 4 * style.size - date.width / 2
        centre = min(centre, width - widest / 2)
        above = max(SEAL_MM * MM / 2 - len(units) * style.pitch, style.pitch)
        height = above + (len(units) + 1) * style.pitch

        def draw(page: Page, x: float, top: float) -> None:
            at = top + above
            for line in (*units, date):
                line_drawer(line, style, width=width)(page, x + centre - line.width / 2, at)
                at += style.pitch
            grey = replace(style, grey=GREY)
            line_drawer(note, grey, width=width)(page, x + centre - widest / 2 - note.width - style.size, top + above)

        return [Piece(height, draw, trail=style.pitch - style.size)]


@dataclass(frozen=True)
class PictureBlock:
    """A picture as large as the measure and `highest` points allow, upright, with its caption below."""

    picture: Picture
    caption: str
    style: TextStyle
    highest: float
    frame: bool = True

    def pieces(self, width: float) -> list[Piece]:
        """One piece: a caption never parts from its picture."""
        captions = break_text([Span(self.caption, field="图片说明")], Setting(width=width, size=self.style.size))
        style = replace(self.style, align=Align.CENTRE)
        below = len(captions) * style.pitch + 6
        shown_width, shown_height = self.picture.shown_size
        scale = min(width / shown_width, (self.highest - below) / shown_height, 1.0)
        wide, high = shown_width * scale, shown_height * scale

        def draw(page: Page, x: float, top: float) -> None:
            left = x + (width - wide) / 2
            page.picture(self.picture, x=left, top=top, width=wide, height=high)
            if self.frame:
                page.box(left, top, width=wide, height=high, line=0.3)
            for index, line in enumerate(captions):
                line_drawer(line, style, width=width)(page, x, top + high + 6 + index * style.pitch)

        return [Piece(high + below, draw)]


def _nothing(page: Page, x: float, top: float) -> None:
    """Draws nothing."""


def all_pieces(blocks: Iterable[Block], width: float) -> list[Piece]:
    """The pieces of several blocks in order."""
    return [piece for block in blocks for piece in block.pieces(width)]
