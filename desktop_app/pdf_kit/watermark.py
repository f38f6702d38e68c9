"""The watermark of a paper: one light line at the foot of each sheet, outside the text area.

It is marked as an artifact and drawn last: who copies or searches the text gets the text undisturbed.
"""

from __future__ import annotations

from collections.abc import Iterable

from desktop_app.pdf_kit.blocks import MM
from desktop_app.pdf_kit.faces import Face, glyphs_of
from desktop_app.pdf_kit.page import LINE_GREY, Page
from desktop_app.pdf_kit.textlines import text_width

_SIZE = 7.5
_ABOVE_EDGE = 6 * MM
_SIDE = 10 * MM


def mark_pages(pages: Iterable[Page], words: str, *, cut: Iterable[float] = ()) -> None:
    """Write the words right-aligned at the foot of each page, and above each line (from the top) along which it is
    cut: each part bears them."""
    glyphs = glyphs_of(words, Face.TABLE, field="水印")
    width = text_width(glyphs, _SIZE)
    lines = tuple(cut)
    for page in pages:
        for foot in (*lines, page.height):
            page.artifact(page.width - _SIDE - width, foot - _ABOVE_EDGE, glyphs, size=_SIZE, grey=LINE_GREY)
