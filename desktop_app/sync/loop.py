"""One exchange with the county, and the patience around it.

No transaction of the database is open while the network is waited for. Whatever got through before a line was cut
stays; the next exchange goes on from there.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from desktop_app.storage.entry import note_revoked
from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync import state, words
from desktop_app.sync.arriving import forget_arriving
from desktop_app.sync.blobs import exchange_contents
from desktop_app.sync.delivery import deliver, is_large
from desktop_app.sync.first_load import take_snapshot
from desktop_app.sync.healing import compare_and_heal, recount_if_told
from desktop_app.sync.history_lines import add_exchange, journal_exchange
from desktop_app.sync.inbox import Settled, settle
from desktop_app.sync.journal_telling import Telling, keep_answer, next_head
from desktop_app.sync.outbox import FrozenBatch
from desktop_app.sync.transport import Line
from desktop_app.sync.trouble import CUT, DONE, REFUSED, STOPPED, note_outcome, note_repair
from desktop_app.sync.watch import Watch
from village_core.domain.errors import RefusedError, UserError
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.local_tables import exchange_log
from village_core.exchange.messages import (
    HEAD_BYTES,
    PROTOCOL,
    SyncRequest,
    Want,
)
from village_core.exchange.pieces import AT_ONCE
from village_core.records.held import HeldChange

_PATIENCE_SECONDS = 30.0
_TOTAL_SECONDS = 45.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
_KEPT_EXCHANGES = 200

NOTHING_MORE = Want(0)
_OPEN_QUESTIONS = select(func.count()).select_from(HeldChange).where(HeldChange.decision_id.is_(None))

_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class ExchangeReport:
    """What one exchange did. `held` are the questions that wait for a person now, `refused` operations that the
    county will not take from this device, `deferred` what waits for an upgrade of this program; where laptop and
    county are of different age (`comparable` false) unequal digests show no damage. Bytes are as on the wire with
    HTTP headers, without TLS."""

    sent: int
    received: int
    held: int
    refused: int
    bytes_up: int
    bytes_down: int
    round_trips: int
    equal: bool
    deferred: int = 0
    comparable: bool = True

    @property
    def proof(self) -> str:
        """Whether both are equal, in words."""
        return words.proof_words(equal=self.equal, deferred=self.deferred, comparable=self.comparable)


@dataclass
class _Count:
    sent: int = 0
    received: int = 0
    equal: bool = False
    deferred: int = 0
    comparable: bool = True
    want: Want = NOTHING_MORE
    compared: bool = False
    told: str = ""

    def add(self, settled: Settled) -> None:
        self.sent += settled.sent
        self.received += settled.received
        if settled.equal is not None:
            self.equal = settled.equal
        self.deferred, self.comparable = settled.deferred, settled.comparable


def exchange(
    workspace: Workspace,
    *,
    patience: float = _PATIENCE_SECONDS,
    total: float | None = _TOTAL_SECONDS,
    watch: Watch | None = None,
    pause: Callable[[float], object] = time.sleep,
    again: bool = True,
    receipt: bool = False,
) -> ExchangeReport:
    """A full exchange. A cut line is tried again until `patience` seconds after the last progress, `total` in all;
    without `again` only as long as each try brings something through.
    `receipt` asks for a signed receipt even if nothing moves.

    Raises `ProblemOutsideError` when it did not get through; what did stays.
    """
    link = state.find_link(workspace)
    if link is None:
        raise words.no_county()
    with _one_at_a_time:
        line = Line(link.url, link.ca)
        count = _Count(want=Want.RECEIPT if receipt else NOTHING_MORE)
        try:
            _persist(
                workspace, line, count, patience=patience, total=total, watch=watch or Watch(), pause=pause, again=again
            )
        except UserError as error:
            _note_exchange(workspace, line, count, outcome=_outcome_of(error), message=error.what, error=error)
            raise
        except BaseException:
            # A person stopped it, which comes as an error of the task's own. What the county confirmed is told.
            if count.sent or count.received:
                _note_exchange(workspace, line, count, outcome=STOPPED, message=count.told)
            raise
        finally:
            line.close()
        report = _report(workspace, line, count)
        _note_exchange(workspace, line, count, outcome=DONE, message=count.told)
        return report


def exchange_once(
    workspace: Workspace, line: Line, *, watch: Watch | None = None, receipt: bool = False
) -> ExchangeReport:
    """One try on a given line, without patience."""
    count = _Count(want=Want.RECEIPT if receipt else NOTHING_MORE)
    _run(workspace, line, count, watch or Watch())
    return _report(workspace, line, count)


def _persist(
    workspace: Workspace,
    line: Line,
    count: _Count,
    *,
    patience: float,
    total: float | None,
    watch: Watch,
    pause: Callable[[float], object],
    again: bool,
) -> None:
    start = time.monotonic()
    moved = False

    def move_deadline() -> None:
        line.deadline = time.monotonic() + patience
        if total is not None:
            line.deadline = min(line.deadline, start + total)

    def progressed() -> None:
        nonlocal moved
        moved = True
        move_deadline()
        watch.progressed()

    move_deadline()
    line.check = watch.check
    line.meter.told = watch.moved
    line.meter.alive = move_deadline
    tries = 0
    earlier: UserError | None = None
    while True:
        moved = False
        try:
            _run(workspace, line, count, Watch(check=watch.check, progressed=progressed, moved=watch.moved))
            return
        except (words.LineError, words.GarbledError) as error:
            if earlier is not None and line.deadline is not None and time.monotonic() >= line.deadline:
                raise earlier from error
            # An answer that makes no sense says more than a line that is gone by now.
            told = earlier if isinstance(earlier, words.GarbledError) else error
            earlier = told
            if not (again or moved):
                raise told  # noqa: B904 - caught here, this time or before
            tries = 0 if moved else tries + 1
            wait = pause_after(tries)
            if isinstance(error, words.BusyError):
                wait = error.seconds * random.uniform(1.0, 1.25)
            if line.deadline is not None and time.monotonic() + wait >= line.deadline:
                raise told  # noqa: B904 - caught here, this time or before
            watch.waits(wait)
            pause(wait)
            watch.check()
            watch.waits(None)


def pause_after(tries: int) -> float:
    """Seconds to wait after so many failures in a row, spread so that not everybody comes back at once."""
    return random.uniform(_FIRST_PAUSE / 2, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(tries, 20)))


def _run(workspace: Workspace, line: Line, count: _Count, watch: Watch) -> None:
    """Operations until none are left, then contents; back to the operations when some were written meanwhile."""
    recount_if_told(workspace)
    acked: int | None = None
    while True:
        try:
            _exchange_operations(workspace, line, count, watch)
        except words.DeviceStoppedError:
            note_revoked(workspace)
            raise
        _compare(workspace, line, count, watch)
        link = state.find_link(workspace)
        if link is None or exchange_contents(workspace, link, line, watch, stuck=link.acked_seq == acked):
            return
        acked = link.acked_seq


def _compare(workspace: Workspace, line: Line, count: _Count, watch: Watch) -> None:
    """Where it ended unequal: find out which rows differ, once in an exchange, and put them right."""
    if count.equal or count.compared or not count.comparable:
        return
    healed = compare_and_heal(workspace, line)
    count.compared, count.told = True, healed.words
    if healed.offered:
        _exchange_operations(workspace, line, count, watch)
    elif healed.equal:
        count.equal = True


def _exchange_operations(workspace: Workspace, line: Line, count: _Count, watch: Watch) -> None:
    more = True
    while more:
        watch.check()
        link = state.find_link(workspace)
        if link is None:
            raise words.no_county()
        settled = _turn(workspace, link, line, watch, want=count.want)
        count.add(settled)
        more = settled.more
        watch.progressed()


def _turn(workspace: Workspace, link: state.CountyLink, line: Line, watch: Watch, *, want: Want) -> Settled:
    telling, asked = next_head(workspace), False

    def ask(frozen: FrozenBatch | None) -> SyncRequest:
        nonlocal asked
        asked = True
        return _request(workspace, link, frozen, want=want, telling=telling)

    delivered = deliver(workspace, link, line, ask=ask, watch=watch)
    if delivered.answer is None:
        return Settled(received=take_snapshot(workspace, link, delivered.snapshot), more=True)
    settled = settle(workspace, link, delivered.answer, delivered.frozen)
    if asked:  # otherwise it was fetched to its end, and is the answer to another head
        keep_answer(workspace, telling, delivered.answer)
    if delivered.in_pieces:
        forget_arriving(workspace)
    return settled


def _request(
    workspace: Workspace, link: state.CountyLink, frozen: FrozenBatch | None, *, want: Want, telling: Telling
) -> SyncRequest:
    large = frozen is not None and is_large(frozen)
    return SyncRequest(
        protocol=PROTOCOL,
        device=link.device,
        incarnation=link.incarnation,
        schema=SCHEMA_VERSION,
        acked_seq=link.acked_seq,
        head=link.head[:HEAD_BYTES],
        cursor=link.cursor,
        time=int(workspace.clock.now().timestamp() * 1000),
        batch=frozen.content if frozen and not large else b"",
        signature=frozen.signature if frozen else b"",
        want=want | (Want.SNAPSHOT if link.county_key else Want.IDENTITY),
        epoch=link.epoch,
        batch_hash=frozen.hash if frozen and large else b"",
        room=AT_ONCE,
        journal=telling.content,
        journal_places=telling.places,
        mark=link.mark,
        milestones=link.milestones,
    )


def _report(workspace: Workspace, line: Line, count: _Count) -> ExchangeReport:
    with explained(), workspace.engine.connect() as connection:
        questions = connection.scalar(_OPEN_QUESTIONS) or 0
    return ExchangeReport(
        sent=count.sent,
        received=count.received,
        held=questions,
        refused=0,
        bytes_up=line.bytes_up,
        bytes_down=line.bytes_down,
        round_trips=line.round_trips,
        equal=count.equal,
        deferred=count.deferred,
        comparable=count.comparable,
    )


def _note_exchange(
    workspace: Workspace, line: Line, count: _Count, *, outcome: str, message: str, error: UserError | None = None
) -> None:
    """For the page 同步. An exchange in which nothing moved replaces the one before, if that was such a one too."""
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        column = exchange_log.c
        last = connection.execute(select(exchange_log).order_by(column.id.desc()).limit(1)).first()
        quiet = last is not None and not (last.sent or last.received or count.sent or count.received)
        if last is not None and quiet and (last.outcome, last.message) == (outcome, message):
            connection.execute(delete(exchange_log).where(column.id == last.id))
        add_exchange(
            connection,
            workspace,
            outcome=outcome,
            message=message,
            sent=count.sent,
            received=count.received,
            bytes_up=line.bytes_up,
            bytes_down=line.bytes_down,
            equal=count.equal,
        )
        if count.sent or count.received or outcome == REFUSED:
            told = f"送出 {count.sent:,} 条，收到 {count.received:,} 条" + "；停下来了" * (outcome == STOPPED)
            told += f"；{message}" if message else ""
            journal_exchange(connection, workspace, told)
        newest = connection.scalar(select(func.max(column.id))) or 0
        connection.execute(delete(exchange_log).where(column.id <= newest - _KEPT_EXCHANGES))
        if outcome == STOPPED:
            note_repair(connection, workspace.clock, count.told)
        else:
            note_outcome(connection, workspace.clock, error=error, repaired=count.told)


def _outcome_of(error: UserError) -> str:
    return REFUSED if isinstance(error, RefusedError) else CUT
