"""The other half of the fixed seeds, in a file of its own for the second worker."""

from __future__ import annotations

import pytest

from tests.sim.actions import draw_plan
from tests.sim.play import play

_STEPS = 850


@pytest.mark.parametrize("seed", range(7, 13))
def test_no_interleaving_of_this_seed_breaks_an_invariant(seed: int) -> None:
    story = play(*draw_plan(seed, _STEPS))

    assert story.failure is None, "\n".join([*story.lines[-30:], repr(story.failure)])
    assert story.operations > 20
