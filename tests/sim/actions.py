"""The actions of a simulated village. Each is data (name, machine, seed), so that a story can be told again.

An action draws everything it needs from its own seed and the world as it finds it. It says in a few words what it
did, or None when there was nothing to do; so actions can be left out of a story and the others still make sense.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from county_server.sync.snapshots import FAR_BEHIND
from tests.older_program import older_program
from tests.sim.world import MOST_LAPTOPS, Setting, SimLaptop, World
from village_core.domain.errors import UserError
from village_core.exchange.pieces import AT_ONCE

Play = Callable[[World, SimLaptop, Random], str | None]


@dataclass(frozen=True)
class Action:
    """One step of a story."""

    name: str
    who: int
    seed: int


@dataclass(frozen=True)
class Kind:
    """A kind of action: how it is played, how often it is drawn, and which group it belongs to."""

    play: Play
    weight: float
    group: str


KINDS: dict[str, Kind] = {}


def action(group: str, *, weight: float = 1.0) -> Callable[[Play], Play]:
    """Register a kind of action under its function's name. Group `deed`, `line`, `trouble`, `rare` or `county`."""

    def register(play: Play) -> Play:
        KINDS[play.__name__] = Kind(play, weight, group)
        return play

    return register


def perform(world: World, one: Action) -> str | None:
    """Play one action. What the rules of the village refuse is a part of life; anything else is a finding."""
    laptop = world.laptops[one.who % len(world.laptops)]
    rng = Random(one.seed)
    world.entropy.rng = Random(one.seed + 1)
    world.time.pass_by(rng.choice((1, 7, 60, 3_600, 90_000)) + rng.random())
    if laptop.older and one.name in _NEEDS_NEWER:
        return None
    if laptop.older and one.name == "restart" and rng.random() < 0.5:
        laptop.upgrade()
        return "is upgraded"
    try:
        with older_program(sends=True) if laptop.older else nullcontext():
            return KINDS[one.name].play(world, laptop, rng)
    except UserError as refusal:
        return f"refused: {refusal.what}"


def draw_plan(seed: int, steps: int, *, restores: bool = True) -> tuple[Setting, list[Action]]:
    """A seed's world and its actions; a longer story begins like a shorter one. Without `restores` the county never
    loses its disk.

    Each seed leaves some kinds out and likes others more: stories that have little variety go deeper.
    """
    rng = Random(f"tiangeng {seed}")
    rest_every = Random(f"tiangeng {seed} rests").choice(_RESTS)
    programs = Random(f"tiangeng {seed} programs")
    older = frozenset(number for number in range(MOST_LAPTOPS) if programs.random() < _OLDER)
    setting = Setting(rng.choice((2, 2, 3, 4)), rng.choice(_FAR), rng.choice(_ROOM), rest_every, older)
    names = sorted(name for name, kind in KINDS.items() if restores or kind.group != "county")
    weights = [KINDS[name].weight * rng.choice((0, 0.3, 1, 1, 3)) for name in names]
    for number, name in enumerate(names):
        if name == "sync":
            weights[number] = KINDS[name].weight * rng.choice((0.3, 1, 2))
    sums = list(accumulate(weights))
    chosen = (rng.choices(names, cum_weights=sums)[0] for _ in range(steps))
    return setting, [Action(name, rng.randrange(MANY), rng.randrange(1 << 32)) for name in chosen]


_FAR = (6, 25, 80, FAR_BEHIND, FAR_BEHIND)
_ROOM = (100, 600, AT_ONCE, AT_ONCE)
_RESTS = (150, 400, 800)
_OLDER = 0.2
_NEEDS_NEWER = frozenset(
    {
        "close_month",
        "edit_plain",
        "insert_any_row",
        "post_draft",
        "several_things_at_once",
        "update_any_row",
        "write_draft",
    }
)
"""Deeds that write what an older program does not know."""
MANY = 60
"""Machines are named by numbers below this, taken modulo how many there are."""
