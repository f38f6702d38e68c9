"""Finds the shortest story of a failure: delta debugging over the list of actions."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from tests.sim.actions import Action
from tests.sim.play import Story, play


def shrink(story: Story, *, seconds: float = 60, tell: Callable[[str], None] | None = None) -> Story:
    """A story with fewer actions that fails in the same way, as short as it gets in the time."""
    end = time.monotonic() + seconds
    best = story
    candidate = play(story.setting, list(story.actions[: story.failed_at + 1]))
    if candidate.signature() == story.signature():
        best = candidate
    size = max(len(best.actions) // 2, 1)
    while time.monotonic() < end:
        shorter = _without_a_piece(best, size, end=end)
        if shorter is not None:
            best = shorter
            size = min(size, max(len(best.actions) // 2, 1))
            if tell is not None:
                tell(f"{len(best.actions)} actions")
        elif size == 1:
            break
        else:
            size //= 2
    return best


def _without_a_piece(story: Story, size: int, *, end: float) -> Story | None:
    """The first shorter story, from the end on, that still fails in the same way."""
    actions: Sequence[Action] = story.actions
    for stop in range(len(actions), 0, -size):
        if time.monotonic() >= end:
            return None
        rest = [*actions[: max(stop - size, 0)], *actions[stop:]]
        candidate = play(story.setting, rest)
        if candidate.failure is not None and candidate.signature() == story.signature():
            return candidate
    return None
