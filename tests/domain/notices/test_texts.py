"""The wording is data: complete, with its sources, and refused when a piece is missing."""

from __future__ import annotations

import copy

import pytest

from village_core.domain.notices.model import NoticeKind
from village_core.domain.notices.texts import load_texts
from village_core.resources import read_json

DATA = read_json("templates", "notices.json")


def test_every_kind_of_notice_has_its_wording_and_says_where_it_comes_from() -> None:
    texts = load_texts(DATA)
    assert set(texts.kinds) == set(NoticeKind)
    assert any("楚贫组发〔2021〕1号" in source for source in DATA["sources"])


@pytest.mark.parametrize("kind", list(NoticeKind))
def test_a_missing_kind_is_refused(kind: NoticeKind) -> None:
    data = copy.deepcopy(DATA)
    del data["kinds"][kind.value]
    with pytest.raises(ValueError, match="wording"):
        load_texts(data)


@pytest.mark.parametrize("piece", ["title", "opening", "amount", "closing", "salutation"])
def test_a_missing_sentence_is_refused(piece: str) -> None:
    data = copy.deepcopy(DATA)
    del data["kinds"]["relief_notice"][piece]
    with pytest.raises(KeyError):
        load_texts(data)


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(ValueError, match="object"):
        load_texts([])
