"""What somebody saw when he wrote: a number of the county, which a restored county may have given to something else."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from desktop_app.sync import state
from village_core.exchange.operations import Transaction


def based_on_what_is(connection: Connection, transactions: tuple[Transaction, ...]) -> tuple[Transaction, ...]:
    """Nobody knew of what stands under numbers that were given twice: such a base goes back to what both know, so
    that nothing is overwritten that was never seen here."""
    known = state.read_state(connection)
    if state.LOST_UP_TO not in known:
        return transactions
    common, lost = int(known.get(state.LOST_AFTER, "0")), int(known[state.LOST_UP_TO])
    return tuple(replace(one, base=common) if common < one.base <= lost else one for one in transactions)
