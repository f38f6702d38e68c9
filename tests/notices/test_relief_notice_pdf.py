"""The notice on paper: everything that must be there, nothing that may not, one page for one household."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from desktop_app.notices.pdf import render_relief_notice
from desktop_app.pdf_kit.flow import OFFICIAL_FRAME
from tests.notices.examples import relief_notice, row
from tests.pdf_kit.reading import font_names, page_count, printed_lines, squeezed
from tests.pdf_kit.test_faces import RARE
from village_core.domain.errors import RefusedError, RuleRefusedError
from village_core.domain.notices.model import NoticeKind

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_one_household_takes_one_page(kind: NoticeKind) -> None:
    assert page_count(render_relief_notice(relief_notice(kind))) == 1


def test_everything_that_the_rule_asks_for_is_on_it() -> None:
    text = squeezed(render_relief_notice(relief_notice()))
    for wanted in (
        "村级集体经济临时救助对象公示",
        "楚贫组发〔2021〕1号附件3",
        "户主姓名",
        "李琼仙",
        "大河口村民小组",
        "4人",
        "因病",
        "3,000.00",
        "人民币叁仟元整",
        "2026年11月23日至11月27日（5个工作日）",
        "村委会公示栏",
        "0878-6711234",
        "0878-6719000",
        "永仁县莲池乡太平村村民委员会",
        "2026年11月23日",
        "（盖章）",
        "—1—",
    ):
        assert wanted in text


def test_the_resolution_tells_its_votes_and_the_result_its_voucher() -> None:
    resolution = squeezed(render_relief_notice(relief_notice(NoticeKind.RESOLUTION)))
    assert "应到36人，实到31人，同意29票、反对1票、弃权1票" in resolution
    result = squeezed(render_relief_notice(relief_notice(NoticeKind.RESULT)))
    assert "2026年12月2日" in result
    assert "记-12" in result


def test_its_faces_are_those_of_an_official_paper_and_all_embedded() -> None:
    data = render_relief_notice(relief_notice())
    assert font_names(data) == {"NotoSerifSC-Regular", "NotoSerifSC-Bold", "NotoSansSC-Bold", "LXGWWenKai-Full"}
    sizes = {line.text: line.size for line in printed_lines(data)}
    assert sizes["村级集体经济临时救助对象公示"] == 22
    assert sizes["全体村民："] == 15.75


def test_forty_households_take_several_pages_and_each_is_there_once() -> None:
    rows = tuple(row(f"欧阳{number:02d}", amount_fen=100000 + number) for number in range(40))
    data = render_relief_notice(relief_notice(NoticeKind.RELIEF, *rows))
    text = squeezed(data)
    assert page_count(data) == 3
    assert all(text.count(one.head_name) == 1 for one in rows)
    assert text.count("户主姓名") == page_count(data)
    assert "合计（大写）" in text
    for page in range(page_count(data)):
        for line in printed_lines(data, page):
            assert OFFICIAL_FRAME.left - 0.01 < line.x < OFFICIAL_FRAME.left + OFFICIAL_FRAME.width


def test_the_seal_never_parts_from_the_sentence_above_it() -> None:
    for count in range(1, 16):
        data = render_relief_notice(relief_notice(NoticeKind.RELIEF, *(row() for _ in range(count))))
        last = [line.text for line in printed_lines(data, page_count(data) - 1)]
        assert any("反映" in text or "救助" in text for text in last)


def test_long_names_and_rare_names_print_whole() -> None:
    names = ("阿卜杜拉·买买提·艾力江·吐尔逊", RARE, "起国龘", "欧阳𪻐𠮷")
    text = squeezed(render_relief_notice(relief_notice(NoticeKind.RELIEF, *(row(name) for name in names))))
    assert all(name in text for name in names)


def test_a_name_with_a_character_in_no_font_refuses_and_names_it() -> None:
    with pytest.raises(RefusedError) as refused:
        render_relief_notice(relief_notice(NoticeKind.RELIEF, row("李\U0003fffd")))
    assert "\U0003fffd" in refused.value.what
    assert "户主姓名" in refused.value.what


@pytest.mark.parametrize(
    "wrong",
    [
        {"posting_place": "问李琼仙13812345678"},
        {"opening": "身份证号532327197001011234"},
        {"closing": "打到6228480000000000000"},
        {"signing_unit": "太平村 0878-6700000"},
        {"opening": "该户户主患尿毒症。"},
        {"rows": (row("李琼仙53232719700101123X"),)},
        {"rows": (row(group="三组（慢性病）"),)},
    ],
)
def test_private_facts_refuse_to_print(wrong: dict[str, object]) -> None:
    with pytest.raises(RuleRefusedError) as refused:
        render_relief_notice(replace(relief_notice(), **wrong))
    assert refused.value.findings[0].rule_id == "NOTICE-3"
    assert refused.value.exit_status == 1


def test_the_same_notice_gives_the_same_bytes() -> None:
    assert render_relief_notice(relief_notice()) == render_relief_notice(relief_notice())


def test_a_notice_takes_no_longer_than_a_blink() -> None:
    render_relief_notice(relief_notice())
    started = time.perf_counter()
    for _ in range(10):
        render_relief_notice(relief_notice())
    assert (time.perf_counter() - started) / 10 < 0.2
