"""The same seed on SQLite and on PostgreSQL ends in the same digests."""

from __future__ import annotations

import pytest

from tests.counties import new_postgres
from tests.sim.actions import draw_plan
from tests.sim.play import play


@pytest.mark.parametrize("seed", [301, 302])
def test_both_counties_end_with_the_same_digests(seed: int, postgres: str) -> None:
    setting, actions = draw_plan(seed, 150)
    small = play(setting, actions)
    with new_postgres(postgres) as address:
        large = play(setting, actions, county_address=address)

    assert (small.failure, large.failure) == (None, None)
    assert small.lines == large.lines
    assert small.digests == large.digests
