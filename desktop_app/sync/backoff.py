"""How long to wait before the next try by itself: for ever, never all at once, and longer the longer it does not go."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_SECONDS, LONGEST_SECONDS = 2.0, 600.0
IDLE_SECONDS = 300.0


class Backoff:
    """Full jitter between two seconds and a span that doubles with each failure up to ten minutes."""

    def __init__(self, pick: Callable[[float, float], float] = random.uniform) -> None:
        self._pick = pick
        self._failures = 0

    @property
    def failing(self) -> bool:
        return self._failures > 0

    def after_success(self) -> float:
        """Seconds until the next look, also when nothing is known to wait: others may have done something."""
        self._failures = 0
        return self._pick(IDLE_SECONDS * 3 / 4, IDLE_SECONDS)

    def after_failure(self, *, moved: bool = False, told: float = 0.0) -> float:
        """`moved`: something got through before it failed, so the line is there. `told`: so long the county asked to
        be left alone."""
        self._failures = 1 if moved else self._failures + 1
        longest = min(FIRST_SECONDS * 2 ** min(self._failures, 20), LONGEST_SECONDS)
        return max(self._pick(FIRST_SECONDS, longest), told * self._pick(1.0, 1.25) if told else 0.0)

    def after_refusal(self) -> float:
        """A person has to do something first; but it may have been done at the county."""
        self._failures += 1
        return LONGEST_SECONDS
