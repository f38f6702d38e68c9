"""Made-up scans for the demo: sheets that say on their face what they stand for, and that they are made up."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from village_core.resources import resource_path

_PAPER = (1240, 1754)
"""A4 at 150 dots an inch."""


def made_up_scan(title: str, lines: tuple[str, ...] = (), *, sideways: bool = False) -> bytes:
    """A JPEG of a sheet; `sideways` lies on its side with the EXIF mark that tells how to turn it."""
    picture = Image.new("RGB", _PAPER, (252, 251, 246))
    draw = ImageDraw.Draw(picture)
    font = str(resource_path("fonts", "NotoSansSC-Regular.ttf"))
    large, small = ImageFont.truetype(font, 64), ImageFont.truetype(font, 38)
    draw.rectangle((60, 60, _PAPER[0] - 60, _PAPER[1] - 60), outline=(120, 120, 115), width=3)
    draw.text((_PAPER[0] / 2, 180), title, font=large, fill=(30, 30, 30), anchor="mm")
    for number, line in enumerate(lines):
        draw.text((140, 320 + number * 84), line, font=small, fill=(45, 45, 50))
    draw.text((_PAPER[0] / 2, _PAPER[1] - 140), "演示用，人和事都是编的", font=small, fill=(160, 60, 50), anchor="mm")
    exif = Image.Exif()
    if sideways:
        picture = picture.rotate(90, expand=True)
        exif[0x0112] = 6
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=70, exif=exif)
    return buffer.getvalue()
