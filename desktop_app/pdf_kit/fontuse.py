"""The part of one font that one document uses, written as a composite font with a right way back to Unicode."""

from __future__ import annotations

import hashlib

from desktop_app.pdf_kit.faces import open_font
from desktop_app.pdf_kit.objects import ObjectFile

_CMAP_HEAD = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
"""
_CMAP_TAIL = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"


class FontUse:
    """Numbers the characters of one font in the order in which a document first prints them."""

    def __init__(self, name: str, label: str) -> None:
        self.label = label
        self._name = name
        self._file = open_font(name)
        self._codes: dict[str, str] = {}
        self._glyphs = [0]

    def code(self, character: str) -> str:
        """The four hexadecimal digits that print a character."""
        known = self._codes.get(character)
        if known is None:
            known = self._codes[character] = f"{len(self._glyphs):04X}"
            self._glyphs.append(self._file.glyph_of(ord(character)))
        return known

    def write(self, file: ObjectFile) -> int:
        """Write the font with exactly the characters used; the object's number comes back."""
        data = self._file.cut(self._glyphs)
        tag = "".join(chr(65 + byte % 26) for byte in hashlib.sha256(data).digest()[:6])
        base = f"/{tag}+{self._name}"
        metrics = self._file.metrics()
        program = file.add_stream(data, entries=f"/Length1 {len(data)}")
        box = " ".join(map(str, metrics.box))
        descriptor = file.add(
            f"<< /Type /FontDescriptor /FontName {base} /Flags 4 /FontBBox [{box}] /ItalicAngle 0"
            f" /Ascent {metrics.ascent} /Descent {metrics.descent} /CapHeight 733 /StemV 80"
            f" /FontFile2 {program} 0 R >>"
        )
        descendant = file.add(
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont {base}"
            " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
            f" /FontDescriptor {descriptor} 0 R /DW 1000 /W [{self._widths()}] /CIDToGIDMap /Identity >>"
        )
        to_unicode = file.add_stream(self._to_unicode().encode("ascii"))
        return file.add(
            f"<< /Type /Font /Subtype /Type0 /BaseFont {base} /Encoding /Identity-H"
            f" /DescendantFonts [{descendant} 0 R] /ToUnicode {to_unicode} 0 R >>"
        )

    def _widths(self) -> str:
        """The advances that differ from a full em, in groups of neighbours."""
        groups: list[str] = []
        last = -2
        for code, glyph in enumerate(self._glyphs):
            width = self._file.advance(glyph)
            if width == 1000:
                continue
            if code == last + 1:
                groups[-1] += f" {width}"
            else:
                groups.append(f"{code} [{width}")
            last = code
        return "".join(f"{group}] " for group in groups).strip()

    def _to_unicode(self) -> str:
        pairs = [f"<{code}> <{text.encode('utf-16-be').hex().upper()}>" for text, code in self._codes.items()]
        blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
        body = "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks)
        return _CMAP_HEAD + body + _CMAP_TAIL
