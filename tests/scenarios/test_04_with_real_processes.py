"""Scenario 4 with real processes: kill -9 of the laptop's program at many moments while it takes in a pulled answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import pytest

from tests import killed_laptop
from tests.fault_proxy import Faults
from tests.laptops import LaptopMaker, sync_until_quiet
from tests.real_county import ROOT, RealCounty, RealLaptop
from village_core.records.households import Household, Person

HOUSEHOLDS = 150
MOMENTS = range(4, 600, 31)


@contextmanager
def program(laptop: RealLaptop) -> Iterator[tuple[IO[str], IO[str]]]:
    """What is told to it and what it tells."""
    command = [sys.executable, str(killed_laptop.__file__), str(laptop.workspace.folder), laptop.workspace.key.hex()]
    with subprocess.Popen(
        command,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdin, process.stdout


def content(laptop: RealLaptop) -> tuple[str | None, int, int]:
    laptop.workspace.engine.dispose()
    return laptop.workspace.state("sync.cursor"), len(laptop.all(Household)), len(laptop.all(Person))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 and fork are of Unix")
def test_what_a_killed_program_was_taking_in_is_there_whole_or_not_at_all(
    real_county: RealCounty, make_laptop: LaptopMaker
) -> None:
    first, second = (real_county.laptop(make_laptop) for _ in range(2))
    sync_until_quiet(first, second)
    for number in range(3):
        household = first.add_household(number=f"000{number}", head_name="罗铉", phone="1")
        first.add_person(household, "罗铉")
    for number in range(HOUSEHOLDS):
        first.edit(Household, household, phone=str(number), note=f"第{number}次，{number**9:x}")
    first.sync()
    real_county.line.faults = Faults(cut_down=2_500, connections=2)
    nothing = content(second)
    killed = 0

    with program(second) as (tell, told):
        for moment in MOMENTS:
            tell.write(f"{moment}\n")
            tell.flush()
            ended = int(told.readline())
            after = content(second)
            if after != nothing:
                break
            killed += ended == signal.SIGKILL

    assert killed > 3
    assert after[1:] == (3, 3)
    sync_until_quiet(first, second)
    assert second.get(Household, household).note == first.get(Household, household).note
