"""A PDF/A-2b file written in one go: pages, fonts cut to what is printed, pictures, bookmarks, links.

Every printed character gets a number of its own (Identity-H), so that what is extracted is what was given, also for
characters that share a glyph or lie beyond the first plane. Same input, same bytes: the date is given, the file's id
is a digest of its content.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from desktop_app.pdf_kit.fontuse import FontUse
from desktop_app.pdf_kit.objects import ObjectFile, number, text_string
from desktop_app.pdf_kit.page import Page
from village_core.resources import resource_path

A4 = (595.276, 841.89)
"""Points; 210 × 297 mm."""
POINTS_PER_MM = 72 / 25.4
PRODUCER = "田埂"


@dataclass(frozen=True)
class RenderedPdf:
    """A finished file with what is told about it."""

    data: bytes
    pages: int

    @property
    def sha256(self) -> str:
        """Digest of the file, as it is written in lists and told to scripts."""
        return hashlib.sha256(self.data).hexdigest()


class PdfDocument:
    """Collects pages; `to_bytes` writes the file."""

    def __init__(self, *, title: str, created: date, size: tuple[float, float] = A4) -> None:
        self._size = size
        self._title = title
        self._created = created
        self._fonts: dict[str, FontUse] = {}
        self._places: dict[str, tuple[Page, float]] = {}
        self._bookmarks: list[tuple[str, str]] = []
        self.pages: list[Page] = []

    def new_page(self, size: tuple[float, float] | None = None) -> Page:
        """An empty page at the end, of the document's size unless told."""
        page = Page(size or self._size, self._fonts)
        self.pages.append(page)
        return page

    def set_place(self, key: str, page: Page, *, top: float) -> None:
        """Name a height (points from the top) on a page, for links and bookmarks."""
        self._places[key] = (page, top)

    def add_bookmark(self, title: str, key: str) -> None:
        """Add an entry to the reader's side list, pointing at a named place."""
        self._bookmarks.append((title, key))

    def render(self) -> RenderedPdf:
        """The finished file with its number of pages."""
        return RenderedPdf(self.to_bytes(), len(self.pages))

    def to_bytes(self) -> bytes:
        """The finished file."""
        file = ObjectFile()
        tree = file.reserve()
        pages = {page: file.reserve() for page in self.pages}
        fonts = {name: use.write(file) for name, use in self._fonts.items()}
        pictures = self._write_pictures(file)
        goals = {
            key: f"[{pages[page]} 0 R /XYZ 0 {number(page.height - top)} 0]"
            for key, (page, top) in self._places.items()
        }
        for page, at in pages.items():
            page.write(file, at=at, parent=tree, fonts=fonts, pictures=pictures, goals=goals)
        kids = " ".join(f"{at} 0 R" for at in pages.values())
        file.put(tree, f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
        outlines = self._write_bookmarks(file, goals)
        info = self._write_info(file)
        return file.to_bytes(root=self._write_catalog(file, tree=tree, outlines=outlines), info=info)

    def _write_pictures(self, file: ObjectFile) -> dict[str, int]:
        written: dict[str, int] = {}
        for page in self.pages:
            for key, picture in page.pictures.items():
                if key not in written:
                    written[key] = file.add_stream(picture.data, entries=picture.entries, compress=False)
        return written

    def _write_bookmarks(self, file: ObjectFile, goals: dict[str, str]) -> int:
        if not self._bookmarks:
            return 0
        root = file.reserve()
        items = [file.reserve() for _ in self._bookmarks]
        for index, ((title, key), at) in enumerate(zip(self._bookmarks, items, strict=True)):
            beside = f" /Prev {items[index - 1]} 0 R" if index else ""
            beside += f" /Next {items[index + 1]} 0 R" if index + 1 < len(items) else ""
            file.put(at, f"<< /Title {text_string(title)} /Parent {root} 0 R{beside} /Dest {goals[key]} >>")
        ends = f"/First {items[0]} 0 R /Last {items[-1]} 0 R /Count {len(items)}"
        file.put(root, f"<< /Type /Outlines {ends} >>")
        return root

    def _write_info(self, file: ObjectFile) -> int:
        stamp = f"(D:{self._created:%Y%m%d}000000+08'00')"
        return file.add(
            f"<< /Title {text_string(self._title)} /Producer {text_string(PRODUCER)}"
            f" /CreationDate {stamp} /ModDate {stamp} >>"
        )

    def _write_catalog(self, file: ObjectFile, *, tree: int, outlines: int) -> int:
        profile = resource_path("templates", "sRGB.icc").read_bytes()
        icc = file.add_stream(profile, entries="/N 3")
        intent = (
            "<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB IEC61966-2.1)"
            f" /Info (sRGB IEC61966-2.1) /DestOutputProfile {icc} 0 R >>"
        )
        metadata = file.add_stream(self._metadata(), entries="/Type /Metadata /Subtype /XML", compress=False)
        marks = f" /Outlines {outlines} 0 R /PageMode /UseOutlines" if outlines else ""
        return file.add(
            f"<< /Type /Catalog /Pages {tree} 0 R /Lang (zh-CN) /Metadata {metadata} 0 R"
            f" /OutputIntents [{intent}] /ViewerPreferences << /DisplayDocTitle true >>{marks} >>"
        )

    def _metadata(self) -> bytes:
        """The XMP packet that says what the file is; it must agree with the Info dictionary."""
        stamp = f"{self._created.isoformat()}T00:00:00+08:00"
        return (
            '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
            ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"'
            ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
            "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"
            f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(self._title)}</rdf:li></rdf:Alt></dc:title>'
            f"<pdf:Producer>{PRODUCER}</pdf:Producer>"
            f"<xmp:CreateDate>{stamp}</xmp:CreateDate><xmp:ModifyDate>{stamp}</xmp:ModifyDate>"
            "</rdf:Description></rdf:RDF></x:xmpmeta>\n"
            '<?xpacket end="w"?>'
        ).encode()


def _goal(page: int, height: float) -> str:
    return f"[{page} 0 R /XYZ 0 {number(height)} 0]"
