"""The five faces of our papers and the choice of a font for every single character.

A glyph that a font lacks would be printed as nothing, silently. So each character goes to the first font of its face's
chain that has it, and a character that none has refuses to print and is named together with its field.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache

from desktop_app.pdf_kit.truetype import TrueTypeFile
from village_core.domain.errors import RefusedError
from village_core.resources import resource_path


class Face(Enum):
    """What a text is, as the rule for official papers names it; the value is the font file that stands in."""

    BODY = "NotoSerifSC-Regular"
    """仿宋 of the body."""
    TITLE = "NotoSerifSC-Bold"
    """小标宋 of titles."""
    HEADING = "NotoSansSC-Bold"
    """黑体 of first headings and table heads."""
    TABLE = "NotoSansSC-Regular"
    """A light 黑体 for small print, labels and figures."""
    KAI = "LXGWWenKai-Full"
    """楷体 of second headings and hand-like entries."""


_FALLBACK = ("NotoSerifSC-Rare", "LXGWWenKai-Full", "NotoSerifSC-Regular")
_BOLD = frozenset({Face.TITLE, Face.HEADING})

_INVISIBLE = frozenset(
    [0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]
)


@dataclass(frozen=True)
class Glyph:
    """One character as it will be printed. `width` is in thousandths of an em; `embolden` asks for a drawn outline
    because the chain fell from a bold face to a regular one."""

    character: str
    font: str
    width: int
    embolden: bool = False


@cache
def open_font(name: str) -> TrueTypeFile:
    """A font of `resources/fonts`, opened once."""
    return TrueTypeFile(resource_path("fonts", f"{name}.ttf"))


def printable(text: str) -> str:
    """The text without what has no shape: joiners, variation marks and control characters; tabs become blanks."""
    if text.isascii() and text.isprintable():
        return text
    kept = (" " if c in "\t\u2028\u2029" else c for c in text if ord(c) not in _INVISIBLE)
    return "".join(c for c in kept if c == "\n" or unicodedata.category(c) != "Cc")


def glyphs_of(text: str, face: Face, *, field: str) -> tuple[Glyph, ...]:
    """The glyphs of one line of text. `field` is told to the user when a character is in no font.

    Raises:
        RefusedError: a character is in no font.
    """
    return tuple(_glyph(character, face) or _refuse(character, field) for character in printable(text))


def missing_characters(text: str) -> tuple[str, ...]:
    """The characters that no font can print, in order, each once."""
    visible = dict.fromkeys(printable(text).replace("\n", ""))
    return tuple(character for character in visible if _glyph(character, Face.BODY) is None)


@lru_cache(maxsize=20_000)
def _glyph(character: str, face: Face) -> Glyph | None:
    code = ord(character)
    for name in (face.value, *_FALLBACK):
        font = open_font(name)
        glyph = font.glyph_of(code)
        if glyph:
            fell = name != face.value and face in _BOLD
            return Glyph(character, name, font.advance(glyph), embolden=fell)
    return None


def _refuse(character: str, field: str) -> Glyph:
    raise RefusedError(
        f"“{field}”里的“{character}”（U+{ord(character):04X}）这个字，字库里没有，印出来会缺字。",
        safe="没有打印，资料没有改动。",
        next_step="请核对是不是录错了字；没有录错的，请把这个字报给县里补字库。",
    )
