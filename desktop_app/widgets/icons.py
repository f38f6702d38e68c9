"""The line icons of `resources/icons`, drawn in the colour and size that is asked for."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop_app.widgets.look import COLOURS, px
from village_core.resources import resource_path


@lru_cache(maxsize=128)
def _drawing(name: str, colour_name: str) -> bytes:
    text = resource_path("icons", f"{name}.svg").read_text(encoding="utf-8")
    return text.replace("currentColor", COLOURS[colour_name]).encode()


def pixmap(name: str, *, tone: str = "text", size: int = 20, ratio: float = 1.0) -> QPixmap:
    """An icon as a picture; `size` is given for 标准 type."""
    side = round(px(size) * ratio)
    picture = QPixmap(side, side)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(_drawing(name, tone))).render(painter)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def icon(name: str, *, tone: str = "text", checked_tone: str = "accent", size: int = 20) -> QIcon:
    """An icon for a button; in `checked_tone` when the button is down."""
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(pixmap(name, tone=tone, size=size, ratio=ratio), QIcon.Mode.Normal, QIcon.State.Off)
        made.addPixmap(pixmap(name, tone=checked_tone, size=size, ratio=ratio), QIcon.Mode.Normal, QIcon.State.On)
    return made


def icon_size(size: int = 20) -> QSize:
    """The size of an icon at the type size in use."""
    return QSize(px(size), px(size))
