"""Photos as they were held when they were taken."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from desktop_app.storage.pictures import MOST_PIXELS

_KINDS = {b"\xff\xd8\xff": b"jpeg", b"\x89PNG\r\n\x1a\n": b"png"}


def read_upright(content: bytes) -> QImage:
    """A picture, turned as its camera says; an empty one when it cannot be read. Works outside the main thread."""
    return _read(content, None)


def read_small(content: bytes, side: QSize) -> QImage:
    """The same, not larger than `side`."""
    return _read(content, side)


def _read(content: bytes, side: QSize | None) -> QImage:
    """Photos come from other computers too: nothing but JPEG and PNG is even tried. SVG, which may name other files,
    TIFF and the like stay shut."""
    kind = next((kind for magic, kind in _KINDS.items() if content.startswith(magic)), None)
    if kind is None:
        return QImage()
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    reader = QImageReader(buffer, QByteArray(kind))
    reader.setDecideFormatFromContent(False)
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.width() * size.height() > MOST_PIXELS:
        return QImage()
    if side is not None:
        reader.setScaledSize(size.scaled(side, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()
