"""Shortens the log of each village: what is old leaves it, signed batches stay as the archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, Engine, func, select

from county_server.engine import writing
from county_server.sync.lost import is_recovering
from county_server.sync.snapshots import purge_log
from county_server.tables import oplog, village
from village_core.domain.clock import Clock
from village_core.domain.errors import RefusedError

LEAST_DAYS = 60
"""A laptop that was away for less must never need a whole snapshot."""


@dataclass(frozen=True)
class Compacted:
    """`removed` operations up to the number `until` left the village's log."""

    village: str
    removed: int
    until: int


def compact_logs(engine: Engine, *, days: int, clock: Clock) -> list[Compacted]:
    """Each village in a transaction of its own. One that was restored lately is left alone: laptops still bring what
    was lost, and it is told by the log what is known already."""
    if days < LEAST_DAYS:
        raise RefusedError(
            f"日志至少要留 {LEAST_DAYS} 天。",
            safe="没有改动。",
            next_step=f"请写 --days {LEAST_DAYS} 或更多，平常用 400。",
        )
    with engine.connect() as connection:
        codes = list(connection.scalars(select(village.c.code).order_by(village.c.code)))
    return [found for code in codes if (found := _compact(engine, code, days=days, clock=clock)) is not None]


def _compact(engine: Engine, code: str, *, days: int, clock: Clock) -> Compacted | None:
    before = int((clock.now() - timedelta(days=days)).timestamp() * 1000) << 16
    with writing(engine) as connection:
        kept_after = connection.execute(
            select(village.c.log_kept_after).where(village.c.code == code).with_for_update()
        ).scalar_one()
        column = oplog.c
        until = connection.scalar(
            select(func.max(column.number)).where(column.village == code, column.received < before)
        )
        if until is None or until <= kept_after or is_recovering(connection, code, clock=clock):
            return None
        count = _count(connection, code)
        purge_log(connection, code, until=until)
        return Compacted(code, count - _count(connection, code), until)


def _count(connection: Connection, code: str) -> int:
    return connection.scalar(select(func.count()).select_from(oplog).where(oplog.c.village == code)) or 0
