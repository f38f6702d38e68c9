"""NOTICE-3: what must never hang on a board is found, however it is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from village_core.domain.notices.privacy import find_private
from village_core.resources import resource_path

WORDS = json.loads(Path(resource_path("templates", "illness_words.json")).read_text(encoding="utf-8"))["words"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("身份证532327197001011234", "身份证号"),
        ("53232719700101123X", "身份证号"),
        ("53232719700101123x", "身份证号"),
        ("532327 19700101 1234", "身份证号"),
        ("５３２３２７１９７００１０１１２３４", "身份证号"),
        ("532327700101123", "身份证号"),
        ("电话13812345678", "手机号"),
        ("138-1234-5678", "手机号"),
        ("138 1234 5678", "手机号"),
        ("+86 13812345678", "手机号"),
        ("0878-6711234", "电话号码"),
        ("账号6228480000000000000", "银行账号"),
        ("6228 4800 0000 0000 000", "银行账号"),
        ("6228480000000000", "银行账号"),
        ("患尿毒症", "尿毒症"),
        ("因病住院", "住院"),
        ("hiv", "HIV"),
        ("二级残疾", "二级残疾"),
    ],
)
def test_private_facts_are_found(text: str, what: str) -> None:
    (finding, *_) = find_private(text, words=WORDS, field="正文")
    assert finding.rule_id == "NOTICE-3"
    assert finding.hard
    assert what in finding.message
    assert "个人信息保护法" in finding.source


@pytest.mark.parametrize(
    "text",
    [
        "2026年11月23日至2026年11月27日",
        "2026-11-23 2026-11-27",
        "楚贫组发〔2021〕1号",
        "人民币叁仟元整 3,000.00 120,780.00",
        "编号：2026-017",
        "太平村第3组 4人",
        "记账凭证记-12",
        "因病 因灾 因学 因意外 因自然灾害 其他特殊困难",
        "应到36人，实到31人，同意29票，反对1票，弃权1票",
    ],
)
def test_what_belongs_on_a_notice_passes(text: str) -> None:
    assert find_private(text, words=WORDS) == []


def test_a_supervision_phone_passes_and_another_one_does_not() -> None:
    assert find_private("监督电话0878-6711234", allowed=["0878 6711234"]) == []
    assert find_private("李琼仙13812345678", allowed=["0878 6711234"])
    assert find_private("李琼仙13812345678", allowed=["138-1234-5678"]) == []


def test_the_message_does_not_repeat_the_number() -> None:
    (finding,) = find_private("532327197001011234", field="户主姓名")
    assert "532327197001011234" not in finding.message
    assert "户主姓名" in finding.message


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", "-", " ", "."]))
def test_every_mobile_number_is_found(number: str, separator: str) -> None:
    text = separator.join((number[:3], number[3:7], number[7:]))
    assert find_private(f"联系{text}谢谢")
