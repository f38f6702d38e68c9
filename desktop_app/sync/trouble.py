"""What stood in the way of the last exchange, and what the last comparison put right: kept for the page 同步."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from desktop_app.sync import state
from desktop_app.sync.marks import Mark, Progress, village_mark
from desktop_app.sync.words import LineError, NotKnownError
from village_core.domain.clock import Clock, stamp
from village_core.domain.errors import UserError

DONE, CUT, REFUSED, STOPPED = "done", "cut", "refused", "stopped"
"""How an exchange ended. Stopped: by a person, and what got through stays."""

_TROUBLE = "sync.trouble"
_HEALED = "sync.healed"


@dataclass(frozen=True)
class Trouble:
    """The three parts of the error. `patient`: it goes away by waiting, nobody has to do anything.
    `enrol`: it goes away by enrolling anew."""

    what: str
    safe: str
    next_step: str
    patient: bool
    enrol: bool = False

    @property
    def words(self) -> str:
        """All three parts."""
        return self.what + self.safe + self.next_step


@dataclass(frozen=True)
class Repair:
    """What was otherwise than at the county, and what became of it."""

    at: datetime
    words: str


def trouble_of(error: UserError) -> Trouble:
    """What an error means for the person who waits."""
    return Trouble(
        error.what,
        error.safe,
        error.next_step,
        patient=isinstance(error, LineError),
        enrol=isinstance(error, NotKnownError),
    )


def is_proved(progress: Progress, trouble: Trouble | None) -> bool:
    """Whether the third mark may stand: not while something keeps this laptop from the county for good."""
    return village_mark(progress) is Mark.EQUAL and (trouble is None or trouble.patient)


def note_outcome(connection: Connection, clock: Clock, *, error: UserError | None, repaired: str) -> None:
    """At the end of an exchange: what stood in its way, or that nothing did; `repaired` is '' or what was put right."""
    kept = trouble_of(error) if error is not None else None
    state.write_state(connection, {_TROUBLE: json.dumps(vars(kept), ensure_ascii=False) if kept is not None else ""})
    note_repair(connection, clock, repaired)


def note_repair(connection: Connection, clock: Clock, repaired: str) -> None:
    """What a comparison put right; '' is nothing new."""
    if repaired:
        state.write_state(
            connection, {_HEALED: json.dumps({"at": stamp(clock), "words": repaired}, ensure_ascii=False)}
        )


def read_trouble(known: Mapping[str, str]) -> Trouble | None:
    """What stood in the way of the last exchange; None when it went well."""
    kept = known.get(_TROUBLE)
    return Trouble(**json.loads(kept)) if kept else None


def read_repair(known: Mapping[str, str]) -> Repair | None:
    """What was put right last."""
    kept = known.get(_HEALED)
    if not kept:
        return None
    told = json.loads(kept)
    return Repair(datetime.fromisoformat(told["at"]), told["words"])
