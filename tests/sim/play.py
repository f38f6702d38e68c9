"""Tells a story: plays its actions, watches the invariants after each, and at rest demands that all are equal."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from county_server.sync.epochs import PATIENCE_DAYS
from county_server.sync.service import DEFAULT_DOWN_LIMIT
from county_server.tables import county_digests
from desktop_app.ledger.checks import check_books
from desktop_app.storage.journal_head import told_problems
from desktop_app.sync import words
from desktop_app.sync.loop import ExchangeReport, exchange_once
from desktop_app.sync.proof import verify_all
from tests.sim import deeds, forms, generic, office, trouble  # noqa: F401 - they register their actions
from tests.sim.actions import Action, perform
from tests.sim.line import SimLine
from tests.sim.village_rules import (
    demand_numbers_at_laptop,
    demand_photos_arrived,
    demand_rules_at_county,
    demand_rules_at_laptop,
)
from tests.sim.witness import InvariantBrokenError, Witness, demand
from tests.sim.world import Setting, SimLaptop, World, new_world
from village_core.exchange import digests

_MOST_ROUNDS = 25


@dataclass
class Story:
    """What was played. `failure` is None when everything held."""

    setting: Setting
    actions: Sequence[Action]
    lines: list[str] = field(default_factory=list)
    failure: BaseException | None = None
    failed_at: int = 0
    digests: dict[str, str] = field(default_factory=dict)
    operations: int = 0
    exchanges: int = 0
    quiet_equal: bool = False

    def signature(self) -> str:
        """What kind of failure it is, so that a shorter story is about the same thing."""
        if self.failure is None:
            return ""
        if isinstance(self.failure, InvariantBrokenError):
            return "".join(letter for letter in str(self.failure) if not letter.isdigit())[:25]
        return type(self.failure).__name__


def play(setting: Setting, actions: Sequence[Action], *, county_address: str | None = None) -> Story:
    """Play the actions in a fresh world and bring it to rest at the end."""
    story = Story(setting, actions)
    with new_world(setting, county_address=county_address) as world:
        player = Player(world, story)
        try:
            for number, one in enumerate(actions):
                story.failed_at = number
                player.step(number, one)
            story.failed_at = len(actions)
            player.rest()
        except Exception as failure:  # noqa: BLE001 - whatever it is, it is a finding
            story.failure = failure
        story.operations = len(player.witness.at_county)
    return story


class Player:
    """Plays step by step; also behind the state machine."""

    def __init__(self, world: World, story: Story) -> None:
        self.world = world
        self.story = story
        self.witness = Witness(world)
        self._look_everywhere()

    def step(self, number: int, one: Action) -> None:
        laptop = self.world.laptops[one.who % len(self.world.laptops)]
        self.story.lines.append(f"{number}. {laptop.name} {one.name} …")
        told = perform(self.world, one)
        self.story.lines[-1] = f"{number}. {laptop.name} {told or f'({one.name}: nothing to do)'}"
        self.story.exchanges += one.name.startswith("sync")
        if told is not None:
            self.witness.look(laptop)
        if len(self.world.laptops) > len(self.witness.known):
            self._look_everywhere()
        county_moved = self.world.county.touched
        if county_moved:
            self.witness.look_at_county()
        if told is not None:
            self._demand_rules(at=[laptop], county=county_moved)
        if number % self.world.setting.rest_every == self.world.setting.rest_every - 1:
            self.rest()

    def rest(self) -> None:
        """Everyone exchanges on a good line until nothing moves; then all must be equal and whole."""
        self.story.lines.append("all exchange until it is quiet")
        for laptop in self.world.living:
            if laptop.older:
                laptop.upgrade()
        self._exchange_until_quiet()
        self._look_everywhere()
        self.witness.look_at_county()
        self.witness.demand_everything_arrived()
        self.witness.demand_whole_chains()
        self._demand_rules(at=self.world.living, county=True)
        self._demand_equality()
        demand_photos_arrived(self.world)

    def _exchange_until_quiet(self) -> None:
        waited = False
        for _ in range(_MOST_ROUNDS):
            reports: list[ExchangeReport] = []
            for laptop in self.world.living:
                line = SimLine(self.world.county, down_limit=DEFAULT_DOWN_LIMIT)
                self.world.time.pass_by(1)
                with suppress(words.LineError):  # e.g. an answer that is not kept any more: the next try asks again
                    reports.append(exchange_once(laptop.workspace, line))
            through = len(reports) == len(self.world.living)
            if through and all(report.sent == report.received == 0 for report in reports):
                if not waited and not all(report.equal for report in reports):
                    # After a restore the county waits for machines that still have what it lost, but not for ever.
                    waited = True
                    self.world.time.pass_by(timedelta(days=PATIENCE_DAYS + 1).total_seconds())
                    continue
                for laptop, report in zip(self.world.living, reports, strict=True):
                    demand(report.equal, f"all is quiet, and {laptop.name} is not equal to the county")
                return
        raise InvariantBrokenError("the laptops do not come to rest")

    def _look_everywhere(self) -> None:
        for laptop in self.world.laptops:
            self.witness.look(laptop)

    def _demand_rules(self, *, at: Sequence[SimLaptop], county: bool) -> None:
        """Where something was done."""
        self.witness.demand_nothing_missing()
        if county:
            self.witness.demand_closed_stays_closed()
            demand_rules_at_county(self.world)
        for laptop in at:
            demand_rules_at_laptop(self.world, laptop)
            self.witness.demand_facts_stay(laptop)

    def _demand_equality(self) -> None:
        """The digests that are kept say what the rows say, at the county and on every laptop."""
        world = self.world
        with world.county.engine.connect() as connection:
            village = world.laptops[0].workspace.village
            kept = digests.table_digests(connection, county_digests, village=village)
            demand(kept == digests.recompute(connection, village=village), "the county's kept digests are wrong")
        for laptop in world.living:
            report = verify_all(laptop.workspace)
            problems = set(report.problems)
            if world.facts.get("nonsense"):
                with laptop.workspace.engine.connect() as connection:
                    problems -= set(check_books(connection))
            if laptop.workspace.actor.device in world.copied_untold:
                with laptop.workspace.engine.connect() as connection:
                    problems -= set(told_problems(connection))
            demand(not problems, f"verify of {laptop.name}: {'; '.join(sorted(problems))}")
            wrong = sorted(name for name, digest in report.digests.items() if digest != kept[name])
            demand(not wrong, f"{laptop.name} differs from the county in {wrong}")
            demand_numbers_at_laptop(laptop)
        self.story.digests = kept
