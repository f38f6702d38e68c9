"""Reads the wording of notices and the list of illness words once."""

from __future__ import annotations

from functools import cache

from village_core.domain.notices.texts import NoticeTexts, load_texts
from village_core.resources import read_json


@cache
def notice_texts() -> NoticeTexts:
    """The sentences and labels of `resources/templates/notices.json`."""
    return load_texts(read_json("templates", "notices.json"))


@cache
def illness_words() -> tuple[str, ...]:
    """Words that tell an illness or disability."""
    return tuple(str(word) for word in read_json("templates", "illness_words.json")["words"])
