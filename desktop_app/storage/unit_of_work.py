"""One deed, one transaction: the only place of the program that commits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Self
from uuid import UUID

from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from desktop_app.storage.access_log import NewAccess, note_access
from desktop_app.storage.change_log import seal
from desktop_app.storage.duties import duties_of, require_right
from desktop_app.storage.engine import execute_past
from desktop_app.storage.problems import explain_database, explained
from desktop_app.storage.rights import Rights, rights_of
from village_core.domain.clock import Clock, today
from village_core.domain.errors import Finding, NoSeatError, RuleRefusedError
from village_core.domain.staff.rights import Duties, Right
from village_core.exchange.change_log import SCHEMA_VERSION, device_state
from village_core.exchange.triggers import CLOCK_FUNCTION


@dataclass(frozen=True)
class Actor:
    """Who is at the keyboard, in which role, on which device (0 before enrolment)."""

    person_id: UUID
    name: str
    role: str
    device: int = 0


_BEGIN_DEED = (
    "UPDATE change_context SET tx = tx + 1, actor = ?, reason = ?, origin = 0, clock = CLOCK(), schema = ?"
).replace("CLOCK", CLOCK_FUNCTION)
_END_DEED = "UPDATE change_context SET clock = 0"
_BASE = "SELECT base FROM change_context"
_SET_BASE = "UPDATE change_context SET base = ?"

Adviser = Callable[["Reader", object], tuple[Finding, ...]]
"""What a higher feature has to say about a deed of a lower one, e.g. relief about a voucher; wired in `bootstrap`."""


class Reader:
    """Reads one consistent state; never writes. `actor` is None for the program's own work, which asks nobody."""

    def __init__(self, session: Session, *, village: str, clock: Clock, actor: Actor | None = None) -> None:
        self.session = session
        self.village = village
        self.clock = clock
        self._reader = actor
        self._duties: Duties | None = None
        self.about: UUID | None = None

    @property
    def today(self) -> date:
        return today(self.clock)

    @property
    def seen(self) -> int:
        """The county's number up to which this laptop knows what others did: what whoever reads now can have seen."""
        number: int = execute_past(self.session.connection(), _BASE).fetchone()[0]
        return number

    @property
    def duties(self) -> Duties | None:
        """What the person at the keyboard may do, as it stood when first asked; None for the program's own work."""
        if self._duties is None and self._reader is not None:
            self._duties = duties_of(self.session, self._reader, village=self.village, clock=self.clock)
        return self._duties

    def require(self, right: Right, *, about: UUID | None = None) -> None:
        """Refuse what the roles of the person at the keyboard do not give; the refusal goes on record.

        `about`: the household, person, case or voucher concerned. Whatever is refused from here on is on record
        with it.
        """
        self.about = about or self.about
        duties = self.duties
        if duties is not None:
            require_right(duties, right)


class UnitOfWork(Reader):
    """A writing transaction with its context. Leaving without `commit` rolls back.

    `seen`: what the person had before him when he decided on it, where that is older than what the laptop knows by
    now. The county then asks about what came meanwhile, instead of taking it for known.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        village: str,
        clock: Clock,
        actor: Actor,
        reason: str,
        advisers: Mapping[str, tuple[Adviser, ...]] | None = None,
        seen: int | None = None,
    ) -> None:
        session = Session(engine.execution_options(write=True), autoflush=True)
        super().__init__(session, village=village, clock=clock, actor=actor)
        self._engine = engine
        self.actor = actor
        self.reason = reason
        self._advisers = advisers or {}
        self._seen_then = seen
        self._known_now: int | None = None

    def ask_advice(self, deed: str, subject: object) -> tuple[Finding, ...]:
        """What other features say about a deed (`voucher`), as findings that the deed adds to its own."""
        return tuple(finding for advise in self._advisers.get(deed, ()) for finding in advise(self, subject))

    @property
    def rights(self) -> Rights:
        return rights_of(self.session)

    def count_of(self, name: str) -> int:
        """A count of this laptop that never goes back."""
        value = self.session.scalar(select(device_state.c.value).where(device_state.c.key == f"count.{name}"))
        return int(value or 0)

    def set_count(self, name: str, value: int) -> None:
        """Move such a count on, in this transaction."""
        key = f"count.{name}"
        self.session.execute(delete(device_state).where(device_state.c.key == key))
        self.session.execute(insert(device_state).values(key=key, value=str(value)))

    def __enter__(self) -> Self:
        try:
            with explained():
                self.session.connection().exec_driver_sql(
                    _BEGIN_DEED, (self.actor.person_id.hex, self.reason, SCHEMA_VERSION)
                )
                self._go_back_to_what_was_seen()
        except BaseException:
            self.session.close()
            raise
        return self

    def commit(self) -> None:
        with explained():
            self.session.flush()
            seal(self.session.connection())
            # The clock was this transaction's: whoever writes without a deed gets a new one for each row.
            execute_past(self.session.connection(), _END_DEED)
            if self._known_now is not None:
                execute_past(self.session.connection(), _SET_BASE, (self._known_now,))
            self.session.commit()

    def _go_back_to_what_was_seen(self) -> None:
        if self._seen_then is not None and self._seen_then < (known := self.seen):
            execute_past(self.session.connection(), _SET_BASE, (self._seen_then,))
            self._known_now = known

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.session.close()
        if isinstance(error, RuleRefusedError | NoSeatError):
            _note_refusal(self._engine, self.clock, self.actor, subject=self.reason, error=error, about=self.about)
        if isinstance(error, DBAPIError):
            problem = explain_database(error)
            if problem is not None:
                raise problem from error


@contextmanager
def read_only(engine: Engine, *, village: str, clock: Clock, actor: Actor | None = None) -> Iterator[Reader]:
    """A reader over one consistent snapshot."""
    about: UUID | None = None
    try:
        with explained(), Session(engine) as session:
            reader = Reader(session, village=village, clock=clock, actor=actor)
            try:
                yield reader
            finally:
                about = reader.about
    except RuleRefusedError as error:
        if actor is not None:
            _note_refusal(engine, clock, actor, subject="", error=error, about=about)
        raise


def _note_refusal(
    engine: Engine,
    clock: Clock,
    actor: Actor,
    *,
    subject: str,
    error: RuleRefusedError | NoSeatError,
    about: UUID | None,
) -> None:
    """A rule said no: that is on record, though nothing was written."""
    findings = error.findings if isinstance(error, RuleRefusedError) else ()
    new = NewAccess(
        actor=actor.person_id.hex,
        actor_name=actor.name,
        kind="refusal",
        subject=subject or (findings[0].rule_id if findings else ""),
        detail="\n".join(f"{finding.rule_id} {finding.message}" for finding in findings) or error.what,
        about=about.hex if about else None,
    )
    note_access(engine, new, clock=clock)
