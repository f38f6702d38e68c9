"""Any interleaving that Hypothesis can think of, over the same actions, ends with every laptop equal to the county."""

from __future__ import annotations

from contextlib import ExitStack

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.sim.actions import KINDS, Action
from tests.sim.play import Player, Story
from tests.sim.world import Setting, new_world

_who = st.integers(0, 3)
_seed = st.integers(0, (1 << 32) - 1)


def _names(group: str) -> list[str]:
    return sorted(name for name, kind in KINDS.items() if kind.group == group)


class Village(RuleBasedStateMachine):
    """Two or three laptops and a county; after each step the invariants are asked, at the end all must be equal."""

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self._number = 0
        self._player: Player | None = None

    @initialize(laptops=st.integers(2, 3), far=st.sampled_from((6, 2_000)), at_once=st.sampled_from((100, 8_192)))
    def switch_on(self, laptops: int, far: int, at_once: int) -> None:
        setting = Setting(laptops, far=far, at_once=at_once)
        world = self._open.enter_context(new_world(setting))
        self._player = Player(world, Story(setting, []))

    @rule(name=st.sampled_from(_names("deed")), who=_who, seed=_seed)
    def somebody_works(self, name: str, who: int, seed: int) -> None:
        self._play(name, who, seed)

    @rule(name=st.sampled_from(_names("line")), who=_who, seed=_seed)
    def somebody_exchanges(self, name: str, who: int, seed: int) -> None:
        self._play(name, who, seed)

    @rule(name=st.sampled_from(_names("trouble") + _names("rare") + _names("county")), who=_who, seed=_seed)
    def something_goes_wrong(self, name: str, who: int, seed: int) -> None:
        self._play(name, who, seed)

    def teardown(self) -> None:
        try:
            if self._player is not None:
                self._player.rest()
        finally:
            self._open.close()

    def _play(self, name: str, who: int, seed: int) -> None:
        assert self._player is not None
        self._player.step(self._number, Action(name, who, seed))
        self._number += 1


def test_any_interleaving_ends_equal() -> None:
    run_state_machine_as_test(
        Village,
        settings=settings(
            max_examples=3,
            stateful_step_count=200,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
