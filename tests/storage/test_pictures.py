"""What is no picture is refused in words, whoever brings it."""

from __future__ import annotations

import pytest

from desktop_app.storage.pictures import check_picture
from tests.relief.village import picture
from village_core.domain.errors import RefusedError


@pytest.mark.parametrize(("form", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_a_picture_is_taken(form: str, media_type: str) -> None:
    assert check_picture(picture(form=form)) == media_type


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "不是照片"),
        (b"%PDF-1.7 nothing to see", "不是照片"),
        (b"\xff\xd8\xff\xe0 only the head of a JPEG", "不是照片|打不开"),
        (picture(size=(400, 300), form="PNG")[:-200], "打不开"),
        (picture(form="GIF"), "不是照片"),
        (b"\x00" * (20 * 1024 * 1024 + 1), "太大了"),
    ],
)
def test_a_photo_that_is_no_photo_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(RefusedError, match=words) as refused:
        check_picture(content)
    assert refused.value.safe == "资料没有改动。"
    assert refused.value.next_step


def test_a_truncated_jpeg_is_refused() -> None:
    whole = picture(size=(600, 600))
    with pytest.raises(RefusedError, match="打不开"):
        check_picture(whole[: len(whole) // 2])


def test_the_sentence_names_the_file_where_there_is_one() -> None:
    with pytest.raises(RefusedError, match=r"“合影\.jpg”不是照片"):
        check_picture(b"nothing", name="合影.jpg")
