"""Every door: messages of the exchange and files; and what stands in the modules beside."""

from __future__ import annotations

import io
from contextlib import suppress
from functools import cache
from itertools import pairwise
from typing import Any
from uuid import UUID

import msgspec
from nacl.signing import SigningKey
from pyrage import x25519
from sqlalchemy import Boolean, Date, Integer, Uuid

from desktop_app.sync.answers import read_answer
from desktop_app.sync.transport import read_url
from tests.exchange.examples import VILLAGE, arrive, insert, row, transaction, update
from tests.fuzz.content_doors import CONTENT_DOORS
from tests.fuzz.county_door import COUNTY_DOORS
from tests.fuzz.desk_doors import DESK_DOORS
from tests.fuzz.door import SAYS_NO, Door, Start
from tests.fuzz.file_doors import FILE_DOORS
from tests.fuzz.mutations import changed_bytes, changed_message
from village_core.exchange import messages, pieces
from village_core.exchange.batches import FIRST_LINK, Batch, freeze_batch, thaw_batch
from village_core.exchange.bisection import Level, TableClaim, VerifyRequest, compare_rows
from village_core.exchange.bundle import (
    SUITE,
    AnswerTo,
    Header,
    Kind,
    SnapshotAnswer,
    decode_device_message,
    open_part,
    write_part,
)
from village_core.exchange.chunks import ChunkReader, iterate_chunks, pack_chunks
from village_core.exchange.codec import (
    compress,
    decode_transactions,
    decompress,
    encode_transactions,
)
from village_core.exchange.contents import read_span
from village_core.exchange.journal_heads import (
    JournalAnswer,
    Place,
    ToldHead,
    pack_answer,
    pack_head,
    unpack_answer,
    unpack_head,
)
from village_core.exchange.merge import Verdict
from village_core.exchange.messages import Status, SyncAnswer, SyncRequest, VerdictEntry, encode, split_request
from village_core.exchange.operations import Operation, Transaction
from village_core.exchange.plan import Known
from village_core.exchange.receipts import SignedReceipt, check_code, unpack_receipt
from village_core.exchange.snapshot import Snapshot, read_snapshot, write_snapshot
from village_core.exchange.values import Value, data_columns
from village_core.records import Record

_KEY = SigningKey(bytes(range(32)))


# --- the exchange


