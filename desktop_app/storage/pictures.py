"""What may be kept as a photo or scan: a JPEG or PNG that can be decoded to its last line. One check for everyone."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import TYPE_CHECKING

from village_core.domain.errors import RefusedError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

PICTURE_ENDINGS = (".jpg", ".jpeg", ".png")
LARGEST_PICTURE = 20 * 2**20
"""Bytes."""
_MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
MOST_PIXELS = 120_000_000
MOST_DECODED = 2**28
"""Bytes that decoding may take; a PNG of 1 KB can ask for ten times as many."""
MOST_SCANNED = 2_000_000_000
"""Pixels times the passes over them that a progressive JPEG asks for; a photo has about ten passes."""
_COEFFICIENTS = 6
_SCAN = b"\xff\xda"


def check_picture(content: bytes, *, name: str = "") -> str:
    """The media type; anything else is refused in Chinese. `name` is the file's, where there is one to name."""
    from PIL import Image, UnidentifiedImageError  # slow to load and wanted here only

    told = f"“{name}”" if name else "这张照片"
    check_size(len(content), told)
    keep_no_limit_of_its_own()
    try:
        with Image.open(BytesIO(content), formats=tuple(_MEDIA_TYPES)) as picture:
            if is_too_large(picture, content):
                raise _refused(f"{told}的尺寸太大。", "请把照片调小再放。")
            media_type = _MEDIA_TYPES[str(picture.format)]
            # Reads the whole file all the same, in an eighth of the memory.
            picture.draft(picture.mode, (picture.width // 8, picture.height // 8))
            picture.load()
            return media_type
    except UnidentifiedImageError as error:
        what = f"“{name}”不是照片。" if name else "这个文件不是照片。"
        raise _refused(what, "请放 JPG 或 PNG 照片；Word、PDF 请先打印出来拍照或扫描。") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error) as error:
        raise _refused(f"{told}打不开，文件不完整或有损坏。", "请重新拍一张或重新扫描。") from error


def is_too_large(picture: Picture, content: bytes) -> bool:
    """Asked of a picture that was opened and not loaded: whether loading it would take too much."""
    pixels = picture.width * picture.height
    if pixels > MOST_PIXELS:
        return True
    if picture.format == "JPEG":
        progressive = "progressive" in picture.info or "progression" in picture.info
        passes = content.count(_SCAN)
        return progressive and (pixels * _COEFFICIENTS > MOST_DECODED or pixels * passes > MOST_SCANNED)
    return pixels * len(picture.getbands()) * (2 if picture.mode.startswith("I") else 1) > MOST_DECODED


def keep_no_limit_of_its_own() -> None:
    """The library would only warn, at another number than ours. Whoever opens a picture asks `is_too_large`."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None


def check_size(size: int, told: str) -> None:
    """Refuse what is too large, before it is read where the size is known. `told` is how the sentence names it."""
    if size > LARGEST_PICTURE:
        raise _refused(f"{told}有 {size // 2**20} MB，太大了。", "请把照片调小到 20 MB 以内再放。")


def _refused(what: str, next_step: str) -> RefusedError:
    return RefusedError(what, safe="资料没有改动。", next_step=next_step)
