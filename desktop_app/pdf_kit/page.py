"""One page to draw on: text, lines, boxes, pictures, links. Measures are points from the left and from the top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, groupby, repeat

from desktop_app.pdf_kit.faces import Glyph
from desktop_app.pdf_kit.fontuse import FontUse
from desktop_app.pdf_kit.objects import ObjectFile, number
from desktop_app.pdf_kit.pictures import Picture

Point = tuple[float, float]

BLACK = 0.0
GREY = 0.45
LINE_GREY = 0.6
FAINT = 0.94


class Page:
    """Collects drawing operators. Fonts are shared by all pages of a document and grow as text is drawn."""

    def __init__(self, size: tuple[float, float], fonts: dict[str, FontUse]) -> None:
        self.width, self.height = size
        self.pictures: dict[str, Picture] = {}
        self._fonts = fonts
        self._used: dict[str, None] = {}
        self._ops: list[str] = []
        self._links: list[tuple[float, float, float, float, str]] = []

    def text(
        self,
        x: float,
        baseline: float,
        glyphs: Sequence[Glyph],
        *,
        size: float,
        gaps: Sequence[float] = (),
        grey: float = BLACK,
    ) -> None:
        """Print glyphs from `x` on `baseline`. `gaps[i]` points of air follow glyph i (negative pulls together)."""
        if not glyphs:
            return
        ops = [f"BT {number(grey)} g 1 0 0 1 {number(x)} {number(self.height - baseline)} Tm"]
        at = 0
        for (font, bold), group in groupby(glyphs, key=lambda glyph: (glyph.font, glyph.embolden)):
            run = list(group)
            use = self._font(font)
            ops.append(f"/{use.label} {number(size)} Tf")
            shown = _show(run, gaps[at : at + len(run)], use, size)
            # Rare characters have no bold face: a thin outline of the same colour makes them as dark as the rest.
            ops.append(f"2 Tr {number(size * 0.02)} w {number(grey)} G {shown} 0 Tr" if bold else shown)
            at += len(run)
        self._ops.append(" ".join([*ops, "ET"]))

    def artifact(self, x: float, baseline: float, glyphs: Sequence[Glyph], *, size: float, grey: float = GREY) -> None:
        """Text that belongs to the sheet and not to what is said on it, such as a watermark."""
        before = len(self._ops)
        self.text(x, baseline, glyphs, size=size, grey=grey)
        drawn = self._ops[before:]
        self._ops[before:] = ["/Artifact <</Type /Pagination /Subtype /Footer>> BDC", *drawn, "EMC"]

    def _font(self, name: str) -> FontUse:
        use = self._fonts.get(name)
        if use is None:
            use = self._fonts[name] = FontUse(name, f"F{len(self._fonts) + 1}")
        self._used[name] = None
        return use

    def line(
        self, start: tuple[float, float], end: tuple[float, float], *, width: float = 0.5, grey: float = 0
    ) -> None:
        """A straight line."""
        (x1, y1), (x2, y2) = start, end
        path = f"{number(x1)} {number(self.height - y1)} m {number(x2)} {number(self.height - y2)} l S"
        self._ops.append(f"{number(width)} w {number(grey)} G {path}")

    def box(
        self, x: float, top: float, *, width: float, height: float, line: float = 0.5, fill: float | None = None
    ) -> None:
        """A rectangle, drawn when `line` is above 0, filled when a grey is given."""
        path = f"{number(x)} {number(self.height - top - height)} {number(width)} {number(height)} re"
        if fill is not None:
            self._ops.append(f"{number(fill)} g {path} f")
        if line:
            self._ops.append(f"{number(line)} w 0 G {path} S")

    def picture(self, picture: Picture, *, x: float, top: float, width: float, height: float) -> None:
        """Place a picture upright in a box whose shape its `shown_size` should have."""
        self.pictures[picture.key] = picture
        matrix = picture.placed(x, self.height - top - height, width=width, height=height)
        values = " ".join(number(value) for value in matrix)
        self._ops.append(f"q {values} cm /I{picture.key[:16]} Do Q")

    def link(self, box: tuple[float, float, float, float], goal: str) -> None:
        """Make a box (left, top, right, bottom) jump to an anchor of the document."""
        self._links.append((*box, goal))

    def write(
        self,
        file: ObjectFile,
        *,
        at: int,
        parent: int,
        fonts: Mapping[str, int],
        pictures: Mapping[str, int],
        goals: Mapping[str, str],
    ) -> None:
        """Put the page under its number."""
        content = file.add_stream("\n".join(self._ops).encode("ascii"))
        font_list = " ".join(f"/{self._fonts[name].label} {fonts[name]} 0 R" for name in self._used)
        picture_list = " ".join(f"/I{key[:16]} {pictures[key]} 0 R" for key in self.pictures)
        resources = f"<< /Font << {font_list} >> /XObject << {picture_list} >> >>"
        size = f"[0 0 {number(self.width)} {number(self.height)}]"
        links = " ".join(f"{file.add(self._link(link, goals))} 0 R" for link in self._links if link[4] in goals)
        annotations = f" /Annots [{links}]" if links else ""
        file.put(
            at,
            f"<< /Type /Page /Parent {parent} 0 R /MediaBox {size} /Resources {resources}"
            f" /Contents {content} 0 R{annotations} >>",
        )

    def _link(self, link: tuple[float, float, float, float, str], goals: Mapping[str, str]) -> str:
        left, top, right, bottom, goal = link
        box = " ".join(number(v) for v in (left, self.height - bottom, right, self.height - top))
        return f"<< /Type /Annot /Subtype /Link /Rect [{box}] /Border [0 0 0] /F 4 /Dest {goals[goal]} >>"


def _show(run: Sequence[Glyph], gaps: Sequence[float], use: FontUse, size: float) -> str:
    """The TJ operator of one run: hexadecimal codes, broken where air is put in."""
    parts: list[str] = []
    codes = ""
    for glyph, gap in zip(run, chain(gaps, repeat(0.0)), strict=False):
        codes += use.code(glyph.character)
        if gap:
            parts.append(f"<{codes}> {number(-gap * 1000 / size)}")
            codes = ""
    return f"[{' '.join(parts)}{f' <{codes}>' if codes else ''}] TJ"
