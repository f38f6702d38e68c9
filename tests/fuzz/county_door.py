"""The whole exchange at a real county, for what an enrolled device says: read, judged, kept and answered.

The village has a case, vouchers and photos by then; each try begins with the same database.
"""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from functools import cache
from uuid import NAMESPACE_OID, uuid5

import msgspec
from sqlalchemy import select

from county_server.sync.service import exchange
from county_server.tables import device_chain
from desktop_app.sync.outbox import freeze_all
from tests.exchange.examples import transaction
from tests.fuzz.content_doors import own_county, own_folder, own_laptop, own_link
from tests.fuzz.door import Door, Start
from tests.fuzz.mutations import changed_bytes, changed_message
from tests.ledger.books import post
from tests.relief.village import add_household, furnish, start_case, walk
from village_core.domain.relief.steps import StepKind
from village_core.exchange.batches import sign_batch, thaw_batch
from village_core.exchange.codec import DamagedMessageError, compress, decode_transactions, encode_transactions
from village_core.exchange.messages import PROTOCOL, SyncRequest, sign_request
from village_core.exchange.operations import Kind, Transaction


@cache
def _history() -> tuple[Transaction, ...]:
    """What the laptop did and the county has; the database is put aside as it is then."""
    one = own_laptop()
    furnish(one.workspace)
    walk(one.workspace, start_case(one.workspace, add_household(one.workspace)), until=StepKind.NOTICE_POSTED)
    post(one.workspace, ("101", 500_00), ("10201", -500_00))
    now = own_link()
    done = [thaw_batch(frozen.content) for frozen in freeze_all(one.workspace, now)]
    one.sync()
    one.county.engine.dispose()
    with sqlite3.connect(one.county.address) as county, sqlite3.connect(own_folder() / "as-it-was.db") as kept:
        county.backup(kept)
    return tuple(told for batch in done for told in batch.transactions)


def _begin_again() -> None:
    _history()
    county = own_county()
    county.engine.dispose()
    with sqlite3.connect(own_folder() / "as-it-was.db") as kept, sqlite3.connect(county.address) as now:
        kept.backup(now)


def _exchange(data: bytes) -> object:
    """The same twice: what is known gets the same answer."""
    _begin_again()
    county = own_county()
    answer = exchange(county.engine, data, clock=county.clock)
    again = exchange(county.engine, data, clock=county.clock)
    assert (answer.batch, answer.acked_seq) == (again.batch, again.acked_seq)
    return answer


@cache
def _place() -> tuple[int, bytes]:
    """Where the device's history ends at the county."""
    _begin_again()
    with own_county().engine.connect() as connection:
        column = device_chain.c
        found = connection.execute(select(column.last_seq, column.head).where(column.device == own_link().device)).one()
    return found.last_seq, bytes(found.head)


def _sent(plain: bytes) -> bytes:
    """In a batch that continues the history, signed, whatever its rows are."""
    seq, head = _place()
    try:
        count = sum(len(one.operations) for one in decode_transactions(plain))
    except DamagedMessageError:
        count = 2
    now = own_link()
    content = [own_laptop().workspace.village, now.device, now.incarnation, seq + 1, seq + count, head, 1, plain]
    batch = compress(msgspec.msgpack.encode(content))
    request = SyncRequest(
        PROTOCOL, now.device, now.incarnation, 1, seq, head[:8], 0, 1, batch=batch, signature=sign_batch(now.key, batch)
    )
    return sign_request(now.key, request)


def _fresh() -> list[bytes]:
    """Each transaction of the history once more: with rows of other ids, and as changes of the same rows."""
    seq, _ = _place()
    made = []
    for one in _history():
        numbered = [replace(operation, number=seq + at) for at, operation in enumerate(one.operations, start=1)]
        others = [replace(operation, row_id=uuid5(NAMESPACE_OID, str(operation.row_id))) for operation in numbered]
        changes = [replace(operation, kind=Kind.UPDATE) for operation in numbered]
        made += [encode_transactions([transaction(*some)]) for some in (others, changes)]
    return made


COUNTY_DOORS = {
    "exchange": Door(_exchange, (Start(changed_message, _fresh, _sent), Start(changed_bytes, _fresh, _sent))),
}
