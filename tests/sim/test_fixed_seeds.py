"""More than 10,000 steps of made-up village life with fixed seeds; `make sim` plays more of them."""

from __future__ import annotations

import pytest

from tests.sim.actions import draw_plan
from tests.sim.play import play
from tests.sim.seeds import REGRESSIONS

_STEPS = 850


@pytest.mark.parametrize("seed", range(1, 7))
def test_no_interleaving_of_this_seed_breaks_an_invariant(seed: int) -> None:
    story = play(*draw_plan(seed, _STEPS))

    assert story.failure is None, "\n".join([*story.lines[-30:], repr(story.failure)])
    assert story.operations > 20


@pytest.mark.parametrize(("seed", "steps"), REGRESSIONS)
def test_a_seed_that_once_failed_does_not_fail_again(seed: int, steps: int) -> None:
    story = play(*draw_plan(seed, steps))

    assert story.failure is None, "\n".join([*story.lines[-30:], repr(story.failure)])


def test_the_same_seed_tells_the_same_story() -> None:
    first, second = (play(*draw_plan(7, 150)) for _ in range(2))

    assert first.lines == second.lines
    assert first.digests == second.digests
