"""Photos as they were held when they were taken."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray
from PySide6.QtGui import QImage, QImageReader


def read_upright(content: bytes) -> QImage:
    """A picture, turned as its camera says; an empty one when it cannot be read. Works outside the main thread."""
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    return reader.read()
