"""Writes what was decided: the rows themselves, the log of everything that arrived, versions and digests."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, update

from county_server.tables import county_digests, oplog, row_version, village
from village_core.exchange import digests
from village_core.exchange.apply import write_operations
from village_core.exchange.batches import Batch
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.merge import Verdict
from village_core.exchange.messages import VerdictEntry
from village_core.exchange.operations import COUNTY_DEVICE, Kind, Operation, fingerprint, synced_table
from village_core.exchange.plan import Arrival, Decision, Plan, is_fact
from village_core.records import rule_of

_encode = msgspec.msgpack.Encoder().encode
_CHUNK = 500

# Built once, since every batch asks them.
_LOG = insert(oplog)
_COUNT = update(village).where(village.c.code == bindparam("of")).values(counter=bindparam("reached"))
_FORGET_VERSIONS = delete(row_version).where(
    row_version.c.village == bindparam("of"),
    row_version.c.table_name == bindparam("in"),
    row_version.c.row_id.in_(bindparam("ids", expanding=True)),
)
_KEEP_VERSIONS = insert(row_version)


def store_plan(connection: Connection, arrival: Arrival, plan: Plan, arriving: Batch) -> None:
    """All of a batch's consequences, in the transaction that took the numbers."""
    effects = [one.effect for one in plan.decisions if one.effect is not None]
    county = [operation for _, operation in plan.county]
    in_order = sorted([*effects, *county], key=lambda operation: operation.number)
    write_operations(connection, arrival.village, [one for one in in_order if not _never_stood(one)])
    entries = [*_device_entries(arrival, plan, arriving), *_county_entries(arrival, plan)]
    connection.execute(_LOG, entries)
    store_versions(connection, arrival.village, plan)
    touched = digests.group_rows(operation.row for operation in in_order)
    digests.refresh(connection, county_digests, village=arrival.village, touched=touched)
    connection.execute(_COUNT, {"of": arrival.village, "reached": plan.last_number})


def _never_stood(operation: Operation) -> bool:
    """A row that was put aside and is left out now: laptops let go of it, no table here ever had it."""
    table = synced_table(operation.table)
    return operation.kind is Kind.DELETE and table is not None and not rule_of(table).deletable


def _device_entries(arrival: Arrival, plan: Plan, arriving: Batch) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    decided = iter(plan.decisions)
    for transaction in arriving.transactions:
        first: int | None = None
        for raw in transaction.operations:
            one = next(decided)
            first = one.number if first is None else first
            entries.append(
                {
                    "village": arrival.village,
                    "number": one.number,
                    "device": arrival.device,
                    "incarnation": arrival.incarnation,
                    "seq": raw.number,
                    "transaction": first,
                    "clock": transaction.clock,
                    "received": arrival.received,
                    "actor": transaction.actor,
                    "reason": transaction.reason,
                    "table_name": raw.table,
                    "row_id": raw.row_id,
                    "kind": raw.kind.value,
                    "base": transaction.base,
                    "schema": transaction.schema,
                    "fingerprint": fingerprint(transaction, raw),
                    "verdict": one.verdict.value,
                    "offered": _encode(dict(raw.values)),
                    "effect_kind": one.effect.kind.value if one.effect else None,
                    "effect": _effect_bytes(one, raw),
                    "lost": _encode(dict(one.lost.values)) if one.lost else None,
                }
            )
    return entries


def _effect_bytes(one: Decision, raw: Operation) -> bytes | None:
    if one.effect is None or (one.effect.kind is raw.kind and one.effect.values == raw.values):
        return None
    return _encode(dict(one.effect.values))


def _county_entries(arrival: Arrival, plan: Plan) -> list[dict[str, Any]]:
    runs = (list(some) for _, some in groupby(enumerate(plan.county), key=lambda entry: _run_of(plan, *entry)))
    first_of = {operation.number: run[0][1][1].number for run in runs for _, (_, operation) in run}
    return [
        {
            "village": arrival.village,
            "number": operation.number,
            "device": COUNTY_DEVICE,
            "incarnation": 0,
            "seq": operation.number,
            "transaction": first_of[operation.number],
            "clock": arrival.received,
            "received": arrival.received,
            "actor": plan.authors.get(operation.number, UUID(int=0)),
            "reason": reason,
            "table_name": operation.table,
            "row_id": operation.row_id,
            "kind": operation.kind.value,
            "base": operation.number - 1,
            "schema": SCHEMA_VERSION,
            "fingerprint": b"",
            "verdict": Verdict.APPLIED.value,
            "offered": _encode(dict(operation.values)),
            "effect_kind": operation.kind.value,
            "effect": None,
            "lost": None,
        }
        for reason, operation in plan.county
    ]


def _run_of(plan: Plan, place: int, entry: tuple[str, Operation]) -> tuple[int, str, UUID | None]:
    """Neighbours with one reason, one author and without a gap between their numbers are one transaction."""
    reason, operation = entry
    return operation.number - place, reason, plan.authors.get(operation.number)


def store_versions(connection: Connection, code: str, plan: Plan) -> None:
    """Who wrote what the plan changed."""
    rows = [
        {
            "village": code,
            "table_name": name,
            "row_id": row_id,
            "number": row.inserted.number,
            "clock": row.inserted.clock,
            "device": row.inserted.device,
            "incarnation": row.inserted.incarnation,
            "deleted": row.deleted,
            "edited": _encode(
                {field: (by.number, by.clock, by.device, by.incarnation) for field, by in row.edited.items()}
            ),
        }
        for (name, row_id), row in plan.changed.items()
        if not is_fact(name)
    ]
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        for name in {row["table_name"] for row in chunk}:
            ids = [row["row_id"] for row in chunk if row["table_name"] == name]
            connection.execute(_FORGET_VERSIONS, {"of": code, "in": name, "ids": ids})
        connection.execute(_KEEP_VERSIONS, chunk)


def verdicts_of(plan: Plan) -> list[VerdictEntry]:
    """What the laptop is told of its operations: those that stand as they came go without saying."""
    return [
        VerdictEntry(one.operation.number, one.verdict, dict(one.stands), one.whole_row, one.gone)
        for one in plan.decisions
        if one.verdict is not Verdict.APPLIED or one.stands or one.gone
    ]
