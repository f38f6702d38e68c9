"""What is in a verified backup of the county: the operator's script notes each one after it was read back."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, bindparam, func, insert, select

from county_server.engine import writing
from county_server.tables import backup_mark, batch
from village_core.domain.clock import Clock, stamp, stamp_of
from village_core.domain.errors import RefusedError

# Built once, since every turn asks them.
_LAST_BACKUP = select(func.max(backup_mark.c.begun_at))
_NEWEST_BEFORE = select(func.max(batch.c.last_seq)).where(
    batch.c.village == bindparam("of"),
    batch.c.device == bindparam("from"),
    batch.c.incarnation == bindparam("under"),
    batch.c.received_at < bindparam("before"),
)


def note_backup(engine: Engine, begun_at: str, *, clock: Clock) -> str:
    """A backup that was begun at this moment was read back and is whole. Returns the moment as it was kept."""
    try:
        moment = datetime.fromisoformat(begun_at)
    except ValueError as error:
        raise RefusedError(
            f"看不懂时间“{begun_at}”。", next_step="请写成 2026-11-22T08:00:00+08:00 这样，是备份开始的时间。"
        ) from error
    if moment.tzinfo is None:
        moment = moment.astimezone(UTC)
    if moment > clock.now():
        raise RefusedError("备份开始的时间在以后。", next_step="请核对时间和时区。")
    kept = stamp_of(moment)
    with writing(engine) as connection:
        if connection.scalar(select(backup_mark.c.begun_at).where(backup_mark.c.begun_at == kept)) is None:
            connection.execute(insert(backup_mark).values(begun_at=kept, noted_at=stamp(clock)))
    return kept


def last_backup(connection: Connection) -> str | None:
    """When the last verified backup was begun; None when none was ever noted."""
    found: str | None = connection.scalar(_LAST_BACKUP)
    return found


def durable_seq(connection: Connection, *, village: str, device: int, incarnation: int, acked_seq: int) -> int:
    """Up to where a history is also in the last verified backup. Without backups durable means committed."""
    begun_at = last_backup(connection)
    if begun_at is None:
        return acked_seq
    place = {"of": village, "from": device, "under": incarnation, "before": begun_at}
    return connection.scalar(_NEWEST_BEFORE, place) or 0
