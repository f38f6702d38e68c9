"""What this laptop did and the county has not confirmed: frozen into a batch before it is sent the first time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, insert, select

from desktop_app.storage.problems import explained
from desktop_app.storage.workspace import Workspace
from desktop_app.sync.based import based_on_what_is
from desktop_app.sync.state import CountyLink
from village_core.exchange.batches import Batch, freeze_batch, hash_of, sign_batch
from village_core.exchange.change_log import SCHEMA_VERSION
from village_core.exchange.local_tables import frozen_batch
from village_core.exchange.operations import read_own_transactions

BATCH_TEXT = 1_200_000
"""About this much text of the change log in one batch (120 KB compressed); a larger transaction goes alone."""

# Built once, since every turn asks them. `most` -1 is no limit.
_FREEZE = insert(frozen_batch)
_FROZEN = select(frozen_batch).order_by(frozen_batch.c.first_seq).limit(bindparam("most"))
_LET_GO = delete(frozen_batch).where(frozen_batch.c.last_seq <= bindparam("until"))
_NEWEST = "SELECT max(device_seq) FROM change_log"
_NO_END = (1 << 62) - 1


@dataclass(frozen=True)
class FrozenBatch:
    """The very bytes that travel, and travel again until they are answered."""

    incarnation: int
    first_seq: int
    last_seq: int
    hash: bytes
    content: bytes
    signature: bytes


def freeze_next(workspace: Workspace, link: CountyLink, *, size_limit: int = BATCH_TEXT) -> FrozenBatch | None:
    """The first batch that is on its way, or a new one over what waits; None when nothing does."""
    with explained(), workspace.engine.connect() as connection:
        frozen = find_frozen(connection)
        if frozen is not None or count_waiting(connection, link.acked_seq) == 0:
            return frozen
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        return find_frozen(connection) or _freeze(
            connection, workspace.village, link, after=link.acked_seq, previous=link.head, size_limit=size_limit
        )


def freeze_all(workspace: Workspace, link: CountyLink, *, size_limit: int = BATCH_TEXT) -> tuple[FrozenBatch, ...]:
    """Everything that waits, as a chain of batches: those on their way first. A file takes all of them at once."""
    with explained(), workspace.engine.execution_options(write=True).begin() as connection:
        chain = list_frozen(connection)
        while count_waiting(connection, after := chain[-1].last_seq if chain else link.acked_seq):
            previous = chain[-1].hash if chain else link.head
            chain.append(
                _freeze(connection, workspace.village, link, after=after, previous=previous, size_limit=size_limit)
            )
    return tuple(chain)


def _freeze(
    connection: Connection, village: str, link: CountyLink, *, after: int, previous: bytes, size_limit: int
) -> FrozenBatch:
    transactions = based_on_what_is(connection, read_own_transactions(connection, after=after, size_limit=size_limit))
    operations = [operation for one in transactions for operation in one.operations]
    batch = Batch(
        village=village,
        device=link.device,
        incarnation=link.incarnation,
        first_seq=operations[0].number,
        last_seq=operations[-1].number,
        previous=previous,
        schema=SCHEMA_VERSION,
        transactions=transactions,
    )
    content = freeze_batch(batch)
    signature = sign_batch(link.key, content)
    row = {
        "incarnation": batch.incarnation,
        "first_seq": batch.first_seq,
        "last_seq": batch.last_seq,
        "hash": hash_of(content).hex(),
        "content": content,
        "signature": signature,
    }
    connection.execute(_FREEZE, row)
    return FrozenBatch(batch.incarnation, batch.first_seq, batch.last_seq, hash_of(content), content, signature)


def find_frozen(connection: Connection) -> FrozenBatch | None:
    """The batch that goes next."""
    return next(iter(list_frozen(connection, most=1)), None)


def list_frozen(connection: Connection, *, most: int | None = None) -> list[FrozenBatch]:
    """The batches on their way, in the order of their chain."""
    rows = connection.execute(_FROZEN, {"most": -1 if most is None else most})
    return [
        FrozenBatch(row.incarnation, row.first_seq, row.last_seq, bytes.fromhex(row.hash), row.content, row.signature)
        for row in rows
    ]


def let_go(connection: Connection, *, last_seq: int | None = None) -> None:
    """Batches up to `last_seq` were answered; without it: their history is no longer the one that goes on."""
    connection.execute(_LET_GO, {"until": _NO_END if last_seq is None else last_seq})


def count_waiting(connection: Connection, acked_seq: int) -> int:
    """How many changes made here the county has not confirmed."""
    newest = connection.exec_driver_sql(_NEWEST).scalar()
    return max((newest or 0) - acked_seq, 0)
