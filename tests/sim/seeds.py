"""The seeds that the suite plays: such as exchange seldom and come to rest at their end, so that many steps cost
little. What long runs found is told in `tests/sync_e2e/test_found_by_the_simulator.py` and the tests named there."""

from __future__ import annotations

STEPS = 770
SEEDS = (15, 67, 71, 81, 134, 137, 148, 175, 182, 205, 234, 243, 261)
LEAST_STEPS = 10_000
