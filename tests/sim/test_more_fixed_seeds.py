"""The other half of the fixed seeds, in a file of its own for the second worker."""

from __future__ import annotations

import pytest

from tests.sim.seeds import SEEDS
from tests.sim.test_fixed_seeds import play_whole


@pytest.mark.parametrize("seed", SEEDS[1::2])
def test_no_interleaving_of_this_seed_breaks_an_invariant(seed: int) -> None:
    play_whole(seed)
