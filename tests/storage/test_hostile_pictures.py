"""Pictures that ask for more than they are: refused in words, in little memory."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib

import pytest
from PIL import Image

from desktop_app.pdf_kit.scans import read_picture
from desktop_app.storage.pictures import check_picture
from desktop_app.widgets.pictures import read_small, read_upright
from village_core.domain.errors import RefusedError


def png(width: int, height: int, *, kind: int = 2, data: bytes = b"", extra: bytes = b"") -> bytes:
    """A PNG whose head tells any size at all."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def progressive(passes: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4000, 3000)).save(out, "JPEG", progressive=True)
    return out.getvalue()[:-2] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00" * passes + b"\xff\xd9"


HOSTILE = {
    "50,000 x 50,000": png(50_000, 50_000, data=zlib.compress(bytes(150_001))),
    "100 million pixels with transparency": png(10_000, 10_000, kind=6, data=zlib.compress(bytes(40_001))),
    "the largest size that can be told": png(0x7FFFFFFF, 0x7FFFFFFF),
    "no size": png(0, 0),
    "a text of 64 MB": png(1, 1, extra=struct.pack(">I", 9) + b"zTXt" + b"a\0\0bomb..." + bytes(4)),
    "a thousand passes": progressive(1000),
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    "PDF": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj",
    "TIFF": b"II*\0" + bytes(100),
    "HTML behind the mark of a JPEG": b"\xff\xd8\xff<script>alert(1)</script>",
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_picture_is_refused_in_words_and_never_shown(name: str) -> None:
    content = HOSTILE[name]
    tracemalloc.start()
    try:
        with pytest.raises(RefusedError) as refused:
            check_picture(content, name="照片.jpg")
        with pytest.raises(RefusedError):
            read_picture(content, name="照片")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert refused.value.next_step
    assert peak < 32 << 20


@pytest.mark.qt_log_ignore("Unsupported marker type", "rejecting image")
@pytest.mark.parametrize("name", ["SVG", "PDF", "TIFF", "HTML behind the mark of a JPEG", "50,000 x 50,000", "no size"])
def test_a_content_from_another_computer_that_is_no_photo_stays_shut(name: str) -> None:
    assert read_upright(HOSTILE[name]).isNull()
    assert read_small(HOSTILE[name], read_upright(b"").size()).isNull()


def test_a_scan_of_a_whole_sheet_at_600_dots_is_taken() -> None:
    out = io.BytesIO()
    Image.new("L", (4960, 7016), 255).save(out, "PNG", compress_level=1)
    assert check_picture(out.getvalue()) == "image/png"
