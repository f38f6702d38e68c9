"""Thins out what every exchange adds to for ever: receipts that were given, and ends of journals that were told.

What proves something stays: see `thin_proofs`. On PostgreSQL the triggers let nobody else take these rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Engine, Row, delete, select, tuple_

from county_server.engine import writing
from county_server.guards import as_owner
from county_server.sync.journal_heads import HeadVerdict
from county_server.tables import given_receipt, journal_head, village
from village_core.domain.clock import CHINA, Clock, stamp_of
from village_core.exchange.codec import DamagedMessageError
from village_core.exchange.receipts import read_own_note

RECEIPT_DAYS = 731
"""Two years: so long the code on every printed 核对单 is found again. Of each laptop the newest one is for ever."""

_AT_ONCE = 500
_TELLING = (HeadVerdict.RESTORED, HeadVerdict.REWRITTEN)


@dataclass(frozen=True)
class Thinned:
    """So many `receipts` and `heads` of journals of a village were taken out."""

    village: str
    receipts: int
    heads: int


def thin_proofs(engine: Engine, *, days: int, clock: Clock) -> list[Thinned]:
    """Each village in a transaction of its own; what is younger than `days` stays whole.

    Receipts stay for two years at least, and of each device the newest. Of the heads of a journal stay the first, the
    newest of each incarnation, the last of each day, and those that tell of a restore or of tampering, with the heads
    before them.
    """
    with engine.connect() as connection:
        codes = list(connection.scalars(select(village.c.code).order_by(village.c.code)))
    receipts_before = stamp_of(clock.now() - timedelta(days=max(days, RECEIPT_DAYS)))
    heads_before = stamp_of(clock.now() - timedelta(days=days))
    found = []
    for code in codes:
        with writing(engine) as connection:
            as_owner(connection, "thinning")
            receipts = _thin_receipts(connection, code, before=receipts_before)
            heads = _thin_heads(connection, code, before=heads_before)
        if receipts or heads:
            found.append(Thinned(code, receipts, heads))
    return found


def _thin_receipts(connection: Connection, code: str, *, before: str) -> int:
    column = given_receipt.c
    query = select(column.code, column.content, column.given_at).where(column.village == code).order_by(column.given_at)
    old: set[str] = set()
    newest: dict[int, str] = {}
    for row in connection.execute(query):
        try:
            newest[read_own_note(row.content).device] = row.code
        except DamagedMessageError:
            continue  # of a program that this one does not know: kept
        if row.given_at < before:
            old.add(row.code)
    old -= set(newest.values())
    for some in _portions(sorted(old)):
        connection.execute(delete(given_receipt).where(column.village == code, column.code.in_(some)))
    return len(old)


def _thin_heads(connection: Connection, code: str, *, before: str) -> int:
    column = journal_head.c
    query = (
        select(column.device, column.number, column.incarnation, column.verdict, column.received_at)
        .where(column.village == code)
        .order_by(column.device, column.number)
    )
    rows = connection.execute(query).all()
    kept = _telling(rows)
    old = [(row.device, row.number) for row in rows if row.received_at < before]
    gone = [place for place in old if place not in kept]
    for some in _portions(gone):
        place = tuple_(column.device, column.number).in_(some)
        connection.execute(delete(journal_head).where(column.village == code, place))
    return len(gone)


def _telling(rows: Iterable[Row[int, int, int, str, str]]) -> set[tuple[int, int]]:
    """Device and number of the heads that stay, out of all of a village in their order."""
    kept: set[tuple[int, int]] = set()
    last: dict[int, tuple[int, int]] = {}
    last_under: dict[tuple[int, int], tuple[int, int]] = {}
    of_day: dict[tuple[int, int, date], tuple[int, int]] = {}
    for row in rows:
        place, history = (row.device, row.number), (row.device, row.incarnation)
        if row.device not in last:
            kept.add(place)
        elif row.verdict in _TELLING:
            kept |= {place, last[row.device], last_under.get(history, place)}
        last[row.device] = last_under[history] = place
        of_day[(*history, datetime.fromisoformat(row.received_at).astimezone(CHINA).date())] = place
    return kept | set(last_under.values()) | set(of_day.values())


def _portions(rows: Sequence[object]) -> Iterable[Sequence[object]]:
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))
