"""Which history a laptop followed: by what stood at the number up to which it knows everything."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, select

from county_server.tables import oplog
from village_core.exchange.milestones import Milestone, mark_of

_column = oplog.c
# Built once, since every turn asks it.
_LAST = (
    select(_column.number, _column.device, _column.incarnation, _column.seq, _column.received, _column.row_id)
    .where(_column.village == bindparam("of"), _column.number <= bindparam("until"))
    .order_by(_column.number.desc())
    .limit(1)
)


def mark_at(connection: Connection, code: str, number: int, *, kept_after: int) -> bytes | None:
    """The mark of the last operation up to `number`; b'' where there is none; None where it was purged, so that
    nothing can be said."""
    row = connection.execute(_LAST, {"of": code, "until": number}).first()
    if row is None or row.number <= kept_after:
        return None if kept_after else b""
    return mark_of(
        number=row.number,
        device=row.device,
        incarnation=row.incarnation,
        seq=row.seq,
        received=row.received,
        row_id=row.row_id.bytes,
    )


def last_common(
    connection: Connection, code: str, milestones: Iterable[Milestone], *, counter: int, kept_after: int
) -> int:
    """The newest number that means here what it means to who tells; 0 if there is none."""
    for one in sorted(milestones, reverse=True):
        if one.number <= counter and mark_at(connection, code, one.number, kept_after=kept_after) == one.mark:
            return one.number
    return 0
