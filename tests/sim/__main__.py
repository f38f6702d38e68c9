"""`python -m tests.sim SEEDS STEPS`: plays seeds, e.g. 1-200 with 1000 steps each, and tells what it found."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections.abc import Iterator

from tests.sim.actions import draw_plan
from tests.sim.play import Story, play
from tests.sim.shrink import shrink

_TOLD_EVERY = 10
_LONGEST = 300


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", help="1-200, 7 or 3,9,12-14")
    parser.add_argument("steps", type=int, nargs="?", default=1000)
    parser.add_argument("--keep-going", action="store_true", help="do not stop at the first finding")
    parser.add_argument("--shrink", type=float, default=60, help="seconds for a shorter story; 0: only the seed")
    parser.add_argument("--say", action="store_true", help="tell every story as it was played")
    parser.add_argument("--no-county-restores", action="store_true", help="the county never loses its disk")
    wanted = parser.parse_args()
    start, steps, operations, found = time.monotonic(), 0, 0, []
    seeds = list(read_seeds(wanted.seeds))
    for played, seed in enumerate(seeds, start=1):
        story = play(*draw_plan(seed, wanted.steps, restores=not wanted.no_county_restores))
        steps += story.failed_at
        operations += story.operations
        if wanted.say:
            print("\n".join(story.lines))
        if story.failure is not None:
            found.append(seed)
            tell(seed, story, seconds=wanted.shrink)
            if not wanted.keep_going:
                break
        if played % _TOLD_EVERY == 0:
            rate = steps / (time.monotonic() - start)
            print(f"seeds {seeds[0]} to {seed}: {steps} steps, {rate:.0f} steps/s, findings: {found}", flush=True)
    passed = time.monotonic() - start
    rate = steps / passed if passed else 0
    print(f"{steps} steps in {passed:.0f} s ({rate:.0f} steps/s), {operations} operations at the county, "
          f"findings: {found or 'none'}")  # fmt: skip
    return 1 if found else 0


def read_seeds(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def tell(seed: int, story: Story, *, seconds: float) -> None:
    """The seed, where it failed, and the shortest story that fails in the same way, if there is time to look for it."""
    words = " ".join(repr(story.failure).split())
    print(f"seed {seed}: step {story.failed_at} of {len(story.actions)}: {words[:_LONGEST]}", flush=True)
    if not seconds:
        return
    shortest = shrink(story, seconds=seconds)
    print(f"The shortest story found has {len(shortest.actions)} actions, {shortest.setting}:")
    print("\n".join("  " + line for line in shortest.lines))
    assert shortest.failure is not None
    print("".join(traceback.format_exception(shortest.failure)[-12:]))
    print("ACTIONS =", [(one.name, one.who, one.seed) for one in shortest.actions], flush=True)


if __name__ == "__main__":
    sys.exit(main())
