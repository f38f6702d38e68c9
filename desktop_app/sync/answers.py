"""An answer of the county, read and checked in whole before anything here is touched."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from desktop_app.sync import state, words
from desktop_app.sync.outbox import FrozenBatch
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.codec import DamagedMessageError, decode_transactions, decompress
from village_core.exchange.messages import BatchAnswer, Status, SyncAnswer, decode
from village_core.exchange.operations import Kind, Operation, Transaction, checked, synced_table
from village_core.exchange.skew import divide
from village_core.exchange.values import MalformedValueError


def read_answer(answer: SyncAnswer, frozen: FrozenBatch | None) -> tuple[BatchAnswer | None, tuple[Transaction, ...]]:
    """The verdicts on `frozen`, and what others did; a garbled answer raises."""
    try:
        verdicts = decode(answer.batch, BatchAnswer) if answer.batch else None
        transactions = decode_transactions(decompress(answer.operations)) if answer.operations else ()
        state.identity_state(answer.identity)
    except DamagedMessageError as error:
        raise words.garbled() from error
    transactions = tuple(
        checked_transaction(one, newer=max(one.schema, answer.schema) > SCHEMA_VERSION) for one in transactions
    )
    fits = (verdicts is None) == (frozen is None) and (verdicts is None or _covers(verdicts, frozen))
    if answer.status is Status.DONE and not (fits and answer.root):
        raise words.garbled()
    return verdicts, transactions


def _covers(verdicts: BatchAnswer, frozen: FrozenBatch | None) -> bool:
    """Whether the numbers in the answer are those of the batch that was sent."""
    starts = [first_seq for first_seq, _ in verdicts.segments]
    rising = all(earlier < later for earlier, later in pairwise(starts))
    return frozen is not None and starts[:1] == [frozen.first_seq] and rising and starts[-1] <= frozen.last_seq


def checked_transaction(transaction: Transaction, *, newer: bool) -> Transaction:
    """The operations with values that their columns can hold; anything else is no answer of a county.

    What a newer program (`newer`) sends may have tables and columns that are unknown here: these are left as they are.
    """
    try:
        operations = tuple(checked_operation(one, newer=newer) for one in transaction.operations)
    except MalformedValueError as error:
        raise words.garbled() from error
    return replace(transaction, operations=operations)


def checked_operation(operation: Operation, *, newer: bool = False) -> Operation:
    """One operation with values that its columns can hold; `MalformedValueError` where they do not fit."""
    now, later = divide(operation)
    if later is not None and not newer:
        raise MalformedValueError(operation.table)
    if now is None:
        return operation
    table = synced_table(operation.table)
    assert table is not None
    kind = Kind.UPDATE if operation.kind is Kind.LOST else operation.kind
    fit = checked(table, replace(now, kind=kind)).values
    return replace(operation, values={**fit, **operation.values} if later is not None else fit)
