"""What the person's right and the journal cost a save: one household written as the window does, and with less."""

from __future__ import annotations

import itertools
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import Self

from sqlalchemy import text

from bench.measures import Measure, Size, in_turns
from bench.villages import empty_village
from desktop_app.households.editing import save_household
from desktop_app.storage.engine import execute_past
from desktop_app.storage.unit_of_work import UnitOfWork
from village_core.exchange.triggers import existing_triggers


class _Unasked(UnitOfWork):
    """The program's own work: nobody is asked."""

    def require(self, right: object, *, about: object = None) -> None:
        del right, about


class _Unchained(_Unasked):
    """Nor is the change log, which the county needs anyway, chained."""

    def commit(self) -> None:
        self.session.flush()
        execute_past(self.session.connection(), "UPDATE change_context SET clock = 0")
        self.session.commit()


class _Bare(_Unasked):
    """Nor is it written down at all: who does it and why, and what was changed."""

    def __enter__(self) -> Self:
        return self

    def commit(self) -> None:
        self.session.commit()


def measure(size: Size, folder: Path) -> list[Measure]:
    """A save of one household by itself, with its commit to the encrypted file: the middle one of some hundreds, since
    how long a disk takes to flush is luck."""
    kinds: dict[str, type[UnitOfWork]] = {
        "saved": UnitOfWork,
        "unasked": _Unasked,
        "unchained": _Unchained,
        "bare": _Bare,
    }
    villages = {name: empty_village(folder / name) for name in kinds}
    unwatched = villages["bare"]
    with unwatched.engine.execution_options(write=True).begin() as connection:
        for name in existing_triggers(connection):
            connection.execute(text(f'DROP TRIGGER "{name}"'))
    numbers = itertools.count()

    worked: dict[str, list[float]] = {name: [] for name in kinds}

    def save(name: str) -> float:
        here = villages[name]
        start, begun = time.perf_counter(), time.thread_time()
        with kinds[name](
            here.engine, village=here.village, clock=here.clock, actor=here.actor, reason="保存这户"
        ) as uow:
            save_household(uow, None, {"head_name": "罗铉", "number": f"{next(numbers):06d}"})
            uow.commit()
        worked[name].append(time.thread_time() - begun)
        return time.perf_counter() - start

    deeds = {name: partial(save, name) for name in kinds}
    told = in_turns(size.rounds * size.changed_rows, pick=median, **deeds)
    work_of = {name: median(values) for name, values in worked.items()}
    for workspace in villages.values():
        workspace.engine.dispose()

    def against(name: str, floor: str, floor_name: str) -> list[Measure]:
        return [
            Measure(name, told["saved"] * 1e3, "ms", floor=told[floor] * 1e3, floor_name=floor_name, bar=1.15),
            Measure("  its work (CPU)", work_of["saved"] * 1e3, "ms", floor=work_of[floor] * 1e3, floor_name="same"),
        ]

    return [
        *against("a save that asks for the right", "unasked", "not asked"),
        *against("a save with its right and its chain", "unchained", "not asked, change log without its chain"),
        *against("a save with its right, change log and chain", "bare", "not asked, nothing written down"),
    ]
