"""The seeds that the suite plays: such as exchange seldom and come to rest at their end, so that many steps cost
little. What long runs found is told in `tests/sync_e2e/test_found_by_the_simulator.py` and the tests named there."""

from __future__ import annotations

STEPS = 770
SEEDS = (81, 181, 402, 424, 503, 524, 583, 586, 635, 857, 951, 1196, 1352)
LEAST_STEPS = 10_000
