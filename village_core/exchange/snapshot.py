"""A snapshot: all rows of a village as they stood at one number, signed by the county, for ever the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import msgspec
from nacl.signing import SigningKey, VerifyKey

from village_core.exchange.batches import hash_of, verify
from village_core.exchange.codec import (
    NO_MESSAGE,
    DamagedMessageError,
    compress,
    decode_transactions,
    decompress,
    encode_transactions,
)
from village_core.exchange.operations import COUNTY_DEVICE, Kind, Operation, Transaction

SIGNATURE_BYTES = 64
_CONTEXT = b"tiangeng snapshot 1\0"
_FORMAT = 1


class _Content(msgspec.Struct, array_like=True, frozen=True):
    format: int
    village: str
    number: int
    schema: int
    time: int
    root: bytes
    rows: bytes
    mark: bytes = b""


@dataclass(frozen=True)
class Snapshot:
    """`rows` are inserts, those that others refer to first; `root` is the village's digest over them; `time` is in
    milliseconds since 1970; `mark` is what stands at `number` (see `milestones`), b'' from an older county."""

    village: str
    number: int
    schema: int
    time: int
    root: bytes
    rows: tuple[Operation, ...]
    mark: bytes = b""


def write_snapshot(key: SigningKey, snapshot: Snapshot) -> bytes:
    """The signed file."""
    content = _Content(
        _FORMAT,
        snapshot.village,
        snapshot.number,
        snapshot.schema,
        snapshot.time,
        snapshot.root,
        encode_transactions([_as_transaction(snapshot)] if snapshot.rows else []),
        snapshot.mark,
    )
    packed = compress(msgspec.msgpack.encode(content))
    return bytes(key.sign(_CONTEXT + hash_of(packed)).signature) + packed


def read_snapshot(data: bytes, key: VerifyKey) -> Snapshot:
    """What the county signed; `DamagedMessageError` for anything else. Values are still to be checked."""
    signature, packed = data[:SIGNATURE_BYTES], data[SIGNATURE_BYTES:]
    if not verify(key, _CONTEXT + hash_of(packed), signature):
        raise DamagedMessageError("not signed by the county")
    try:
        content = msgspec.msgpack.decode(decompress(packed), type=_Content)
    except NO_MESSAGE as error:
        raise DamagedMessageError(str(error)) from error
    rows = tuple(one for transaction in decode_transactions(content.rows) for one in transaction.operations)
    if content.format != _FORMAT or any(one.kind is not Kind.INSERT for one in rows):
        raise DamagedMessageError("an unknown format")
    return Snapshot(content.village, content.number, content.schema, content.time, content.root, rows, content.mark)


def _as_transaction(snapshot: Snapshot) -> Transaction:
    return Transaction(
        origin=COUNTY_DEVICE,
        clock=snapshot.time << 16,
        actor=UUID(int=0),
        reason="",
        base=snapshot.number,
        schema=snapshot.schema,
        operations=tuple(snapshot.rows),
    )
