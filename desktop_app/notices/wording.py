"""Reads the wording of notices and the list of illness words once."""

from __future__ import annotations

from functools import cache

from village_core.domain.notices.texts import NoticeTexts, load_texts
from village_core.resources import read_resource


@cache
def notice_texts() -> NoticeTexts:
    """The sentences and labels of `resources/templates/notices.json`."""
    return read_resource(load_texts, "templates", "notices.json")


@cache
def illness_words() -> tuple[str, ...]:
    """Words that tell an illness or disability."""
    return read_resource(lambda data: tuple(data["words"]), "templates", "illness_words.json")
