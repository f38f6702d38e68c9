"""Scans and photos for paper: turned as their EXIF mark says, passed through without loss where a PDF can take them.

A phone's photo is larger than any printer needs: above `MOST_PIXELS` on the long side it is made smaller.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib

from PIL import Image, UnidentifiedImageError

from desktop_app.pdf_kit.pictures import TURNS, Picture
from desktop_app.storage.pictures import is_too_large, keep_no_limit_of_its_own
from village_core.domain.errors import RefusedError

MOST_PIXELS = 2600
"""About 240 dots per inch over the long side of A4."""
_QUALITY = 85
_ORIENTATION = 0x0112


def read_picture(data: bytes, *, name: str) -> Picture:
    """Prepare the bytes of a JPEG or PNG file for printing. `name` is told to the user when they are damaged.

    Raises:
        RefusedError: the bytes are no picture, or a damaged one.
    """
    keep_no_limit_of_its_own()
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
            if is_too_large(image, data):
                raise ValueError("too large")
            return _prepare(image, data)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as problem:
        raise RefusedError(
            f"“{name}”不是能打印的图片，或者文件已经损坏。",
            safe="没有打印，别的资料都在。",
            next_step="请把这张图片重新拍照或扫描，换上再打印。",
        ) from problem


def _prepare(image: Image.Image, data: bytes) -> Picture:
    orientation = image.getexif().get(_ORIENTATION, 1)
    orientation = orientation if orientation in TURNS else 1
    fits = max(image.size) <= MOST_PIXELS
    if image.format == "JPEG" and fits and image.mode in ("RGB", "L"):
        # Decoding a small version reads the whole file: a photo that is cut short is found here.
        size, space = image.size, _space(image.mode)
        image.draft(image.mode, (size[0] // 8, size[1] // 8))
        image.load()
        return _picture(data, size, f"/ColorSpace {space} /BitsPerComponent 8 /Filter /DCTDecode", orientation)
    if not fits and image.format == "JPEG":
        image.draft(image.mode if image.mode == "L" else "RGB", (MOST_PIXELS, MOST_PIXELS))
    image.load()
    flat = _flattened(image)
    if not fits:
        flat.thumbnail((MOST_PIXELS, MOST_PIXELS), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    if image.format == "JPEG":
        flat.save(buffer, "JPEG", quality=_QUALITY)
        code = "/Filter /DCTDecode"
        stored = buffer.getvalue()
    else:
        colours = 1 if flat.mode == "L" else 3
        stored = _png_rows(flat)
        code = (
            f"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors {colours} /BitsPerComponent 8"
            f" /Columns {flat.size[0]} >>"
        )
    entries = f"/ColorSpace {_space(flat.mode)} /BitsPerComponent 8 {code}"
    return _picture(stored, flat.size, entries, orientation)


def _space(mode: str) -> str:
    return "/DeviceGray" if mode == "L" else "/DeviceRGB"


def _flattened(image: Image.Image) -> Image.Image:
    """Grey or colour without transparency; what was see-through becomes paper."""
    if image.mode in ("L", "RGB"):
        return image
    if image.mode in ("1", "I;16", "I"):
        return image.convert("L")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        over = image.convert("RGBA")
        paper = Image.new("RGBA", over.size, "white")
        return Image.alpha_composite(paper, over).convert("RGB")
    return image.convert("RGB")


def _png_rows(image: Image.Image) -> bytes:
    """The compressed rows of a PNG file, which a PDF takes as they are."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=6)
    file, at, rows = buffer.getvalue(), 8, b""
    while at < len(file):
        length = int.from_bytes(file[at : at + 4], "big")
        if file[at + 4 : at + 8] == b"IDAT":
            rows += file[at + 8 : at + 8 + length]
        at += 12 + length
    return rows


def _picture(data: bytes, size: tuple[int, int], entries: str, orientation: int) -> Picture:
    key = hashlib.sha256(data + bytes([orientation])).hexdigest()
    shape = f"/Type /XObject /Subtype /Image /Width {size[0]} /Height {size[1]}"
    return Picture(key, data, f"{shape} {entries}", size, orientation)
