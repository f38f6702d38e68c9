"""Hostile input at every door: what was found stays found, and a small fixed budget of new tries."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.fuzz.door import CORPUS
from tests.fuzz.doors import DOORS
from tests.fuzz.trying import try_door

_OPENED = {"sheet/good", "old-sheet/good-by-xlwt.xls"}
_FILES = sorted(str(path.relative_to(CORPUS)) for path in CORPUS.glob("*/*"))


@pytest.mark.parametrize("name", _FILES)
def test_each_file_of_the_corpus_is_refused_in_words_or_taken_whole(name: str) -> None:
    taken = try_door(DOORS[name.partition("/")[0]], (CORPUS / name).read_bytes())
    assert taken or name not in _OPENED


@pytest.mark.parametrize("name", DOORS)
def test_a_door_takes_hostile_input_or_refuses_it_in_words(name: str) -> None:
    door = DOORS[name]

    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def many(data: st.DataObject) -> None:
        try_door(door, data.draw(hostile))

    hostile = door.hostile()
    many()


@pytest.mark.parametrize("name", DOORS)
def test_each_start_of_a_door_has_good_input_that_is_taken(name: str) -> None:
    """Otherwise the tries would all end at the first check."""
    for number, start in enumerate(DOORS[name].starts):
        assert any(try_door(DOORS[name], start.seal(seed)) for seed in start.seeds()), number
