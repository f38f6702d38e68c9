"""More than 10,000 steps of made-up village life with fixed seeds; `make sim` plays more of them."""

from __future__ import annotations

import pytest

from tests.sim.actions import draw_plan
from tests.sim.play import play
from tests.sim.seeds import LEAST_STEPS, SEEDS, STEPS


@pytest.mark.parametrize("seed", SEEDS[::2])
def test_no_interleaving_of_this_seed_breaks_an_invariant(seed: int) -> None:
    play_whole(seed)


def test_the_fixed_seeds_are_different_and_many() -> None:
    assert len(set(SEEDS)) * STEPS >= LEAST_STEPS


def play_whole(seed: int) -> None:
    story = play(*draw_plan(seed, STEPS))

    assert story.failure is None, "\n".join([*story.lines[-30:], repr(story.failure)])
    assert story.operations > 100
