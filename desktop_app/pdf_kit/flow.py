"""Fills pages with blocks from top to bottom, inside the frame of GB/T 9704 or a narrower one of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from desktop_app.pdf_kit.blocks import EM_ASCENT, MM, Align, Block, Piece, TextStyle, all_pieces
from desktop_app.pdf_kit.document import PdfDocument
from desktop_app.pdf_kit.faces import Face, glyphs_of
from desktop_app.pdf_kit.page import Page
from desktop_app.pdf_kit.textlines import text_width

_SLACK = 0.05


@dataclass(frozen=True)
class Frame:
    """The text area of a page, in points."""

    left: float
    top: float
    width: float
    height: float

    @property
    def bottom(self) -> float:
        """Where the text area ends, from the top of the sheet."""
        return self.top + self.height


OFFICIAL_FRAME = Frame(left=28 * MM, top=37 * MM, width=156 * MM, height=225 * MM)
"""版心 of GB/T 9704-2012: 156 × 225 mm, 天头 37 mm, 订口 28 mm."""
RECORD_FRAME = Frame(left=25 * MM, top=22 * MM, width=165 * MM, height=250 * MM)
"""Archive sheets: a little more room than an official paper, with a margin for binding."""

CHARACTER_SIZE = 15.75
"""3号, in points."""
LINE_PITCH = CHARACTER_SIZE * 15 / 8
"""行 = 3号字的高度加 3号字高的 7/8: 22 lines in 225 mm."""
_TRACKING = (OFFICIAL_FRAME.width - 28 * CHARACTER_SIZE) / 27

OFFICIAL_BODY = TextStyle(CHARACTER_SIZE, LINE_PITCH, indent=2, tracking=_TRACKING)
"""Body text: 28 characters a line, 22 lines a page, first line two characters in."""
OFFICIAL_TITLE = TextStyle(22, 33, align=Align.CENTRE, hang=False)
"""2号 小标宋, centred."""

Furniture = Callable[[Page, int, int], None]
"""Draws what stands outside the text area of a page, given its number (from 1) and how many there are."""


class Flow:
    """Places blocks page after page. `anchors` tells on which page (from 1) each anchor came to stand."""

    def __init__(self, document: PdfDocument, frame: Frame) -> None:
        self.anchors: dict[str, int] = {}
        self._document = document
        self._frame = frame
        self._page: Page | None = None
        self._at = 0.0

    def add(self, blocks: Iterable[Block]) -> None:
        """Place blocks below what is there, on further pages as needed."""
        pieces = all_pieces(blocks, self._frame.width)
        index = 0
        while index < len(pieces):
            end = index + 1
            while end < len(pieces) and pieces[end - 1].keep:
                end += 1
            self._place_together(pieces[index:end])
            index = end

    def furnish(self, furniture: Furniture) -> None:
        """Draw page numbers and the like on all pages; last, so that a reader's copy begins with the text."""
        pages = self._document.pages
        for at, page in enumerate(pages, start=1):
            furniture(page, at, len(pages))

    def _place_together(self, group: list[Piece]) -> None:
        """Pieces that belong on one page; a group higher than a page is placed piece by piece."""
        needed = sum(piece.height for piece in group) - group[-1].trail
        room = self._frame.bottom - self._at
        whole_page = self._frame.height - (group[0].head.height if group[0].head else 0)
        if self._page is not None and room + _SLACK < needed <= whole_page:
            self._open_page(group[0].head)
        for piece in group:
            self._place(piece)

    def _place(self, piece: Piece) -> None:
        fresh = self._page is not None and self._at == self._frame.top
        if self._page is None or (piece.new_page and not fresh):
            self._open_page(None)
        if piece.new_page or (piece.leading_air and fresh):
            return
        room = self._frame.bottom - self._at
        if piece.height - piece.trail > room + _SLACK:
            halves = self._split(piece, room)
            if halves is not None:
                self._place(halves[0])
                self._open_page(piece.head)
                self._place(halves[1])
                return
            self._open_page(piece.head)
        assert self._page is not None
        if piece.anchor:
            self.anchors[piece.anchor] = len(self._document.pages)
            self._document.set_place(piece.anchor, self._page, top=self._at)
        piece.draw(self._page, self._frame.left, self._at)
        self._at += piece.height

    def _split(self, piece: Piece, room: float) -> tuple[Piece, Piece] | None:
        """A row is split only when a page of its own could not hold it."""
        fresh = self._frame.height - (piece.head.height if piece.head else 0)
        if piece.split is None or piece.height <= fresh:
            return None
        return piece.split(room)

    def _open_page(self, head: Piece | None) -> None:
        self._page = self._document.new_page()
        self._at = self._frame.top
        if head is not None:
            head.draw(self._page, self._frame.left, self._at)
            self._at += head.height


def official_page_number(page: Page, at: int, total: int) -> None:
    """— 1 — in 4号, 7 mm below the text area; right on odd pages, left on even ones, one character in."""
    del total
    size = 14.0
    glyphs = glyphs_of(f"— {at} —", Face.BODY, field="页码")
    frame = OFFICIAL_FRAME
    right = frame.left + frame.width - size - text_width(glyphs, size)
    x = right if at % 2 else frame.left + size
    page.text(x, frame.bottom + 7 * MM + EM_ASCENT * size, glyphs, size=size)
