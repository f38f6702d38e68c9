"""A small and a middling copy of a photo: what a thin line carries long before the original."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from desktop_app.storage.pictures import check_picture, is_too_large, keep_no_limit_of_its_own

if TYPE_CHECKING:
    from PIL.Image import Image

    from desktop_app.storage.attachments import AttachmentStore

SMALL_SIDE, SMALL_BYTES = 480, 20_000
MEDIUM_SIDE, MEDIUM_BYTES = 1600, 300_000
_QUALITIES = (78, 60, 40)


@dataclass(frozen=True)
class PreparedPicture:
    """A checked photo with its copies, not kept yet."""

    content: bytes
    media_type: str
    medium: bytes
    small: bytes

    def keep(self, store: AttachmentStore) -> KeptPicture:
        """Put all of it into the store."""
        return KeptPicture(
            sha256=store.put(self.content),
            media_type=self.media_type,
            size=len(self.content),
            small_sha256=store.put(self.small),
            medium_sha256=store.put(self.medium),
        )


@dataclass(frozen=True)
class KeptPicture:
    """A photo in the store. A copy's name is the original's own where that is small enough itself."""

    sha256: str
    media_type: str
    size: int
    small_sha256: str
    medium_sha256: str


def prepare_picture(content: bytes, *, name: str = "") -> PreparedPicture:
    """Check a picture and make its copies; refused in Chinese when it is none. Takes up to half a second."""
    media_type = check_picture(content, name=name)
    medium = make_copy(content, side=MEDIUM_SIDE, most=MEDIUM_BYTES)
    small = make_copy(medium, side=SMALL_SIDE, most=SMALL_BYTES)
    return PreparedPicture(content, media_type, medium, small)


def make_copy(content: bytes, *, side: int, most: int) -> bytes:
    """A JPEG of at most `side` pixels and `most` bytes; `content` itself if that serves.

    Turned as the camera was held; where and with what it was taken is not copied.
    """
    from PIL import Image, ImageOps  # slow to load and wanted here only

    if len(content) <= most:
        return content
    keep_no_limit_of_its_own()
    with Image.open(BytesIO(content), formats=("JPEG", "PNG")) as picture:
        if is_too_large(picture, content):
            raise ValueError("a picture that was not checked")
        picture.draft("RGB", (side, side))
        upright = ImageOps.exif_transpose(picture) or picture
        upright.thumbnail((side, side))
        plain = _on_white(upright)
    while True:
        for quality in _QUALITIES:
            made = _as_jpeg(plain, quality)
            if len(made) <= most:
                return made
        plain.thumbnail((plain.width * 3 // 4, plain.height * 3 // 4))


def _on_white(picture: Image) -> Image:
    from PIL import Image

    if picture.mode not in ("RGBA", "LA", "PA", "P"):
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    plain = Image.new("RGB", clear.size, "white")
    plain.paste(clear, mask=clear.getchannel("A"))
    return plain


def _as_jpeg(picture: Image, quality: int) -> bytes:
    made = BytesIO()
    picture.save(made, "JPEG", quality=quality, optimize=True)
    return made.getvalue()