@cache
def one_of_each() -> tuple[Transaction, ...]:
    """An insert into every table that travels, with values that fit, and an update of each."""
    made: list[Operation] = []
    for table in sorted(Record.metadata.tables.values(), key=lambda one: one.name):
        values: dict[str, Value] = {}
        for key, column in data_columns(table).items():
            name = str.__str__(key)
            values[name] = (
                False
                if isinstance(column.type, Boolean)
                else 1
                if isinstance(column.type, Integer)
                else row(1).bytes
                if isinstance(column.type, Uuid)
                else "2026-11-22"
                if isinstance(column.type, Date)
                else "{}"
                if name in ("payload", "body", "groups", "offered", "standing")
                else "1"
            )
        made.append(insert(len(made) + 1, str.__str__(table.name), row(1), **values))
        made.append(update(len(made) + 1, str.__str__(table.name), row(1), **dict(list(values.items())[:2])))
    return (transaction(*made[: len(made) // 2]), transaction(*made[len(made) // 2 :]))


def _few(number: int) -> list[bytes]:
    """Transactions of a table each, so that a mutation hits the rows rather than the frame."""
    operations = [one for made in one_of_each() for one in made.operations]
    return [
        encode_transactions([transaction(operations[at], operations[at + 1])])
        for at in range(0, len(operations) - 1, number)
    ]


def _plan(data: bytes) -> object:
    """What the county decides about it, the second time as well: a replay."""
    transactions = decode_transactions(data)
    known = Known()
    arrive(known, *transactions)
    return arrive(known, *transactions, first_number=10_000)


def _batch() -> bytes:
    return freeze_batch(Batch(VILLAGE, 1, 1, 1, 2, FIRST_LINK, 1, (transaction(*_two()),)))


def _two() -> tuple[Operation, ...]:
    return insert(1, "household", row(1), code="1", address="一社"), update(2, "household", row(1), address="二社")


def _answer() -> SyncAnswer:
    return SyncAnswer(
        Status.DONE, 1, 2, 9, False, True, 1, 1_700_000_000_000, bytes(32), operations=compress(_few(2)[0]), schema=1
    )


def _read_answer(data: bytes) -> object:
    return read_answer(messages.decode(data, SyncAnswer), None)


def _header() -> Header:
    return Header(
        SUITE, bytes(16), 1, 1, [str(_age().to_public())], VILLAGE, 1, 1, 1, 2, FIRST_LINK, 0, b"", 1, 1_700_000, 2
    )


@cache
def _age() -> x25519.Identity:
    return x25519.Identity.generate()


def _part(header: bytes, message: bytes) -> bytes:
    """A part whose header may say anything, locked and signed as it should be."""
    sink = io.BytesIO()
    shown = msgspec.Raw(header) if header else _header()
    recipients = [str(_age().to_public())]
    write_part(sink, Kind.TO_DEVICE, shown, messages=[message], contents=[], key=_KEY, locked_for=recipients)  # type: ignore[arg-type]
    return sink.getvalue()


def _open_part(data: bytes) -> object:
    part = open_part(io.BytesIO(data), Kind.TO_DEVICE, _age())
    return [decode_device_message(one) for one in part.messages]


def _rows_of_a_snapshot() -> list[bytes]:
    inserts = [one for made in one_of_each() for one in made.operations if one.kind == "I"]
    return [encode_transactions([transaction(*two)]) for two in pairwise(inserts)]


def _snapshot(plain: bytes) -> bytes:
    """Signed by the county, whatever is in it."""
    whole = write_snapshot(_KEY, Snapshot(VILLAGE, 9, 1, 1_700_000_000_000, bytes(32), (_two()[0],)))
    content = msgspec.msgpack.decode(decompress(whole[64:]))
    from village_core.exchange import snapshot as module
    from village_core.exchange.batches import hash_of

    packed = compress(msgspec.msgpack.encode([*content[:6], plain]))
    return bytes(_KEY.sign(module._CONTEXT + hash_of(packed)).signature) + packed


def _request() -> SyncRequest:
    return SyncRequest(1, 1, 1, 1, 0, b"", 0, 1_700_000_000_000, batch=_batch(), signature=bytes(64))


def _verify_request() -> VerifyRequest:
    claim = TableClaim("person", bytes(16), [1, 2], bytes(32), bytes(16))
    return VerifyRequest(1, 1, 1, 1, 0, 0, Level.ROWS, [claim])


def _read_verify(data: bytes) -> object:
    request, _, _ = split_request(data, VerifyRequest)
    return [compare_rows(claim, {UUID(int=1): bytes(32)}) for claim in request.tables]


def _words_of_headers(data: bytes) -> object:
    """Tickets, spans, addresses: everything that is text."""
    text = data.decode("utf-8", "surrogateescape")
    found: list[object] = []
    for read in (
        messages.read_blob_ticket,
        pieces.read_ticket,
        pieces.read_span,
        pieces.read_total,
        read_url,
        lambda one: read_span("a" * 64, one, "0-1"),
        lambda one: read_span("a" * 64, "10000", one),
    ):
        try:
            found.append(read(text))
        except SAYS_NO:
            continue
    return found


def _small_packets(data: bytes) -> object:
    """What is packed within other messages; these say None where it is none."""
    found: list[object] = [unpack_head(data), unpack_answer(data), check_code(data)]
    for read in (unpack_receipt, lambda one: list(ChunkReader(12_000, 0, 2).feed(one))):
        with suppress(*SAYS_NO):
            found.append(read(data))
    return found


def _packets() -> list[bytes]:
    head = ToldHead(Place(7, 9), bytes(10), Place(5, 6), bytes(10))
    receipt = SignedReceipt(b"what it says", bytes(64))
    chunks = pack_chunks(iterate_chunks(bytes(12_000)))
    return [
        pack_head(head),
        pack_answer(JournalAnswer.TELL_FROM_HERE, head.place),
        msgspec.msgpack.encode(receipt),
        chunks,
    ]


def _message(message: Any, tail: bytes = b"") -> Start:
    return Start(changed_message, lambda: [msgspec.msgpack.encode(message)], lambda plain: plain + tail)


def _with_answer(plain: bytes) -> bytes:
    return encode(msgspec.structs.replace(_answer(), operations=compress(plain)))


def _plain_answer(plain: bytes) -> bytes:
    return b"\x00" + plain


DOORS: dict[str, Door] = {
    "transactions": Door(
        decode_transactions,
        (
            Start(changed_message, lambda: [encode_transactions(one_of_each())]),
            Start(changed_bytes, lambda: _few(2)),
        ),
    ),
    "plan": Door(_plan, (Start(changed_message, lambda: _few(2)),)),
    "batch": Door(
        thaw_batch,
        (
            Start(changed_message, lambda: [decompress(_batch())], compress),
            Start(changed_bytes, lambda: [_batch(), compress(b"")]),
        ),
    ),
    "request": Door(lambda data: split_request(data, SyncRequest), (_message(_request(), bytes(64)),)),
    "verify-request": Door(_read_verify, (_message(_verify_request(), bytes(64)),)),
    "answer": Door(
        _read_answer,
        (
            Start(changed_message, lambda: [msgspec.msgpack.encode(_answer())], _plain_answer),
            Start(changed_message, lambda: _few(2), _with_answer),
            Start(changed_bytes, lambda: [encode(_answer())]),
        ),
    ),
    "verdicts": Door(
        lambda data: messages.decode(data, messages.BatchAnswer),
        (
            Start(
                changed_message,
                lambda: [
                    msgspec.msgpack.encode(messages.BatchAnswer([(1, 1)], [VerdictEntry(1, Verdict.HELD, {"a": 1})]))
                ],
                _plain_answer,
            ),
        ),
    ),
    "snapshot": Door(
        lambda data: read_snapshot(data, _KEY.verify_key), (Start(changed_message, _rows_of_a_snapshot, _snapshot),)
    ),
    "bundle": Door(
        _open_part,
        (
            Start(changed_message, lambda: [msgspec.msgpack.encode(_header())], lambda plain: _part(plain, b"")),
            Start(
                changed_message,
                lambda: [msgspec.msgpack.encode(AnswerTo(1, 1, 1, bytes(32), encode(_answer())))],
                lambda plain: _part(b"", b"\x01" + plain),
            ),
            Start(
                changed_message,
                lambda: [msgspec.msgpack.encode(SnapshotAnswer(1, 1, 1, b"", encode(_answer()), b"a snapshot"))],
                lambda plain: _part(b"", b"\x03" + plain),
            ),
            Start(changed_bytes, lambda: [_part(b"", b"")]),
        ),
    ),
    "text": Door(
        _words_of_headers,
        (
            Start(
                changed_bytes,
                lambda: [b"1." + b"ab" * 64, b"bytes=0-99", b"bytes 0-9/100", b"https://a.cn:8443/x", b"0-9"],
            ),
        ),
    ),
    "packets": Door(
        _small_packets,
        (Start(changed_bytes, _packets),),
    ),
    **FILE_DOORS,
    **DESK_DOORS,
    **CONTENT_DOORS,
    **COUNTY_DOORS,
}
