"""Sends a PDF to a printer as pictures of its pages, sheet for sheet as it was previewed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QBuffer, QByteArray, QMarginsF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrinter

from village_core.domain.errors import ProblemOutsideError

DOTS_PER_INCH = 300
_POINTS_PER_INCH = 72


class LoadedPdf:
    """A document with the bytes that it reads from."""

    def __init__(self, data: bytes) -> None:
        self._buffer = QBuffer()
        self._buffer.setData(QByteArray(data))
        self._buffer.open(QBuffer.OpenModeFlag.ReadOnly)
        self.document = QPdfDocument()
        self.document.load(self._buffer)


def new_printer(data: bytes) -> QPrinter:
    """A printer set to the sheet of a PDF, without margins of its own: the page brings them."""
    size = LoadedPdf(data).document.pagePointSize(0)
    across = size.width() > size.height()
    upright = size.transposed() if across else size
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setResolution(DOTS_PER_INCH)
    printer.setPageSize(QPageSize(upright, QPageSize.Unit.Point, matchPolicy=QPageSize.SizeMatchPolicy.FuzzyMatch))
    printer.setPageOrientation(QPageLayout.Orientation.Landscape if across else QPageLayout.Orientation.Portrait)
    printer.setPageMargins(QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Millimeter)
    printer.setFullPage(True)
    return printer


def print_pdf(data: bytes, printer: QPrinter, *, on_page: Callable[[int, int], None] = lambda _done, _all: None) -> int:
    """Print the pages that the printer's dialog chose; how many sheets went out comes back.

    Runs outside the window's thread. `on_page(done, all)` is called after each page and may raise to stop.
    """
    loaded = LoadedPdf(data)
    document = loaded.document
    first = max(printer.fromPage(), 1)
    last = min(printer.toPage() or document.pageCount(), document.pageCount())
    copies = 1 if printer.supportsMultipleCopies() else max(printer.copyCount(), 1)
    sheets = [page for _ in range(copies) for page in range(first - 1, last)]
    painter = QPainter()
    if not painter.begin(printer):
        raise ProblemOutsideError(
            "打印机没有应答，没有打印。",
            safe="公示和资料都在。",
            next_step="请看打印机有没有开、有没有纸，再点“打印”。",
        )
    try:
        for number, page in enumerate(sheets):
            if number:
                printer.newPage()
            _paint(document, page, printer, painter)
            on_page(number + 1, len(sheets))
    except BaseException:
        printer.abort()
        raise
    finally:
        painter.end()
    return len(sheets)


def _paint(document: QPdfDocument, page: int, printer: QPrinter, painter: QPainter) -> None:
    size = document.pagePointSize(page)
    dots = QSize(
        round(size.width() * DOTS_PER_INCH / _POINTS_PER_INCH), round(size.height() * DOTS_PER_INCH / _POINTS_PER_INCH)
    )
    sheet = QImage(dots, QImage.Format.Format_RGB32)
    sheet.fill(Qt.GlobalColor.white)
    under = QPainter(sheet)
    under.drawImage(0, 0, document.render(page, dots))
    under.end()
    scale = printer.resolution() / _POINTS_PER_INCH
    # On opaque paper, so that no printer has to work out transparency.
    painter.drawImage(QRectF(0, 0, size.width() * scale, size.height() * scale), sheet)
