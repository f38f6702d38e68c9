"""What happens to machines and lines: exchanges on bad lines, power cuts, wrong clocks, restored and cloned disks."""

from __future__ import annotations

import shutil
from datetime import timedelta
from random import Random

from county_server.admin.service import revoke_device
from desktop_app.storage.journal_head import place_before, told_head
from desktop_app.sync.enrolment import join_county
from desktop_app.sync.loop import exchange_once
from tests.sim.actions import KINDS, Action, action, perform
from tests.sim.line import FAULTS, Fault, SimLine
from tests.sim.power import PowerCutError
from tests.sim.world import SimLaptop, World
from village_core.domain.errors import UserError

_MOST_MACHINES = 5
_MOST_BACKUPS = 2


@action("line", weight=7)
def sync(world: World, laptop: SimLaptop, rng: Random) -> str:
    """One exchange, most of them on a bad line."""
    laptop.line.calm()
    if rng.random() < 0.6:
        for _ in range(rng.choice((0, 0, 1, 2))):
            laptop.line.faults.append(None)
        laptop.line.faults.append(Fault(rng.choice(FAULTS), rng.random(), rng.randrange(60)))
    told = [fault.kind for fault in laptop.line.faults if fault is not None]
    return _exchange(laptop, laptop.line, told)


@action("line", weight=1)
def sync_while_something_happens(world: World, laptop: SimLaptop, rng: Random) -> str:
    """While the answer is on its way, a person works on, or another program exchanges, too."""
    laptop.line.calm()
    told: list[str] = []
    seeds = [rng.randrange(1 << 32) for _ in range(rng.choice((1, 1, 3)))]
    names = [rng.choice(_deeds()) for _ in seeds]
    other = rng.random() < 0.4

    def meanwhile() -> None:
        if other:
            line = SimLine(world.county, down_limit=laptop.down_limit)
            told.append("another program: " + _exchange(laptop, line, []))
        for name, seed in zip(names, seeds, strict=True):
            told.append(f"{name}: {perform(world, Action(name, world.laptops.index(laptop), seed))}")

    laptop.line.meanwhile = meanwhile
    return _exchange(laptop, laptop.line, []) + f", and meanwhile {told}"


def _exchange(laptop: SimLaptop, line: SimLine, told: list[str]) -> str:
    try:
        report = exchange_once(laptop.workspace, line)
    except UserError as error:
        return f"exchanges {told}: {error.what}"
    finally:
        line.calm()
    return f"exchanges {told}: {report.sent} up, {report.received} down, equal {report.equal}"


def _deeds() -> list[str]:
    return sorted(name for name, kind in KINDS.items() if kind.group == "deed")


@action("trouble", weight=1.2)
def power_cut_while_syncing(world: World, laptop: SimLaptop, rng: Random) -> str:
    laptop.line.calm()
    statement = rng.randrange(120)
    laptop.fuse.left = statement
    try:
        told = _exchange(laptop, laptop.line, [])
    except PowerCutError:
        laptop.reboot()
        return f"loses power at statement {statement} of an exchange"
    laptop.fuse.left = None
    return told


@action("trouble", weight=2)
def power_cut_while_working(world: World, laptop: SimLaptop, rng: Random) -> str:
    statement = rng.randrange(14)
    name = rng.choice(_deeds())
    laptop.fuse.left = statement
    try:
        told = perform(world, Action(name, world.laptops.index(laptop), rng.randrange(1 << 32)))
    except PowerCutError:
        laptop.reboot()
        return f"loses power at statement {statement} of {name}"
    laptop.fuse.left = None
    return f"{name}: {told}"


@action("trouble", weight=0.7)
def restart(world: World, laptop: SimLaptop, rng: Random) -> str:
    laptop.workspace.seal_log()
    laptop.reboot()
    return "is closed and opened"


@action("trouble", weight=0.7)
def set_the_clock(world: World, laptop: SimLaptop, rng: Random) -> str:
    years = rng.choice((0, 0, 5, -7))
    laptop.clock.wrong_by = timedelta(days=365 * years, minutes=rng.choice((0, 0, 5, -5)))
    return f"its clock is wrong by {laptop.clock.wrong_by}"


@action("trouble", weight=1)
def copy_the_disk(world: World, laptop: SimLaptop, rng: Random) -> str:
    folder = world.new_folder("backup")
    laptop.copy_to(folder)
    laptop.backups.append(folder)
    if len(laptop.backups) > _MOST_BACKUPS:
        shutil.rmtree(laptop.backups.pop(rng.randrange(_MOST_BACKUPS)))
    return "a copy of the disk is kept"


@action("rare", weight=0.5)
def restore_the_disk(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """The disk is gone, and with it what was never sent; an old copy takes its place."""
    if not laptop.backups:
        return None
    backup = rng.choice(laptop.backups)
    laptop.workspace.engine.dispose()
    shutil.rmtree(laptop.folder)
    shutil.copytree(backup, laptop.folder)
    laptop.reboot()
    laptop.revoked = False
    world.note_who_is_out()
    _take_as_new(laptop)
    _note_copy(world, laptop)
    return f"its disk is replaced by the copy {backup.name}"


def _take_as_new(laptop: SimLaptop) -> None:
    """What was open on the screen is gone, and what the machine knows is not what it knew."""
    laptop.fresh_disk = True
    laptop.disk += 1
    laptop.forms, laptop.questions, laptop.shown = [], [], {}


def _note_copy(world: World, laptop: SimLaptop) -> None:
    with laptop.workspace.engine.connect() as connection:
        told = told_head(connection)
        if told is None or not (told.hash or place_before(connection)):
            world.copied_untold.add(laptop.workspace.actor.device)


@action("rare", weight=0.25)
def clone_the_disk(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    if len(world.laptops) >= _MOST_MACHINES or laptop.revoked:
        return None
    folder = world.new_folder("clone")
    laptop.copy_to(folder)
    clone = world.add(folder, laptop)
    _note_copy(world, laptop)
    return f"is cloned as {clone.name}"


@action("rare", weight=0.4)
def enrol_again(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """The county lets a stopped machine in again, as a new device; it brings everything that it has."""
    if not laptop.revoked:
        return None
    role = rng.choice(("文书", "报账员"))
    world.county.touched = True
    code = world.county.code(role)
    joined = join_county(laptop.workspace, url="http://127.0.0.1:1", code=code, line=laptop.line, again=True)
    laptop.revoked = False
    laptop.reboot()
    _take_as_new(laptop)
    return f"is enrolled again as device {joined.device}"


@action("rare", weight=0.1)
def revoke(world: World, laptop: SimLaptop, rng: Random) -> str | None:
    """The county takes a device out; its clones are out with it."""
    device = laptop.workspace.actor.device
    same = [one for one in world.living if one.workspace.actor.device == device]
    if laptop.revoked or len(world.living) - len(same) < 1:
        return None
    world.county.touched = True
    revoke_device(world.county.engine, device)
    for one in same:
        one.revoked = True
    return f"device {device} is revoked"
