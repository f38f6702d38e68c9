"""What the county writes without a batch that caused it: numbered, logged and sent to all like everything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, bindparam, select

from county_server.sync.store import store_plan
from county_server.tables import village
from village_core.domain.clock import Clock
from village_core.exchange.batches import Batch
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.merge import Row
from village_core.exchange.operations import COUNTY_DEVICE, Operation
from village_core.exchange.plan import Arrival, Plan, RowKey

_LOCKED_COUNTER = select(village.c.counter).where(village.c.code == bindparam("of")).with_for_update()


def write_as_county(
    connection: Connection,
    code: str,
    operations: Sequence[tuple[str, Operation]],
    *,
    clock: Clock,
    rows: Mapping[RowKey, Row] | None = None,
) -> int:
    """Write operations, each with its reason, behind the newest number of the village. Returns the number reached.

    The village's row is locked until the transaction ends. `rows`: as they stand afterwards with their writers, of
    tables that laptops write too.
    """
    counter: int = connection.scalars(_LOCKED_COUNTER, {"of": code}).one()
    if not operations:
        return counter
    arrival = Arrival(
        village=code,
        device=COUNTY_DEVICE,
        incarnation=0,
        first_number=counter + 1,
        received=int(clock.now().timestamp() * 1000) << 16,
        may_post=False,
        alone_until=0,
    )
    numbered = [
        (reason, replace(operation, number=number))
        for number, (reason, operation) in enumerate(operations, start=counter + 1)
    ]
    plan = Plan(
        decisions=[], county=numbered, changed=dict(rows or {}), segments=[], last_number=counter + len(numbered)
    )
    nothing = Batch(code, COUNTY_DEVICE, 0, 0, 0, b"", SCHEMA_VERSION, ())
    store_plan(connection, arrival, plan, nothing)
    return plan.last_number
