"""What the county's office does, what goes there by stick, and what people decide about questions."""

from __future__ import annotations

import shutil
from random import Random

from county_server.sync.epochs import note_restored
from desktop_app.sync.decisions import decide_question
from tests.restoring import CountyBackup
from tests.seats import take_over
from tests.sim.actions import action
from tests.sim.world import SimLaptop, World, draw
from tests.sticks import answer, bring_back, carry, write
from village_core.exchange.seats import SeatKind
from village_core.records import Record

_HELD = Record.metadata.tables["held_change"]
_MOST_FILES = 6


@action("deed", weight=4)
def decide(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """Somebody says which side of a question stands."""
    question = draw(rng, laptop.ids(_HELD))
    if question is None:
        return None
    choice = rng.choice(("standing", "offered"))
    laptop.do(lambda uow: decide_question(uow, question, choice, reason="代表会议定的"))
    return f"decides question {question.hex[-4:]}: {choice}"


@action("trouble", weight=0.6)
def take_rights_over(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    if laptop.revoked:
        return None
    kinds = rng.choice(((SeatKind.GRANT,), (SeatKind.LEDGER,), tuple(SeatKind)))
    world.county.touched = True
    take_over(laptop, *kinds)
    return f"gets {[kind.value for kind in kinds]} from the county"


@action("line", weight=0.8)
def write_stick(world: World, laptop: SimLaptop, rng: Random) -> str:
    """What waits goes to a stick, which may lie about for long."""
    files = write(laptop, world.new_folder("stick"))
    kept = world.facts.setdefault("sticks", [])
    kept += files
    del kept[:-_MOST_FILES]
    return f"writes {len(files)} files to a stick"


@action("line", weight=0.8)
def carry_stick(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """The county reads some file, perhaps for the second time, perhaps before an older one."""
    file = draw(rng, world.facts.get("sticks", []))
    if file is None:
        return None
    world.county.touched = True
    reports = carry(world.county, file)
    return f"(the county reads {file.parent.name}: {len(reports)} parts)"


@action("line", weight=0.8)
def bring_stick_back(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """The county writes what a laptop lacks; it comes now, later, twice or never."""
    answers = world.facts.setdefault("answers", {}).setdefault(laptop.number, [])
    if not answers or rng.random() < 0.7:
        world.county.touched = True
        answers.append(answer(world.county, laptop, world.new_folder("answer"), far=world.county.far))
        del answers[:-3]
    if rng.random() < 0.3:
        return "an answer is written for it"
    file = rng.choice(answers)
    bring_back(laptop, file)
    return f"reads the answer {file.name}"


@action("rare", weight=0.3)
def lose_stick(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    sticks = world.facts.get("sticks", [])
    if not sticks:
        return None
    shutil.rmtree(sticks.pop(rng.randrange(len(sticks))).parent, ignore_errors=True)
    world.facts["sticks"] = [one for one in sticks if one.exists()]
    return "(a stick is lost)"


@action("county", weight=0.4)
def back_the_county_up(world: World, laptop: SimLaptop, rng: Random) -> str:
    world.facts["county_backup"] = CountyBackup(world.county)
    return "(the county is backed up)"


@action("county", weight=0.2)
def restore_the_county(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """The county's database comes back from an older backup; whether anybody says so is left to chance."""
    backup: CountyBackup | None = world.facts.get("county_backup")
    if backup is None:
        return None
    backup.restore()
    world.county.restored = world.county.touched = True
    if rng.random() < 0.5:
        note_restored(world.county.engine, clock=world.county.clock)
    return "(the county is restored from its backup)"
