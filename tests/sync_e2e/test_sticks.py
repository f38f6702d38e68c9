"""Sticks and lines in any order, with files lost, late and twice: laptops and county end alike."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from desktop_app.storage.county_clock import KNOWN_DAY
from desktop_app.sync.words import LineError
from tests.counties import County
from tests.laptops import Laptop, LaptopMaker, sync_until_quiet
from tests.sticks import answer, bring_back, carry, round_trip, write
from village_core.domain.clock import today
from village_core.domain.errors import UserError
from village_core.records.households import Household

STEPS = 45


@pytest.mark.parametrize("seed", range(4))
def test_sticks_and_lines_in_any_order_end_alike(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path, seed: int
) -> None:
    story = Story(small_county, [make_laptop(small_county), make_laptop(small_county)], tmp_path / "sticks", seed)
    for _ in range(STEPS):
        story.step()
    sync_until_quiet(*story.laptops)
    for laptop in story.laptops:
        assert {one.id for one in laptop.all(Household)} >= story.made


def test_a_year_that_the_clock_once_had_is_taken_back_by_stick_too(
    small_county: County, make_laptop: LaptopMaker, tmp_path: Path
) -> None:
    laptop = make_laptop(small_county)
    laptop.sync()
    workspace, day = laptop.workspace, today(small_county.clock)
    workspace.set_state(KNOWN_DAY, (day + timedelta(days=7000)).isoformat())
    laptop.add_household()
    round_trip(laptop, tmp_path / "stick")
    assert workspace.state(KNOWN_DAY) == day.isoformat()


class Story:
    """What happens in a village whose line and sticks fail, from a seed."""

    def __init__(self, county: County, laptops: list[Laptop], folder: Path, seed: int) -> None:
        self.county = county
        self.laptops = laptops
        self.made: set[UUID] = set()
        self._folder = folder
        self._folder.mkdir()
        self._random = random.Random(seed)
        self._up: list[Path] = []
        self._down: list[tuple[Laptop, Path]] = []
        self._count = 0

    def step(self) -> None:
        laptop = self._random.choice(self.laptops)
        deed = self._random.choice(
            [self._add, self._edit, self._edit, self._sync, self._write, self._carry, self._carry, self._answer]
            + [self._bring_back] * 3
        )
        deed(laptop)

    def _add(self, laptop: Laptop) -> None:
        self.made.add(laptop.add_household(head_name=f"户{len(self.made)}"))

    def _edit(self, laptop: Laptop) -> None:
        rows = laptop.all(Household)
        if rows:
            row = self._random.choice(rows)
            laptop.edit(Household, row.id, **{self._random.choice(["note", "phone"]): str(self._random.random())})

    def _sync(self, laptop: Laptop) -> None:
        setattr(laptop.line, self._random.choice(["lose_requests", "lose_answers"]), self._random.choice([0, 1]))
        try:
            laptop.sync()
        except LineError:
            return
        finally:
            laptop.line.lose_requests = laptop.line.lose_answers = 0

    def _write(self, laptop: Laptop) -> None:
        self._count += 1
        self._up += write(laptop, self._folder / str(self._count), part_limit=self._random.choice([66_000, 1 << 30]))

    def _carry(self, laptop: Laptop) -> None:
        if self._up:
            carry(self.county, self._random.choice(self._up))

    def _answer(self, laptop: Laptop) -> None:
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        try:
            self._down.append((laptop, answer(self.county, laptop, folder)))
        except UserError as error:
            assert "还没有收过" in error.what

    def _bring_back(self, _laptop: Laptop) -> None:
        if not self._down:
            return
        laptop, file = self._random.choice(self._down)
        try:
            bring_back(laptop, file)
        except UserError as error:
            assert "还缺更早的一份回执" in error.what
