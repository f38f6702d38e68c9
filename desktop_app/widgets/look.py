"""Colours and sizes. One place for both, used by the style sheet and by what is painted by hand.

The type size (标准, 大, 特大) is a property of the whole program, like Qt's own application font: `px` follows it.
"""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget

COLOURS = {
    "paper": "#FFFFFF",
    "ground": "#FAFAF7",
    "shade": "#F5F3EE",
    "line": "#E4E2DC",
    "border": "#C9C6BE",
    "text": "#22262A",
    "text_second": "#5C6468",
    "text_faint": "#6B7276",
    "accent": "#2F7D4F",
    "accent_hover": "#276A43",
    "accent_mid": "#8DBF9F",
    "accent_pale": "#BFDACB",
    "accent_tint": "#E8F3EC",
    "accent_off": "#C9D9CF",
    "quiet": "#D9D6CF",
    "soon": "#8A5A12",
    "soon_bar": "#B7791F",
    "soon_tint": "#FBF3E4",
    "bad": "#B42318",
    "bad_tint": "#FBECEA",
    "good": "#2F7D4F",
    "plain": "#22262A",
}
"""`soon` is text: the amber #B7791F alone has only 3.6:1 on white, so that words use a darker one."""

SIZES = {"标准": 100, "大": 125, "特大": 150}
BASE_TEXT = 15
FAMILIES = ["Noto Sans SC", "Noto Serif SC Rare", "LXGW WenKai", "Microsoft YaHei", "sans-serif"]
"""Ours, then two of ours for rare names, then the system's."""

_percent = [100]


def colour(name: str) -> QColor:
    """A colour of the palette by its name."""
    return QColor(COLOURS[name])


def type_percent() -> int:
    """100, 125 or 150."""
    return _percent[0]


def px(length: int) -> int:
    """A length given for 标准, at the type size in use."""
    return (length * _percent[0] + 50) // 100


def text_font(size: int = BASE_TEXT, *, bold: bool = False) -> QFont:
    """The program's face at a size given for 标准."""
    font = QFont()
    font.setFamilies(FAMILIES)
    font.setPixelSize(px(size))
    font.setBold(bold)
    return font


def apply_look(app: QApplication, style_sheet: Path, *, percent: int) -> None:
    """Palette, font and style sheet at this type size. Widgets made before must be made anew."""
    _percent[0] = percent
    app.setPalette(_palette())
    app.setFont(text_font())
    app.setStyleSheet(scaled_style_sheet(style_sheet.read_text(encoding="utf-8"), style_sheet.parent.parent))


def scaled_style_sheet(text: str, resources: Path) -> str:
    """`@name` becomes a colour, `icon(name)` a picture; lengths over 2px follow the type size."""
    icons = (resources / "icons").as_posix()
    text = re.sub(r"icon\((\w+)\)", lambda match: f'url("{icons}/{match.group(1)}.svg")', text)
    coloured = re.sub(r"@(\w+)", lambda match: COLOURS[match.group(1)], text)
    return re.sub(r"(?<![#\w])(\d+)px", lambda match: f"{_scaled(int(match.group(1)))}px", coloured)


def set_tone(widget: QWidget, tone: str) -> None:
    """Give a widget one of the tones of the style sheet (plain, second, good, soon, bad)."""
    if widget.property("tone") == tone:
        return
    widget.setProperty("tone", tone)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)


def _scaled(length: int) -> int:
    return length if length <= 2 else px(length)


def _palette() -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for part, name in (
        (role.Window, "ground"),
        (role.Base, "paper"),
        (role.AlternateBase, "ground"),
        (role.Text, "text"),
        (role.WindowText, "text"),
        (role.ButtonText, "text"),
        (role.Button, "paper"),
        (role.Highlight, "accent_tint"),
        (role.HighlightedText, "text"),
        (role.PlaceholderText, "text_faint"),
        (role.Link, "accent"),
        (role.ToolTipBase, "paper"),
        (role.ToolTipText, "text"),
        (role.Mid, "line"),
    ):
        palette.setColor(part, colour(name))
    for part in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, part, colour("text_faint"))
    return palette
