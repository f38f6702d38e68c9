"""Made-up operations for the tests of codec, merge and planner; and the strategies that make many of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from village_core.exchange.operations import Kind, Operation, Transaction
from village_core.exchange.plan import Arrival, Known, Plan
from village_core.exchange.planner import plan_batch
from village_core.exchange.values import Value

VILLAGE = "532327101201"
PERSON = UUID(int=99)


def row(number: int) -> UUID:
    return UUID(int=number)


def transaction(*operations: Operation, base: int = 0, clock: int = 1000 << 16, reason: str = "试") -> Transaction:
    return Transaction(0, clock, PERSON, reason, base, 1, operations)


def insert(seq: int, table: str, row_id: UUID, /, **values: Value) -> Operation:
    return Operation(seq, Kind.INSERT, table, row_id, values)


def update(seq: int, table: str, row_id: UUID, /, **values: Value) -> Operation:
    return Operation(seq, Kind.UPDATE, table, row_id, values)


def arrive(known: Known, *transactions: Transaction, device: int = 1, first_number: int = 1, **changes: Any) -> Plan:
    """Plan what a device sends; `known` afterwards stands as the county does."""
    arrival = Arrival(
        village=VILLAGE,
        device=device,
        incarnation=changes.get("incarnation", 1),
        first_number=first_number,
        received=changes.get("received", 10_000 << 16),
        may_post=changes.get("may_post", True),
        alone_until=changes.get("alone_until", 0),
    )
    return plan_batch(arrival, transactions, known)


values = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=40)
ids = st.uuids()
columns = st.dictionaries(st.sampled_from(["name", "phone", "note", "wage_fen", "closed_on"]), values, max_size=5)


@st.composite
def transactions(draw: st.DrawFn) -> tuple[Transaction, ...]:
    """Some whole transactions with dense numbers."""
    made: list[Transaction] = []
    number = draw(st.integers(1, 1 << 40))
    for _ in range(draw(st.integers(1, 5))):
        operations = []
        for _ in range(draw(st.integers(1, 6))):
            kind = draw(st.sampled_from([Kind.INSERT, Kind.UPDATE, Kind.DELETE]))
            table = draw(st.sampled_from(["household", "person", "relief_step"]))
            content: dict[str, Value] = dict(draw(columns)) if kind is not Kind.DELETE else {}
            if draw(st.booleans()) and kind is not Kind.DELETE:
                content["household_id"] = draw(st.none() | ids.map(lambda one: one.bytes))
            operations.append(Operation(number, kind, table, draw(ids), content))
            number += 1
        made.append(
            Transaction(
                origin=draw(st.integers(-1, 99)),
                clock=draw(st.integers(0, 1 << 61)),
                actor=draw(ids),
                reason=draw(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)),
                base=draw(st.integers(0, 1 << 50)),
                schema=draw(st.integers(1, 9)),
                operations=tuple(operations),
            )
        )
    return tuple(made)
