"""Programs of different age: what of an operation this program can hold, and what it keeps for its successor.

Migrations only add, so a newer program's operation is an older one's with more tables and columns in it.
"""

from __future__ import annotations

from dataclasses import replace

from village_core.exchange.operations import Kind, Operation, Transaction, synced_table
from village_core.exchange.values import data_columns
from village_core.records.base import Merge, rule_of


def divide(operation: Operation) -> tuple[Operation | None, Operation | None]:
    """The part for now and the part for later; one of them is None where there is nothing in it.

    A new row's unknown column that is empty is left out: that is what the column holds here once it is there.
    """
    table = synced_table(operation.table)
    if table is None:
        return None, operation
    columns = data_columns(table)
    if operation.values.keys() <= columns.keys():
        return operation, None
    known = {name: value for name, value in operation.values.items() if name in columns}
    unknown = {
        name: value
        for name, value in operation.values.items()
        if name not in columns and (value is not None or operation.kind is not Kind.INSERT)
    }
    now = replace(operation, values=known) if known or operation.kind is Kind.INSERT else None
    kind = Kind.UPDATE if operation.kind is Kind.INSERT else operation.kind
    return now, replace(operation, kind=kind, values=unknown) if unknown else None


def binds_facts(transaction: Transaction) -> bool:
    """Whether rows of an unknown table are in it: then its facts wait with them, for they were made as one."""
    return any(synced_table(one.table) is None for one in transaction.operations)


def is_bound_fact(operation: Operation) -> bool:
    """Whether the operation is one that may not be carried out without the rest of its transaction."""
    table = synced_table(operation.table)
    return table is not None and operation.kind is not Kind.LOST and rule_of(table).merge is Merge.FACT
