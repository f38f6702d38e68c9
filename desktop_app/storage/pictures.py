"""What may be kept as a photo or scan: a JPEG or PNG that can be decoded to its last line. One check for everyone."""

from __future__ import annotations

from io import BytesIO

from village_core.domain.errors import RefusedError

PICTURE_ENDINGS = (".jpg", ".jpeg", ".png")
LARGEST_PICTURE = 20 * 2**20
"""Bytes."""
_MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}
_MOST_PIXELS = 120_000_000


def check_picture(content: bytes, *, name: str = "") -> str:
    """The media type; anything else is refused in Chinese. `name` is the file's, where there is one to name."""
    from PIL import Image, UnidentifiedImageError  # slow to load and wanted here only

    told = f"“{name}”" if name else "这张照片"
    check_size(len(content), told)
    try:
        with Image.open(BytesIO(content), formats=tuple(_MEDIA_TYPES)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise _refused(f"{told}的尺寸太大。", "请把照片调小再放。")
            picture.load()
            return _MEDIA_TYPES[str(picture.format)]
    except UnidentifiedImageError as error:
        what = f"“{name}”不是照片。" if name else "这个文件不是照片。"
        raise _refused(what, "请放 JPG 或 PNG 照片；Word、PDF 请先打印出来拍照或扫描。") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise _refused(f"{told}打不开，文件不完整或有损坏。", "请重新拍一张或重新扫描。") from error


def check_size(size: int, told: str) -> None:
    """Refuse what is too large, before it is read where the size is known. `told` is how the sentence names it."""
    if size > LARGEST_PICTURE:
        raise _refused(f"{told}有 {size // 2**20} MB，太大了。", "请把照片调小到 20 MB 以内再放。")


def _refused(what: str, next_step: str) -> RefusedError:
    return RefusedError(what, safe="资料没有改动。", next_step=next_step)
