"""What the county's office does, and what goes there by stick."""

from __future__ import annotations

import shutil
from random import Random
from typing import Any

from sqlalchemy import select

from county_server.admin.compaction import LEAST_DAYS, compact_logs
from county_server.admin.people import list_people, set_roles
from county_server.admin.thinning import thin_proofs
from county_server.sync.epochs import note_restored
from county_server.tables import oplog
from tests.restoring import CountyBackup
from tests.seats import take_over
from tests.sim.actions import action
from tests.sim.world import SimLaptop, World, draw
from tests.sticks import answer, bring_back, carry, write
from village_core.exchange.seats import SeatKind

_MOST_FILES = 6


@action("trouble", weight=0.6)
def take_rights_over(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    if laptop.revoked:
        return None
    kinds = rng.choice(((SeatKind.GRANT,), (SeatKind.LEDGER,), tuple(SeatKind)))
    world.county.touched = True
    take_over(laptop, *kinds)
    return f"gets {[kind.value for kind in kinds]} from the county"


_ROLES = ("文书", "报账员", "支书", "支书,文书", "报账员", "会计", "出纳", "第一书记", "只读")


@action("trouble", weight=0.5)
def give_roles(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """The county gives somebody other roles; what he did before he heard of it still comes."""
    engine, clock, village = world.county.engine, world.county.clock, laptop.workspace.village
    person = draw(rng, sorted(one.id for one in list_people(engine, village)))
    if person is None:
        return None
    world.county.touched = True
    roles, combines = rng.choice(_ROLES).split(","), rng.random() < 0.3
    set_roles(engine, village, person, roles=roles, combines=combines, note="村两委定", clock=clock)
    return f"(the county gives {person[-4:]} the roles {roles})"


@action("trouble", weight=0.3)
def compact_the_log(world: World, laptop: SimLaptop, rng: Random) -> str:
    """The county forgets old operations and thins its proofs out."""
    engine, clock = world.county.engine, world.county.clock
    column = oplog.c
    query = select(column.fingerprint, column.number, column.device, column.incarnation, column.seq)
    with engine.connect() as connection:
        before = connection.execute(query.where(column.device > 0)).all()
    found = compact_logs(engine, days=rng.choice((LEAST_DAYS, 90)), clock=clock)
    thin_proofs(engine, days=LEAST_DAYS, clock=clock)
    with engine.connect() as connection:
        after = set(connection.scalars(select(column.number)))
    world.county.forgotten += [row for row in before if row.number not in after]
    return f"(the county forgets {sum(one.removed for one in found)} operations)"


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
    world.facts["county_backup"] = CountyBackup(world.county), list(world.county.forgotten)
    return "(the county is backed up)"


@action("county", weight=0.2)
def restore_the_county(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """The county's database comes back from an older backup; whether anybody says so is left to chance."""
    kept: tuple[CountyBackup, list[Any]] | None = world.facts.get("county_backup")
    if kept is None:
        return None
    kept[0].restore()
    world.county.forgotten = list(kept[1])
    world.county.restored = world.county.touched = True
    world.county.restores += 1
    if rng.random() < 0.5:
        note_restored(world.county.engine, clock=world.county.clock)
    world.note_who_is_out()
    return "(the county is restored from its backup)"
