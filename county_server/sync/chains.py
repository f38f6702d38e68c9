"""The histories of a device: how far each one is known here, and the batches that it came in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, bindparam, func, insert, select, update

from county_server.auth.devices import KnownDevice, was_another
from county_server.tables import batch, device_chain
from village_core.domain.clock import Clock, stamp
from village_core.exchange.batches import FIRST_LINK, Batch, hash_of
from village_core.exchange.messages import SyncRequest


@dataclass(frozen=True)
class Chain:
    """The last operation and the hash of the last batch of a history."""

    last_seq: int
    head: bytes


def find_chain(connection: Connection, sender: KnownDevice, incarnation: int) -> Chain | None:
    """The history under this incarnation."""
    row = connection.execute(_CHAIN, _place(sender, incarnation)).first()
    return Chain(row.last_seq, row.head) if row is not None else None


def may_repeat(connection: Connection, sender: KnownDevice, arriving: Batch) -> bool:
    """Whether the batch may bring what came under another number: of another history of this laptop (it may also be
    a file of the first one that lay about while the second went on), of the time before it was enrolled, or of a
    number that it had before."""
    alone = arriving.first_seq <= sender.alone_until
    return alone or newest_incarnation(connection, sender) > 1 or was_another(connection, sender)


def begin_chain(connection: Connection, sender: KnownDevice, incarnation: int, *, last_seq: int, clock: Clock) -> Chain:
    """A new history, the first batch of which begins behind `last_seq`."""
    row = {
        "village": sender.village,
        "device": sender.number,
        "incarnation": incarnation,
        "last_seq": last_seq,
        "head": FIRST_LINK,
        "begun_at": stamp(clock),
    }
    connection.execute(_BEGIN, row)
    return Chain(last_seq, FIRST_LINK)


def newest_incarnation(connection: Connection, sender: KnownDevice) -> int:
    """The incarnation of the device's last history; 0 when it has none."""
    return connection.scalar(_NEWEST, {"of": sender.village, "from": sender.number}) or 0


def settled_answer(connection: Connection, sender: KnownDevice, request: SyncRequest, arriving: Batch) -> bytes | None:
    """The answer to this very batch, if it came before."""
    place = _place(sender, arriving.incarnation) | {"first": arriving.first_seq}
    row = connection.execute(_SETTLED, place).first()
    if row is None or row.hash != hash_of(request.batch):
        return None
    answer: bytes = row.answer
    return answer


def extend_chain(
    connection: Connection, sender: KnownDevice, request: SyncRequest, arriving: Batch, *, answer: bytes, clock: Clock
) -> Chain:
    """The history goes on with a batch; it is kept with its answer, word for word."""
    chain = Chain(arriving.last_seq, hash_of(request.batch))
    row = {
        "village": sender.village,
        "device": sender.number,
        "incarnation": arriving.incarnation,
        "first_seq": arriving.first_seq,
        "last_seq": arriving.last_seq,
        "hash": chain.head,
        "content": request.batch,
        "signature": request.signature,
        "answer": answer,
        "received_at": stamp(clock),
    }
    connection.execute(_KEEP_BATCH, row)
    connection.execute(_EXTEND, _place(sender, arriving.incarnation) | {"newest": chain.last_seq, "end": chain.head})
    return chain


def _place(sender: KnownDevice, incarnation: int) -> dict[str, object]:
    return {"of": sender.village, "from": sender.number, "under": incarnation}


def _here(table: Table) -> tuple[ColumnElement[bool], ...]:
    return (
        table.c.village == bindparam("of"),
        table.c.device == bindparam("from"),
        table.c.incarnation == bindparam("under"),
    )


# Built once: every turn asks most of these, and building one costs four times as much as asking it.
_CHAIN = select(device_chain.c.last_seq, device_chain.c.head).where(*_here(device_chain))
_BEGIN = insert(device_chain)
_NEWEST = select(func.max(device_chain.c.incarnation)).where(
    device_chain.c.village == bindparam("of"), device_chain.c.device == bindparam("from")
)
_SETTLED = select(batch.c.hash, batch.c.answer).where(*_here(batch), batch.c.first_seq == bindparam("first"))
_KEEP_BATCH = insert(batch)
_EXTEND = update(device_chain).where(*_here(device_chain)).values(last_seq=bindparam("newest"), head=bindparam("end"))
