"""Photos and scans: upright whatever the phone says, refused when they are none."""

from __future__ import annotations

import io
from datetime import date

import pytest
from PIL import Image, ImageOps
from PySide6.QtGui import QColor

from desktop_app.pdf_kit.blocks import PictureBlock, TextStyle
from desktop_app.pdf_kit.document import PdfDocument
from desktop_app.pdf_kit.flow import RECORD_FRAME, Flow
from desktop_app.pdf_kit.pictures import Picture
from desktop_app.pdf_kit.scans import MOST_PIXELS, read_picture
from tests.pdf_kit.reading import open_pdf, page_count, rendered
from village_core.domain.errors import RefusedError

pytestmark = pytest.mark.usefixtures("qapp")
CAPTION = TextStyle(10, 16)
COLOURS = {"red": (200, 0, 0), "green": (0, 160, 0), "blue": (0, 0, 200), "white": (255, 255, 255)}


def four_corners(size: tuple[int, int] = (120, 80)) -> Image.Image:
    """Red left above, green right above, blue left below, white right below."""
    image = Image.new("RGB", size, COLOURS["white"])
    half = (size[0] // 2, size[1] // 2)
    image.paste(COLOURS["red"], (0, 0, *half))
    image.paste(COLOURS["green"], (half[0], 0, size[0], half[1]))
    image.paste(COLOURS["blue"], (0, half[1], half[0], size[1]))
    return image


def saved(image: Image.Image, kind: str = "JPEG", *, orientation: int = 0, **options: object) -> bytes:
    buffer = io.BytesIO()
    if orientation:
        exif = Image.Exif()
        exif[0x0112] = orientation
        options["exif"] = exif
    image.save(buffer, kind, **options)  # type: ignore[arg-type]  # Pillow's options are open
    return buffer.getvalue()


def printed(*pictures: Picture) -> bytes:
    document = PdfDocument(title="试印", created=date(2026, 11, 22))
    blocks = [PictureBlock(picture, "签到表", CAPTION, highest=600) for picture in pictures]
    Flow(document, RECORD_FRAME).add(blocks)
    return document.to_bytes()


def corners(data: bytes, shown: tuple[int, int]) -> list[str]:
    """The colours of the four corners as printed, clockwise from left above."""
    image = rendered(data, width=595)
    scale = min(RECORD_FRAME.width / shown[0], 1.0)
    wide, high = shown[0] * scale, shown[1] * scale
    left = RECORD_FRAME.left + (RECORD_FRAME.width - wide) / 2
    spots = [(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)]
    return [nearest(image.pixelColor(round(left + wide * x), round(RECORD_FRAME.top + high * y))) for x, y in spots]


def nearest(pixel: QColor) -> str:
    found = (pixel.red(), pixel.green(), pixel.blue())
    return min(COLOURS, key=lambda name: sum(abs(a - b) for a, b in zip(COLOURS[name], found, strict=True)))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_set_upright_without_being_stored_anew(orientation: int) -> None:
    data = saved(four_corners(), orientation=orientation)
    picture = read_picture(data, name="照片")
    assert picture.data == data
    turned = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    assert turned is not None
    assert picture.shown_size == turned.size
    wide, high = turned.size
    spots = [
        (wide // 4, high // 4),
        (3 * wide // 4, high // 4),
        (3 * wide // 4, 3 * high // 4),
        (wide // 4, 3 * high // 4),
    ]
    expected = []
    for spot in spots:
        pixel = turned.convert("RGB").getpixel(spot)
        assert isinstance(pixel, tuple)
        expected.append(nearest(QColor(*(int(part) for part in pixel))))
    assert corners(printed(picture), turned.size) == expected


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "1", "LA"])
def test_a_png_of_any_kind_prints(mode: str) -> None:
    picture = read_picture(saved(four_corners().convert(mode), "PNG"), name="扫描件")
    above = corners(printed(picture), picture.shown_size)
    if mode in ("RGB", "RGBA", "P"):
        assert above == ["red", "green", "white", "blue"]


def test_what_is_see_through_prints_as_paper() -> None:
    image = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    picture = read_picture(saved(image, "PNG"), name="扫描件")
    assert corners(printed(picture), (40, 40)) == ["white"] * 4


def test_a_photo_of_a_four_colour_press_prints() -> None:
    picture = read_picture(saved(four_corners().convert("CMYK")), name="照片")
    assert corners(printed(picture), picture.shown_size) == ["red", "green", "white", "blue"]


def test_a_large_photo_is_made_smaller() -> None:
    picture = read_picture(saved(four_corners((6000, 4000)), orientation=6), name="照片")
    assert max(picture.size) <= MOST_PIXELS
    assert picture.shown_size[0] < picture.shown_size[1]


def test_the_same_scan_twice_is_stored_once() -> None:
    picture = read_picture(saved(four_corners()), name="照片")
    with open_pdf(printed(picture, picture)) as pdf:
        assert sum(item.get("/Subtype") == "/Image" for item in pdf.objects if hasattr(item, "read_bytes")) == 1


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"GIF89a" + bytes(40), saved(four_corners())[:-900], saved(four_corners(), "PNG")[:60]]
)
def test_a_file_that_is_no_whole_picture_refuses_by_name(data: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        read_picture(data, name="签到表")
    assert "签到表" in refused.value.what


def test_a_tall_scan_takes_one_page_with_its_caption() -> None:
    picture = read_picture(saved(four_corners((1654, 2339))), name="会议记录")
    assert page_count(printed(picture)) == 1
