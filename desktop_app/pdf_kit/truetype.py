"""Reads a TrueType file lazily through a memory map and cuts the glyphs of one document out of it.

Only what a printed page needs: the character map, the advances and the outlines. The fonts are ours (cut by
`build_spec/cut_fonts.py`), so one kind of character map (format 12) is enough.
"""

from __future__ import annotations

import mmap
import struct
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

# Flags of a composite glyph's component record (OpenType, table glyf).
_WORDS, _SCALE, _MORE, _XY_SCALE, _TWO_BY_TWO = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080


@dataclass(frozen=True)
class FontMetrics:
    """Vertical measures and box in thousandths of an em."""

    ascent: int
    descent: int
    box: tuple[int, int, int, int]


class TrueTypeFile:
    """One font file. Opening it reads the table directory only; everything else is read on first use."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        count = int.from_bytes(self._data[4:6], "big")
        self._tables: dict[str, tuple[int, int]] = {}
        for index in range(count):
            tag, _, offset, length = struct.unpack_from(">4sIII", self._data, 12 + 16 * index)
            self._tables[tag.decode("latin-1")] = (offset, length)
        self._long_offsets = bool(struct.unpack_from(">h", self._data, self._tables["head"][0] + 50)[0])
        self._metric_count: int = struct.unpack_from(">H", self._data, self._tables["hhea"][0] + 34)[0]
        self._units: int = struct.unpack_from(">H", self._data, self._tables["head"][0] + 18)[0]
        self._known: dict[int, int] = {}
        self._starts: tuple[int, ...] = ()
        self._groups: tuple[int, ...] = ()

    def glyph_of(self, code: int) -> int:
        """The glyph of a code point; 0 when the font has none."""
        known = self._known.get(code)
        if known is None:
            known = self._known[code] = self._find_glyph(code)
        return known

    def _find_glyph(self, code: int) -> int:
        if not self._starts:
            self._read_character_map()
        at = bisect_right(self._starts, code) - 1
        if at < 0:
            return 0
        first, last, glyph = self._groups[3 * at : 3 * at + 3]
        return glyph + code - first if code <= last else 0

    def _read_character_map(self) -> None:
        start = self._tables["cmap"][0]
        (count,) = struct.unpack_from(">H", self._data, start + 2)
        for index in range(count):
            (offset,) = struct.unpack_from(">I", self._data, start + 4 + 8 * index + 4)
            (kind,) = struct.unpack_from(">H", self._data, start + offset)
            if kind == 12:
                (groups,) = struct.unpack_from(">I", self._data, start + offset + 12)
                self._groups = struct.unpack_from(f">{3 * groups}I", self._data, start + offset + 16)
                self._starts = self._groups[::3]
                return
        raise ValueError(f"{self.name} has no character map of format 12")

    def advance(self, glyph: int) -> int:
        """How far a glyph moves the pen, in thousandths of an em."""
        index = min(glyph, self._metric_count - 1)
        width: int = struct.unpack_from(">H", self._data, self._tables["hmtx"][0] + 4 * index)[0]
        return round(width * 1000 / self._units)

    def metrics(self) -> FontMetrics:
        """Ascent, descent and box of the whole font."""
        box = struct.unpack_from(">4h", self._data, self._tables["head"][0] + 36)
        ascent, descent = struct.unpack_from(">2h", self._data, self._tables["hhea"][0] + 4)
        scaled = [round(value * 1000 / self._units) for value in (ascent, descent, *box)]
        return FontMetrics(scaled[0], scaled[1], (scaled[2], scaled[3], scaled[4], scaled[5]))

    def _outline(self, glyph: int) -> bytes:
        start = self._tables["loca"][0]
        if self._long_offsets:
            first, last = struct.unpack_from(">2I", self._data, start + 4 * glyph)
        else:
            first, last = (2 * half for half in struct.unpack_from(">2H", self._data, start + 2 * glyph))
        base = self._tables["glyf"][0]
        return self._data[base + first : base + last]

    def _side_bearing(self, glyph: int) -> bytes:
        start = self._tables["hmtx"][0]
        if glyph < self._metric_count:
            return self._data[start + 4 * glyph : start + 4 * glyph + 4]
        last = self._data[start + 4 * self._metric_count - 4 : start + 4 * self._metric_count - 2]
        at = start + 4 * self._metric_count + 2 * (glyph - self._metric_count)
        return last + self._data[at : at + 2]

    def cut(self, glyphs: list[int]) -> bytes:
        """A font file whose glyph n is `glyphs[n]`; glyph 0 should be 0. Parts of composites are added at the end.

        The same glyph may stand at several places: a PDF then tells apart two characters that look alike.
        """
        wanted = list(glyphs)
        places = {glyph: place for place, glyph in reversed(list(enumerate(glyphs)))}
        outlines: list[bytes] = []
        while len(outlines) < len(wanted):
            outlines.append(self._renumbered(self._outline(wanted[len(outlines)]), wanted, places))
        offsets, body = [0], bytearray()
        for outline in outlines:
            body += outline + bytes(-len(outline) % 4)
            offsets.append(len(body))
        head = bytearray(self._table("head"))
        head[8:12] = bytes(4)
        head[50:52] = b"\x00\x01"
        hhea = bytearray(self._table("hhea"))
        hhea[34:36] = len(wanted).to_bytes(2, "big")
        maxp = bytearray(self._table("maxp"))
        maxp[4:6] = len(wanted).to_bytes(2, "big")
        tables = {
            "glyf": bytes(body),
            "head": bytes(head),
            "hhea": bytes(hhea),
            "hmtx": b"".join(self._side_bearing(glyph) for glyph in wanted),
            "loca": struct.pack(f">{len(offsets)}I", *offsets),
            "maxp": bytes(maxp),
        }
        return _font_file(tables)

    def _table(self, tag: str) -> bytes:
        offset, length = self._tables[tag]
        return self._data[offset : offset + length]

    def _renumbered(self, outline: bytes, wanted: list[int], places: dict[int, int]) -> bytes:
        """A composite glyph with its parts' new numbers; parts not yet wanted are appended to `wanted`."""
        if not outline or outline[0] < 0x80:
            return outline
        changed = bytearray(outline)
        at, flags = 10, _MORE
        while flags & _MORE:
            flags, part = struct.unpack_from(">2H", outline, at)
            if part not in places:
                places[part] = len(wanted)
                wanted.append(part)
            struct.pack_into(">H", changed, at + 2, places[part])
            at += 8 if flags & _WORDS else 6
            at += 2 if flags & _SCALE else 4 if flags & _XY_SCALE else 8 if flags & _TWO_BY_TWO else 0
        return bytes(changed)


def _checksum(data: bytes) -> int:
    padded = data + bytes(-len(data) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF


def _font_file(tables: dict[str, bytes]) -> bytes:
    """The tables behind a directory, with their sums."""
    count = len(tables)
    power = count.bit_length() - 1
    directory = struct.pack(">I4H", 0x00010000, count, 16 << power, power, 16 * count - (16 << power))
    at, body, head_at = 12 + 16 * count, bytearray(), 0
    for tag in sorted(tables):
        data = tables[tag]
        directory += struct.pack(">4s3I", tag.encode(), _checksum(data), at + len(body), len(data))
        if tag == "head":
            head_at = at + len(body)
        body += data + bytes(-len(data) % 4)
    file = bytearray(directory) + body
    struct.pack_into(">I", file, head_at + 8, (0xB1B0AFBA - _checksum(bytes(file))) & 0xFFFFFFFF)
    return bytes(file)
