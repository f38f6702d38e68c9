"""A county that was restored from a backup: it grows older by one epoch, and never gives a number twice.

Either an operator says so (`tiangeng-county restored`), or a laptop comes that knows more than the county does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, func, insert, or_, select, update

from county_server.engine import writing
from county_server.tables import device, village, village_epoch
from village_core.domain.clock import Clock, stamp
from village_core.exchange.messages import SyncRequest
from village_core.exchange.milestones import MARK_BYTES, unpack_milestones

STEP = 1 << 24
"""Far more numbers than a village uses between two backups: those that were lost are never given again."""

MOST_EPOCHS = 1 << 33
"""An epoch is a second since 1970: more than anybody will ever write."""

PATIENCE_DAYS = 30
"""So long a device that has not come back since is expected to bring itself what it did."""

OFFER_DAYS = 7
"""So much longer what others still have of it may come: they offer it when they come next after that time."""


@dataclass(frozen=True)
class Age:
    """`kept`: numbers up to it mean what they always meant, for a laptop that last knew an earlier epoch and has no
    milestones."""

    epoch: int
    kept: int


def raise_epoch(
    connection: Connection,
    code: str,
    *,
    clock: Clock,
    seen: int = 0,
    remembered: int = 0,
    found_out: bool = False,
) -> int:
    """Begin a new epoch of a village whose row is locked; `seen` and `remembered` are the highest number and epoch
    that somebody knows. Returns the epoch.

    `found_out`: nobody said it, a laptop shows it. By then the county may have given others what was lost, so that no
    number is kept for a program that cannot tell milestones; the others go back to the last that both know.

    Both are taken from the time, too: a county that is restored a second time, to before the first, must not give
    the numbers of the epoch that it has forgotten.
    """
    row = connection.execute(select(village.c.counter, village.c.epoch).where(village.c.code == code)).one()
    seconds = int(clock.now().timestamp())
    epoch: int = max(row.epoch + 1, remembered + 1, seconds)
    start = max((max(row.counter, seen) // STEP + 1) * STEP, seconds * STEP)
    kept = 0 if found_out else row.counter
    connection.execute(
        insert(village_epoch).values(village=code, epoch=epoch, kept=kept, start=start, begun_at=stamp(clock))
    )
    connection.execute(update(village).where(village.c.code == code).values(epoch=epoch, counter=start))
    return epoch


def age_since(connection: Connection, code: str, known: int) -> Age:
    """The village's epoch now, and what a laptop that knows the epoch `known` may keep of its numbers."""
    epoch = connection.scalar(select(village.c.epoch).where(village.c.code == code)) or 1
    column = village_epoch.c
    kept = connection.scalar(select(func.min(column.kept)).where(column.village == code, column.epoch > known))
    return Age(epoch, kept if kept is not None else 0)


def list_awaited(connection: Connection, code: str, *, clock: Clock) -> list[int]:
    """Devices that have not come back since the last epoch began and may still bring what the county lost."""
    begun = connection.scalar(select(func.max(village_epoch.c.begun_at)).where(village_epoch.c.village == code))
    if begun is None or clock.now().astimezone(UTC) > datetime.fromisoformat(begun) + timedelta(days=PATIENCE_DAYS):
        return []
    column = device.c
    query = select(column.number).where(
        column.village == code,
        column.revoked.is_(False),
        or_(column.last_seen_at.is_(None), column.last_seen_at < begun),
    )
    return sorted(connection.scalars(query))


def note_restored(engine: Engine, *, clock: Clock) -> int:
    """An operator restored the database: every village gets a new epoch. Returns how many there are."""
    with writing(engine) as connection:
        codes = list(connection.scalars(select(village.c.code).order_by(village.c.code).with_for_update()))
        for code in codes:
            raise_epoch(connection, code, clock=clock)
    return len(codes)


def in_bounds(request: SyncRequest) -> bool:
    """Whether the numbers of a request can be those of a laptop."""
    numbers = (request.acked_seq, request.cursor, request.time, request.schema)
    small = 0 < request.incarnation < 1 << 31 and 0 <= request.epoch < MOST_EPOCHS
    small = small and request.cursor < MOST_EPOCHS * STEP and len(request.mark) in (0, MARK_BYTES)
    small = small and unpack_milestones(request.milestones) is not None
    return small and all(0 <= number < 1 << 62 for number in numbers)
