"""What asking for the person's right costs a save: one household written as the window does, asked and not asked."""

from __future__ import annotations

import itertools
from pathlib import Path

from bench.measures import Measure, Size, in_turns, timed
from bench.villages import empty_village
from desktop_app.households.editing import save_household
from desktop_app.storage.unit_of_work import UnitOfWork


class _Unasked(UnitOfWork):
    """The program's own work: nobody is asked."""

    def require(self, right: object) -> None:
        del right


def measure(size: Size, work: Path) -> list[Measure]:
    """A save of one household by itself, with its commit to the encrypted file."""
    workspace = empty_village(work / "village")
    numbers = itertools.count()
    rounds = max(size.changed_rows, 5)

    def save(kind: type[UnitOfWork]) -> None:
        for _ in range(rounds):
            with kind(
                workspace.engine,
                village=workspace.village,
                clock=workspace.clock,
                actor=workspace.actor,
                reason="保存这户",
            ) as uow:
                save_household(uow, None, {"head_name": "罗铉", "number": f"{next(numbers):06d}"})
                uow.commit()

    told = in_turns(
        size.rounds,
        asked=timed(lambda: save(UnitOfWork)),
        unasked=timed(lambda: save(_Unasked)),
    )
    workspace.close()
    return [
        Measure(
            "a save that asks for the right",
            told["asked"] * 1e3 / rounds,
            "ms",
            floor=told["unasked"] * 1e3 / rounds,
            floor_name="not asked",
            bar=1.15,
        )
    ]
