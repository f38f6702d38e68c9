"""Does a job in a forked process, kills it, and looks at what is left."""

from __future__ import annotations

import gc
import hashlib
import os
import random
import shutil
import signal
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, event

from desktop_app.bootstrap import open_with_key
from desktop_app.storage.workspace import DATABASE_FILE, Workspace
from tests.storage.backup_kills import STEPS, Fuse
from tests.torture.jobs import Job
from tests.torture.preparing import WORKSPACE
from tests.wholeness import find_problems


@dataclass
class Result:
    """`killed`: how many really died before their end. `losses`: what was missing, with the seed that shows it."""

    job: str
    kills: int = 0
    promises: int = 0
    losses: list[str] = field(default_factory=list)


class Torturer:
    """Kills jobs on copies of the templates below `folder`."""

    def __init__(self, folder: Path, keys: dict[str, bytes]) -> None:
        self._folder = folder
        self._keys = keys

    def torture(self, job: Job, *, kills: int, seed: int) -> Result:
        """Until `kills` processes were killed in the middle of it; every second one by the clock, which now and then
        comes too late."""
        result = Result(job.name)
        self._warm_up(job)
        whole, steps, seconds = self._measure(job)
        assert whole == 0, f"{job.name} does not come through when nobody kills it"
        dice, tries = random.Random(f"{seed} {job.name}"), 0
        while result.kills < kills and tries < 3 * kills:
            tries += 1
            fatal, after = (dice.randint(1, steps), None) if tries % 2 else (0, dice.uniform(0, seconds))
            home = self._copy(job)
            signal_number, told = self._run(job, home, fatal=fatal, after=after)
            if signal_number == 0:
                continue
            result.kills += signal_number == signal.SIGKILL
            result.promises += len(told)
            if signal_number != signal.SIGKILL:
                result.losses.append(f"ended with {signal_number} at step {fatal}, {after}")
            loss = self._look(job, home, told)
            if loss is not None:
                result.losses.append(f"step {fatal}, after {after}: {loss}")
        return result

    def kill_at_each_step(self, job: Job) -> Result:
        """Once at every step that the job has: each SQL statement, each call that reaches the disk.

        What is left is opened anew at once and killed at the same step, which shows that it gets so far again; and
        whenever it is another database, or other files beside it, than any kill before left, it is looked at whole.
        """
        result, seen = Result(f"{job.name}, each step"), set[tuple[bytes, ...]]()
        self._warm_up(job)
        whole, steps, _ = self._measure(job)
        assert whole == 0, f"{job.name} does not come through when nobody kills it"
        for step in range(1, steps + 1):
            home = self._copy(job)
            ended, told = self._run(job, home, fatal=step, after=None)
            left = _left_in(home / WORKSPACE)
            again, _ = self._run(job, home, fatal=step, after=None)
            result.kills += ended == signal.SIGKILL
            result.promises += len(told)
            losses = [f"ended with {one}" for one in (ended, again) if one not in (0, signal.SIGKILL)]
            if not losses and left not in seen:
                seen.add(left)
                losses += [loss for loss in (self._look(job, home, told),) if loss is not None]
            result.losses += [f"step {step}: {loss}" for loss in losses]
        if result.kills != steps:
            result.losses.append(f"{steps} steps, {result.kills} kills")
        return result

    def _warm_up(self, job: Job) -> None:
        """Once in this process, so that each fork has what the job loads and finds its memory out of the collector's
        sight: a collection would copy every page of it, in each fork anew."""
        loss = self._look(job, self._copy(job), [])
        assert loss is None, f"{job.name} does not come through when nobody kills it: {loss}"
        gc.collect()
        gc.freeze()

    def _measure(self, job: Job) -> tuple[int, int, float]:
        home = self._copy(job)
        start = time.perf_counter()
        ended, _ = self._run(job, home, fatal=0, after=None)
        return ended, struct.unpack_from("q", STEPS)[0], time.perf_counter() - start

    def _copy(self, job: Job) -> Path:
        home = self._folder / "copy"
        shutil.rmtree(home, ignore_errors=True)
        return Path(shutil.copytree(self._folder / job.template, home))

    def _open(self, job: Job, home: Path) -> Workspace:
        return open_with_key(home / WORKSPACE, self._keys[job.template])

    def _run(self, job: Job, home: Path, *, fatal: int, after: float | None) -> tuple[int, list[str]]:
        """The signal that ended it (below zero: its exit status), and what it told before."""
        struct.pack_into("q", STEPS, 0, 0)
        heard, told = os.pipe()
        child = os.fork()
        if child == 0:
            self._be_child(job, home, fatal=fatal, told=told)
        os.close(told)
        if after is not None:
            time.sleep(after)
            os.kill(child, signal.SIGKILL)
        with os.fdopen(heard) as pipe:
            lines = pipe.read().splitlines()
        _, status = os.waitpid(child, 0)
        return (os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)), lines

    def _be_child(self, job: Job, home: Path, *, fatal: int, told: int) -> None:
        def tell(text: str) -> None:
            os.write(told, f"{text}\n".encode())

        try:
            fuse = Fuse(fatal)
            fuse.lay()
            event.listen(Engine, "commit", fuse.burn)
            workspace = self._open(job, home)
            job.run(workspace, home, tell)
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - a forked process must never run on in the caller's code
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(7)

    def _look(self, job: Job, home: Path, told: Sequence[str]) -> str | None:
        try:
            workspace = self._open(job, home)
            try:
                return self._lost(job, workspace, home, told)
            finally:
                workspace.close()
        except Exception as error:  # noqa: BLE001 - whatever it is, it goes into the table
            return f"{type(error).__name__}: {error}"

    def _lost(self, job: Job, workspace: Workspace, home: Path, told: Sequence[str]) -> str | None:
        """First what was told, then `verify`, then the same job again."""
        lost = job.lost(workspace, home, told)
        if lost is not None:
            return lost
        problems = find_problems(workspace)
        if problems:
            return "; ".join(problems)
        again: list[str] = []
        job.run(workspace, home, again.append)
        lost = job.lost(workspace, home, again)
        return None if lost is None else f"the second run lost {lost}"


def _left_in(workspace: Path) -> tuple[bytes, ...]:
    """The database as it is, and the names of all files. A backup before an upgrade is called by its time."""
    names = sorted(path.name.split("-20")[0] for path in workspace.rglob("*") if path.is_file())
    return hashlib.sha256((workspace / DATABASE_FILE).read_bytes()).digest(), *(name.encode() for name in names)
