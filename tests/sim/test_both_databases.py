"""The same seed tells the same story on SQLite and on PostgreSQL, in the same process one after the other."""

from __future__ import annotations

from tests.counties import new_postgres
from tests.sim.actions import draw_plan
from tests.sim.play import play


def test_the_same_seed_tells_the_same_story_on_both_databases(postgres: str) -> None:
    setting, actions = draw_plan(301, 150)
    small = play(setting, actions)
    with new_postgres(postgres) as address:
        large = play(setting, actions, county_address=address)

    assert (small.failure, large.failure) == (None, None)
    assert small.lines == large.lines
    assert small.digests == large.digests
