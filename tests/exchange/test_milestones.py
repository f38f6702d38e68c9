"""The marks of numbers, and which of them a laptop keeps."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from village_core.exchange.milestones import (
    MOST_MILESTONES,
    NO_TRAIL,
    Milestone,
    Trail,
    mark_of,
    pack_milestones,
    read_trail,
    unpack_milestones,
)


def _walked(count: int) -> Trail:
    trail = NO_TRAIL
    for number in range(1, count + 1):
        trail = trail.then(Milestone(number * 3, number.to_bytes(8, "big")))
    return trail


def test_the_last_are_kept_whole_and_older_ones_ever_more_seldom() -> None:
    numbers = [one.number // 3 for one in _walked(2_000).milestones]
    assert numbers[:8] == list(range(2_000, 1_992, -1))
    assert len(numbers) < 48
    gaps = [newer - older for newer, older in pairwise(numbers)]
    assert gaps == sorted(gaps)
    for age in (10, 100, 1_000):
        assert min(abs(2_000 - number - age) for number in numbers) <= age / 3


def test_so_many_are_never_kept_that_the_county_refuses_them() -> None:
    assert len(_walked(20_000).steps) <= MOST_MILESTONES // 2


@given(st.integers(0, 300), st.integers(0, 1_000))
def test_a_trail_is_read_as_it_was_written_and_goes_on_from_where_it_was_sent_back(count: int, number: int) -> None:
    trail = _walked(count).back_to(number)
    assert read_trail(trail.text) == trail
    assert unpack_milestones(pack_milestones(trail.milestones)) == trail.milestones
    assert all(one.number <= number for one in trail.milestones)
    there = Milestone(number + 5, bytes(8))
    assert trail.then(there).newest == there
    assert trail.then(there).then(there) == trail.then(there)


def test_the_same_number_at_another_time_has_another_mark() -> None:
    place = {"number": 7, "device": -1, "incarnation": 1, "seq": 3, "row_id": bytes(16)}
    assert mark_of(**place, received=1 << 40) != mark_of(**place, received=(1 << 40) + 1)  # type: ignore[arg-type]


def test_what_is_no_list_of_milestones_is_none() -> None:
    assert unpack_milestones(bytes(17)) is None
    assert unpack_milestones(bytes(16 * (MOST_MILESTONES + 1))) is None
