"""Every character goes to a font that has it, or refuses by name."""

from __future__ import annotations

import pytest

from desktop_app.pdf_kit.faces import Face, glyphs_of, missing_characters, open_font, printable
from village_core.domain.errors import RefusedError
from village_core.resources import resource_path

RARE = "䶮㛃𬭎𠅤龘堃昇𪻐𠮷㐱㸃喆頔赟翀燚玥珺淼垚犇骉皕劼㛂𡐓𫖯𬀩昉濛祎"
COMMON = "的一是在不了有和人这村民委员会公示救助金额元年月日户申请彝傈僳纳西〇々ā①㈠℃№￥×÷≤✓√□○●→★"


def test_thirty_one_rare_name_characters_print_in_every_face() -> None:
    assert len(RARE) == 31
    for face in Face:
        assert [glyph.character for glyph in glyphs_of(RARE, face, field="姓名")] == list(RARE)


@pytest.mark.parametrize("face", list(Face))
def test_common_text_stays_in_its_own_face(face: Face) -> None:
    assert {glyph.font for glyph in glyphs_of(COMMON, face, field="正文")} == {face.value}


def test_a_rare_character_in_a_bold_face_is_made_as_dark_as_the_rest() -> None:
    plain, rare = glyphs_of("张𪻐", Face.HEADING, field="姓名")
    assert not plain.embolden
    assert rare.embolden


def test_a_character_in_no_font_refuses_and_is_named_with_its_field() -> None:
    with pytest.raises(RefusedError) as refused:
        glyphs_of("李\U0003fffd", Face.BODY, field="户主姓名")
    assert "户主姓名" in refused.value.what
    assert "\U0003fffd" in refused.value.what
    assert "U+3FFFD" in refused.value.what
    assert refused.value.exit_status == 1


def test_a_private_use_character_of_an_old_system_refuses() -> None:
    assert missing_characters("张\ue863三") == ("\ue863",)


def test_what_has_no_shape_is_left_out() -> None:
    assert printable("龘\U000e0100\u200b\ufeff\tA\x07") == "龘 A"


def test_no_two_wanted_characters_of_a_font_share_a_place_in_its_map() -> None:
    font = open_font("NotoSansSC-Regular")
    glyphs = [font.glyph_of(ord(c)) for c in "示户民口日月山小方行金面人"]
    assert len(set(glyphs)) == len(glyphs)


@pytest.mark.parametrize("face", list(Face))
def test_each_font_has_its_licence_beside_it(face: Face) -> None:
    family = face.value.split("-")[0]
    assert "Open Font License" in resource_path("fonts", f"OFL-{family}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("turning", ["\u202e", "\u202d", "\u2066", "\u2067", "\u200f"])
def test_a_character_that_turns_the_line_is_not_printed_in_silence(turning: str) -> None:
    with pytest.raises(RefusedError, match="姓名"):
        glyphs_of(f"甲{turning}乙", Face.BODY, field="姓名")
