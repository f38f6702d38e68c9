"""Seeds that found something, with the number of steps that it took. What they found is told in
`tests/sync_e2e/test_found_by_the_simulator.py`; actions that were added since have changed their stories."""

from __future__ import annotations

REGRESSIONS: tuple[tuple[int, int], ...] = ((2, 120), (5, 240), (9, 240), (11, 120))
"""(seed, steps)"""
