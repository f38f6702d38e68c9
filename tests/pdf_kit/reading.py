"""Reads a PDF with other people's programs: pikepdf for its structure, QtPdf for what a reader sees and copies."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf
from PySide6.QtCore import QBuffer, QByteArray, QSize
from PySide6.QtGui import QImage
from PySide6.QtPdf import QPdfDocument


@dataclass(frozen=True)
class PrintedLine:
    """One run of text: where its baseline begins (points from the left and the top), its type size and its text."""

    x: float
    baseline: float
    size: float
    text: str


def open_pdf(data: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(data))


def page_count(data: bytes) -> int:
    with open_pdf(data) as pdf:
        return len(pdf.pages)


def qt_text(data: bytes) -> list[str]:
    """What a reader's search and copy find, page by page."""
    document, _buffer = _qt_document(data)
    return [document.getAllText(at).text().replace("\r\n", "\n") for at in range(document.pageCount())]


def squeezed(data: bytes) -> str:
    """All text of a file without blanks and line ends."""
    return re.sub(r"\s", "", "".join(qt_text(data)))


def rendered(data: bytes, page: int = 0, *, width: int = 620) -> QImage:
    document, _buffer = _qt_document(data)
    size = document.pagePointSize(page)
    image = document.render(page, QSize(width, round(width * size.height() / size.width())))
    paper = QImage(image.size(), QImage.Format.Format_RGB32)
    paper.fill(0xFFFFFFFF)
    from PySide6.QtGui import QPainter

    painter = QPainter(paper)
    painter.drawImage(0, 0, image)
    painter.end()
    return paper


def _qt_document(data: bytes) -> tuple[QPdfDocument, QBuffer]:
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    assert document.error() is QPdfDocument.Error.None_
    return document, buffer


def font_names(data: bytes) -> set[str]:
    """The names of all fonts, each checked to be embedded."""
    names = set()
    with open_pdf(data) as pdf:
        for page in pdf.pages:
            for font in page.Resources.Font.values():
                descriptor = font.DescendantFonts[0].FontDescriptor
                assert len(descriptor.FontFile2.read_bytes()) > 100
                names.add(str(font.BaseFont).split("+")[-1])
    return names


def printed_lines(data: bytes, page: int = 0) -> list[PrintedLine]:
    """Every text object of a page with its position, read back through the fonts' ToUnicode maps."""
    with open_pdf(data) as pdf:
        sheet = pdf.pages[page]
        maps = {name: _to_unicode(font) for name, font in sheet.Resources.Font.items()}
        return list(_lines(sheet, maps, float(sheet.MediaBox[3])))


def _lines(sheet: pikepdf.Page, maps: dict[str, dict[int, str]], height: float) -> Iterator[PrintedLine]:
    x = baseline = size = 0.0
    text, known = "", {0: ""}
    for operands, operator in pikepdf.parse_content_stream(sheet):
        match str(operator):
            case "BT":
                text = ""
            case "Tm":
                x, baseline = float(operands[4]), height - float(operands[5])
            case "Tf":
                known, size = maps[str(operands[0])], float(operands[1])
            case "TJ":
                for part in operands[0]:
                    if isinstance(part, pikepdf.String):
                        raw = bytes(part)
                        text += "".join(known[int.from_bytes(raw[at : at + 2], "big")] for at in range(0, len(raw), 2))
            case "ET":
                yield PrintedLine(x, baseline, size, text)


def _to_unicode(font: pikepdf.Object) -> dict[int, str]:
    source = font.ToUnicode.read_bytes().decode("ascii")
    pairs = re.findall(r"<([0-9A-F]{4})> <((?:[0-9A-F]{4})+)>\n", source)
    return {int(code, 16): bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}
